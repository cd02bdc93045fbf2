// `minnow completion`.
#include "client/completion.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <sstream>

#include "common/cli/command_line.h"
#include "common/report/output.h"
#include "common/text.h"

namespace minnow::client {
namespace {

// What the scripts call: `minnow completion candidates -- WORD...` prints a line for each candidate, with its help
// behind a tab, and a last line ":", ":files" or ":goes-on".
constexpr std::string_view kCandidates = "candidates";

constexpr std::string_view kBash = R"sh(# Completion of minnow in bash.
_minnow() {
  local word=${COMP_WORDS[COMP_CWORD]} line value last=:
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :* ]]; then
      last=$line
      continue
    fi
    value=${line%%$'\t'*}
    # Within quotes that are open already, readline writes the value as it is.
    if [[ $word != [\"\']* && $value == *[^A-Za-z0-9_./,=@%+-]* ]]; then printf -v value %q "$value"; fi
    COMPREPLY+=("$value")
  done < <("${COMP_WORDS[0]/#\~/$HOME}" completion candidates -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  case $last in
    :files) compopt -o default ;;
    :goes-on) compopt -o nospace ;;
  esac
}
complete -F _minnow minnow
)sh";

constexpr std::string_view kZsh = R"sh(#compdef minnow
# Completion of minnow in zsh.
_minnow() {
  local line value last=:
  local -a values lines
  for line in ${(f)"$(${~words[1]} completion candidates -- "${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
    if [[ $line == :* ]]; then
      last=$line
      continue
    fi
    value=${line%%$'\t'*}
    values+=("$value")
    if [[ $line == *$'\t'?* ]]; then lines+=("${(r:24:)value} ${line#*$'\t'}"); else lines+=("$value"); fi
  done
  case $last in
    :files) _files ;;
    :goes-on) compadd -S '' -l -d lines -a values ;;
    *) compadd -l -d lines -a values ;;
  esac
}
if [[ ${funcstack[1]} == _minnow ]]; then _minnow "$@"; else compdef _minnow minnow; fi
)sh";

void PrintCandidates(const Completed& completed, std::ostream& out) {
  for (const Candidate& candidate : completed.candidates) {
    out << candidate.value << (candidate.help.empty() ? "" : "\t" + candidate.help) << "\n";
  }
  out << (completed.files ? ":files\n" : completed.goes_on ? ":goes-on\n" : ":\n");
}

// A word as the shell would take it: without quotes and backslashes, of which the last quote may still be open.
std::string Unquoted(std::string_view word) {
  std::string text;
  char quote = 0;
  for (size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && i + 1 < word.size()) {
      text += word[++i];
    } else {
      text += c;
    }
  }
  return text;
}

// bash takes --flag=value for three words. All of the rest of this is about words without quotes.
std::vector<std::string> Normal(const std::vector<std::string>& written) {
  std::vector<std::string> words;
  for (size_t i = 0; i < written.size(); ++i) {
    const bool last = i + 1 == written.size();
    if (written[i] == "=" && i > 0 && written[i - 1].starts_with("--")) {
      if (last) words.emplace_back();
      continue;
    }
    words.push_back(Unquoted(written[i]));
  }
  return words;
}

std::vector<Described> DescribedBy(const Command& command) {
  std::ostringstream text;
  std::ostringstream nothing;
  Console console = {.out = text, .err = nothing};
  if (!command.run({kDescribeFlags}, console).ok()) return {};
  std::vector<Described> items;
  const std::string lines = text.str();
  for (std::string_view line : Split(lines, '\n')) {
    const std::vector<std::string_view> parts = Split(line, '\t');
    if (parts.size() != 3) continue;
    items.push_back({std::string(parts[0]), std::string(parts[1]), std::string(parts[2])});
  }
  return items;
}

const Described* FlagCalled(const std::vector<Described>& items, std::string_view name) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const Described& item) {
    return item.name.starts_with('-') && item.name == name;
  });
  return found == items.end() ? nullptr : &*found;
}

bool TakesValue(const Described* flag) { return flag != nullptr && !flag->value.empty(); }

void FindArguments(LineSoFar& line) {
  for (size_t i = 0; i < line.words.size(); ++i) {
    const std::string& word = line.words[i];
    if (!word.starts_with('-') || word == "-") {
      line.arguments.push_back(word);
    } else if (TakesValue(FlagCalled(line.described, word))) {
      ++i;
    }
  }
}

Completed Commands(std::string_view word) {
  Completed completed;
  for (const Command& command : AllCommands()) {
    completed.candidates.push_back({std::string(command.name), std::string(command.summary)});
  }
  completed.candidates.push_back({"help", "explain a command"});
  if (!word.starts_with('-')) return completed;
  return {.candidates = {{"--help", "list the commands"}, {"--version", "print the version"}}};
}

