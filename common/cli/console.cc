#include "common/cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace minnow {
namespace {

int TerminalColumns(int descriptor) {
  winsize size = {};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

// NO_COLOR: https://no-color.org, any value but the empty one.
bool WantsColor() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (no_color != nullptr && *no_color != '\0') return false;
  return isatty(STDOUT_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace

Console StandardConsole() {
  return {.out = std::cout,
          .err = std::cerr,
          .err_is_terminal = isatty(STDERR_FILENO) == 1,
          .out_is_terminal = isatty(STDOUT_FILENO) == 1,
          .color = WantsColor(),
          .err_columns = [] { return TerminalColumns(STDERR_FILENO); },
          .in = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 ? &std::cin : nullptr};
}

std::string Bold(const Console& console, std::string_view text) {
  if (!console.color) return std::string(text);
  return "\033[1m" + std::string(text) + "\033[0m";
}

ExitCode ExitCodeOf(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kOutOfRange:
      return ExitCode::kBadInput;
    default:
      return ExitCode::kFailed;
  }
}

absl::Status AsBadInput(const absl::Status& error) {
  if (error.ok() || ExitCodeOf(error) == ExitCode::kBadInput) return error;
  return absl::FailedPreconditionError(error.message());
}

}  // namespace minnow
