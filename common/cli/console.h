// Where a command writes, and how it ends.
#ifndef MINNOW_COMMON_CLI_CONSOLE_H_
#define MINNOW_COMMON_CLI_CONSOLE_H_

#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace minnow {

// What scripts rely on.
enum class ExitCode {
  kDone = 0,
  kFailed = 1,
  kBadInput = 2,       // the message names the value at fault and the fix
  kNotGoodEnough = 3,  // the search ended; no network is good enough, or none was confirmed
  kBudgetSpent = 4,    // the budget was spent before an answer was settled
  kInterrupted = 130,  // by a signal, as shells count it
};

// Results go to `out`, talk and progress to `err`.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool err_is_terminal = false;  // progress may rewrite its line
  bool out_is_terminal = false;  // bytes that are not text are not for it
  bool color = false;            // `out` is to have colours
  bool err_color = false;        // the same of `err`
  bool err_moves = false;        // a terminal whose cursor can be moved: several lines may be rewritten
  // Width and height of that terminal now: it may be resized at any time.
  std::function<int()> err_columns = [] { return 80; };
  std::function<int()> err_lines = [] { return 24; };
  std::istream* in = nullptr;  // where a person answers questions that stand in `err`; null: nobody is there
};

// Of this process: stdout and stderr.
Console StandardConsole();

// Whether a stream that is a terminal, or is not, is to have colours: NO_COLOR (https://no-color.org) switches them
// off, CLICOLOR_FORCE on wherever the output goes, CLICOLOR=0 and TERM=dumb off (https://bixense.com/clicolors), in
// this order. `variable` is getenv.
bool WantsColor(bool is_terminal, const std::function<const char*(const char*)>& variable);

// `text`, bold where the console shows colours.
std::string Bold(const Console& console, std::string_view text);

// The exit code of a command that ended with this error: kBadInput when the person can mend it by asking for something
// else, kFailed otherwise. Commands that know better say so by the code of the error.
ExitCode ExitCodeOf(const absl::Status& error);

// The error as one whose exit code is kBadInput: nothing was begun, not even on a full disk.
absl::Status AsBadInput(const absl::Status& error);

}  // namespace minnow

#endif  // MINNOW_COMMON_CLI_CONSOLE_H_