// Those that are not on the line yet.
Completed Flags(const LineSoFar& line) {
  Completed completed;
  for (const Described& item : line.described) {
    if (!item.name.starts_with('-')) continue;
    if (std::find(line.words.begin(), line.words.end(), item.name) != line.words.end()) continue;
    completed.candidates.push_back({item.name, item.help});
  }
  completed.candidates.push_back({"--help", "explain the command"});
  return completed;
}

// The argument that comes next; the last may be there again where its name ends in dots.
const Described* NextArgument(const LineSoFar& line) {
  const Described* last = nullptr;
  size_t left = line.arguments.size();
  for (const Described& item : line.described) {
    if (item.name.starts_with('-')) continue;
    last = &item;
    if (left-- == 0) return last;
  }
  return last != nullptr && last->value.ends_with("...") ? last : nullptr;
}

Completed ForCommand(const LineSoFar& line, const std::string& word) {
  const Described* before = line.words.empty() ? nullptr : FlagCalled(line.described, line.words.back());
  if (TakesValue(before)) return ValuesFor(*before, line, word);
  if (const size_t equals = word.find('='); word.starts_with("--") && equals != std::string::npos) {
    const Described* flag = FlagCalled(line.described, word.substr(0, equals));
    if (!TakesValue(flag)) return {};
    Completed completed = ValuesFor(*flag, line, word.substr(equals + 1));
    for (Candidate& candidate : completed.candidates) candidate.value.insert(0, word, 0, equals + 1);
    return completed;
  }
  const Described* argument = NextArgument(line);
  if (word.starts_with('-') || argument == nullptr) return Flags(line);
  return ValuesFor(*argument, line, word);
}

// Those that begin with what is written, each on a line of its own.
void KeepMatching(const std::string& word, std::vector<Candidate>& candidates) {
  std::erase_if(candidates, [&](const Candidate& candidate) {
    return !candidate.value.starts_with(word) || candidate.value != Printable(candidate.value);
  });
  for (Candidate& candidate : candidates) candidate.help = Printable(candidate.help);
}

}  // namespace

std::string LineSoFar::ValueOf(std::string_view flag) const {
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == flag && i + 1 < words.size()) return words[i + 1];
    if (words[i].starts_with(std::string(flag) + "=")) return words[i].substr(flag.size() + 1);
  }
  return "";
}

Completed Complete(const std::vector<std::string>& written) {
  std::vector<std::string> words = Normal(written);
  if (words.empty()) words.emplace_back();
  const std::string word = words.back();
  words.pop_back();
  Completed completed;
  if (words.empty() || (words.size() == 1 && words[0] == "help")) {
    completed = Commands(word);
  } else {
    LineSoFar line;
    for (const Command& command : AllCommands()) {
      if (command.name == words[0]) line.command = &command;
    }
    if (line.command == nullptr) return {};
    line.described = DescribedBy(*line.command);
    line.words.assign(words.begin() + 1, words.end());
    FindArguments(line);
    completed = ForCommand(line, word);
  }
  KeepMatching(word, completed.candidates);
  return completed;
}

absl::StatusOr<ExitCode> Completion(const Arguments& arguments, Console& console) {
  if (arguments.size() >= 2 && arguments[0] == kCandidates && arguments[1] == "--") {
    PrintCandidates(Complete(Arguments(arguments.begin() + 2, arguments.end())), console.out);
    return ExitCode::kDone;
  }
  CommandLine line("completion", "bash|zsh",
                   "Prints what makes the shell complete the commands of minnow, their flags and values, the columns "
                   "of your table and the names of your jobs.",
                   {"minnow completion bash > ~/.local/share/bash-completion/completions/minnow",
                    "source <(minnow completion bash)     # in this shell alone",
                    "minnow completion zsh > ~/.zfunc/_minnow     # with fpath+=~/.zfunc before compinit in ~/.zshrc"});
  std::optional<std::string> shell;
  line.Argument("SHELL", "bash or zsh", &shell);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;
  if (shell && *shell != "bash" && *shell != "zsh") {
    return absl::InvalidArgumentError(
        fmt::format("there is completion for bash and zsh, not for \"{}\"; write one of the two", *shell));
  }
  if (!shell) {
    return absl::InvalidArgumentError("the shell is missing; write for example \"minnow completion bash\"");
  }
  console.out << (*shell == "bash" ? kBash : kZsh);
  return ExitCode::kDone;
}

}  // namespace minnow::client
