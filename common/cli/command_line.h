// The words of one command: what it takes, and its `--help`.
#ifndef MINNOW_COMMON_CLI_COMMAND_LINE_H_
#define MINNOW_COMMON_CLI_COMMAND_LINE_H_

#include <deque>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace CLI {
class App;
}

namespace minnow {

// Splits the arguments of a command into values, as text; what a value means is for its reader to say. Declare first,
// then Parse once; the places that values go to must live until then.
class CommandLine {
 public:
  // The words of `program name`; a program that has no commands has an empty `name`. `usage` is what follows:
  // "JOB [flags]". `examples` are whole commands.
  CommandLine(const std::string& name, std::string usage, std::string summary, std::vector<std::string> examples,
              const std::string& program = "minnow");
  ~CommandLine();

  // Flags declared from here on stand under this title in the help.
  void Group(std::string title);
  void Argument(std::string name, std::string help, std::optional<std::string>* value);
  // As many words as are given.
  void Arguments(std::string name, std::string help, std::vector<std::string>* values);
  // `flag` without its dashes: two, or one before a single letter.
  void Value(std::string flag, std::string value_name, std::string help, std::optional<std::string>* value);
  void Switch(std::string flag, std::string help, bool* value);

  // False: help, or with kDescribeFlags the lines of DescribeFlags, was asked for and has been written to `out`.
  // InvalidArgument names a flag that is unknown (with the
  // nearest known one), given twice or without its value, a switch with one, and an argument too many.
  absl::StatusOr<bool> Parse(const std::vector<std::string>& arguments, std::ostream& out);

  std::string Help() const;
  // What Help lists, for the completion of words: a line for each argument and flag, with its name, what its value is
  // called (empty: a switch), and its help, separated by tabs.
  std::string DescribeFlags() const;

 private:
  struct Item {
    std::string name;   // "--units"; of an argument "JOB"
    std::string label;  // "--units LIST"
    std::string help;
    std::string group;
    std::optional<std::string>* value = nullptr;
    std::vector<std::string>* values = nullptr;  // in place of `value` where words may repeat
    std::vector<std::string> given;
    bool is_switch = false;
  };

  absl::Status CheckSwitches(const std::vector<std::string>& arguments) const;
  absl::Status TakeValues();
  absl::Status CheckRemaining() const;

  std::string words_;  // "minnow run", "minnow-server"
  std::string usage_;
  std::string summary_;
  std::vector<std::string> examples_;
  std::string group_ = "Flags";
  std::unique_ptr<CLI::App> app_;
  std::deque<Item> items_;  // CLI11 keeps their addresses
};

// Given alone, makes Parse describe the flags. For completion alone, so that it stands in no help.
inline constexpr char kDescribeFlags[] = "--describe-flags";

// The text in lines of at most `width` columns, all but the first indented by `indent`.
std::string Wrapped(const std::string& text, int indent, int width);

}  // namespace minnow

#endif  // MINNOW_COMMON_CLI_COMMAND_LINE_H_
