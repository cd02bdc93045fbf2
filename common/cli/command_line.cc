#include "common/cli/command_line.h"

#include <spdlog/fmt/fmt.h>

#include <CLI/CLI.hpp>

#include "common/names.h"
#include "common/text.h"

namespace minnow {
namespace {

constexpr int kHelpColumn = 27;
constexpr int kHelpWidth = 110;

}  // namespace

CommandLine::CommandLine(const std::string& name, std::string usage, std::string summary,
                         std::vector<std::string> examples, const std::string& program)
    : words_(name.empty() ? program : program + " " + name),
      usage_(std::move(usage)),
      summary_(std::move(summary)),
      examples_(std::move(examples)),
      app_(std::make_unique<CLI::App>()) {
  // What is left over is judged in CheckRemaining, whose messages help more.
  app_->allow_extras();
}

CommandLine::~CommandLine() = default;

void CommandLine::Group(std::string title) { group_ = std::move(title); }

void CommandLine::Argument(std::string name, std::string help, std::optional<std::string>* value) {
  Item& item = items_.emplace_back(Item{name, name, std::move(help), "Arguments", value, nullptr, {}, false});
  app_->add_option(name, item.given)->expected(1)->allow_extra_args(false);
}

void CommandLine::Arguments(std::string name, std::string help, std::vector<std::string>* values) {
  Item& item = items_.emplace_back(Item{name, name + "...", std::move(help), "Arguments", nullptr, values, {}, false});
  app_->add_option(name, item.given)->expected(-1);
}

void CommandLine::Value(std::string flag, std::string value_name, std::string help, std::optional<std::string>* value) {
  const std::string name = (flag.size() == 1 ? "-" : "--") + flag;
  Item& item =
      items_.emplace_back(Item{name, name + " " + value_name, std::move(help), group_, value, nullptr, {}, false});
  app_->add_option(name, item.given)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void CommandLine::Switch(std::string flag, std::string help, bool* value) {
  const std::string name = "--" + flag;
  items_.push_back(Item{name, name, std::move(help), group_, nullptr, nullptr, {}, /*is_switch=*/true});
  app_->add_flag(name, *value);
}

absl::StatusOr<bool> CommandLine::Parse(const std::vector<std::string>& arguments, std::ostream& out) {
  if (arguments == std::vector<std::string>{kDescribeFlags}) {
    out << DescribeFlags();
    return false;
  }
  if (absl::Status status = CheckSwitches(arguments); !status.ok()) return status;
  try {
    // CLI11 takes words from the back.
    app_->parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    out << Help();
    return false;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string message = error.what();
    return absl::InvalidArgumentError(message.substr(0, message.find(':')) + " needs a value");
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
  if (absl::Status status = CheckRemaining(); !status.ok()) return status;
  if (absl::Status status = TakeValues(); !status.ok()) return status;
  return true;
}

// CLI11 would read a value of its own kind: no, off, 3.
absl::Status CommandLine::CheckSwitches(const std::vector<std::string>& arguments) const {
  for (const std::string& word : arguments) {
    if (word == "--") break;
    for (const Item& item : items_) {
      if (item.is_switch && word.starts_with(item.name + "=")) {
        return absl::InvalidArgumentError(
            fmt::format("\"{}\": {} takes no value; write {} or leave it out", word, item.name, item.name));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CommandLine::TakeValues() {
  for (Item& item : items_) {
    if (item.values != nullptr) *item.values = item.given;
    if (item.given.empty() || item.value == nullptr) continue;
    if (item.given.size() > 1) {
      return absl::InvalidArgumentError(
          fmt::format("{} is given twice (\"{}\" and \"{}\"); give it once, values of a list separated by commas",
                      item.name, item.given[0], item.given[1]));
    }
    if (item.given[0].starts_with("--")) {
      return absl::InvalidArgumentError(
          fmt::format("{} needs a value, but \"{}\" follows it", item.name, item.given[0]));
    }
    *item.value = item.given[0];
  }
  return absl::OkStatus();
}

absl::Status CommandLine::CheckRemaining() const {
  const std::vector<std::string> remaining = app_->remaining();
  if (remaining.empty()) return absl::OkStatus();
  for (const std::string& word : remaining) {
    if (!word.starts_with('-') || word.size() < 2) continue;
    const std::string flag = word.substr(0, word.find('='));
    const size_t letters = flag.find_first_not_of('-');
    if (letters == std::string::npos) {
      return absl::InvalidArgumentError(fmt::format("\"{}\" is no flag; \"{} --help\" lists them", word, words_));
    }
    std::vector<std::string_view> known = {"help"};
    for (const Item& item : items_) {
      if (item.name.starts_with("--")) known.push_back(std::string_view(item.name).substr(2));
    }
    const std::string_view nearest = NearestName(flag.substr(letters), known);
    return absl::InvalidArgumentError(fmt::format("unknown flag \"{}\"{}; \"{} --help\" lists them", flag,
                                                  nearest.empty() ? "" : fmt::format("; did you mean --{}?", nearest),
                                                  words_));
  }
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is one argument too many for \"{} {}\"; quote a value with blanks, separate a list by commas",
                  remaining[0], words_, usage_));
}

std::string CommandLine::Help() const {
  std::string text = Wrapped(summary_, 0, kHelpWidth) + "\n\nExamples:\n";
  for (const std::string& example : examples_) text += "  " + example + "\n";
  text += "\nUsage: " + words_ + " " + usage_ + "\n";
  std::string group;
  for (const Item& item : items_) {
    if (item.group != group) text += "\n" + item.group + ":\n";
    group = item.group;
    std::string left = fmt::format("  {:<{}}", item.label, kHelpColumn - 2);
    if (static_cast<int>(left.size()) > kHelpColumn || left.back() != ' ') {
      left += "\n" + std::string(kHelpColumn, ' ');
    }
    text += left + Wrapped(item.help, kHelpColumn, kHelpWidth - kHelpColumn) + "\n";
  }
  return text;
}

std::string CommandLine::DescribeFlags() const {
  std::string text;
  for (const Item& item : items_) {
    const bool is_flag = item.name.starts_with('-');
    const std::string value = is_flag && !item.is_switch ? item.label.substr(item.name.size() + 1) : "";
    text += fmt::format("{}\t{}\t{}\n", item.name, is_flag ? value : item.label, item.help);
  }
  return text;
}

std::string Wrapped(const std::string& text, int indent, int width) {
  std::string wrapped;
  int column = 0;
  for (std::string_view word : Split(text, ' ')) {
    const int length = static_cast<int>(word.size());
    if (column > 0 && column + 1 + length > width) {
      wrapped += "\n" + std::string(indent, ' ');
      column = 0;
    }
    if (column > 0) wrapped += ' ';
    column += length + (column > 0 ? 1 : 0);
    wrapped += word;
  }
  return wrapped;
}

}  // namespace minnow
