#include "common/cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace minnow {
namespace {

winsize TerminalSize(int descriptor) {
  winsize size = {};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) size = {};
  if (size.ws_col == 0) size.ws_col = 80;
  if (size.ws_row == 0) size.ws_row = 24;
  return size;
}

bool CursorMoves() {
  const char* terminal = std::getenv("TERM");
  return terminal != nullptr && *terminal != '\0' && std::string_view(terminal) != "dumb";
}

}  // namespace

Console StandardConsole() {
  return {.out = std::cout,
          .err = std::cerr,
          .err_is_terminal = isatty(STDERR_FILENO) == 1,
          .out_is_terminal = isatty(STDOUT_FILENO) == 1,
          .color = WantsColor(isatty(STDOUT_FILENO) == 1, &std::getenv),
          .err_color = WantsColor(isatty(STDERR_FILENO) == 1, &std::getenv),
          .err_moves = isatty(STDERR_FILENO) == 1 && CursorMoves(),
          .err_columns = [] { return int{TerminalSize(STDERR_FILENO).ws_col}; },
          .err_lines = [] { return int{TerminalSize(STDERR_FILENO).ws_row}; },
          .in = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 ? &std::cin : nullptr};
}

bool WantsColor(bool is_terminal, const std::function<const char*(const char*)>& variable) {
  const auto value = [&](const char* name) {
    const char* text = variable(name);
    return std::string_view(text == nullptr ? "" : text);
  };
  if (!value("NO_COLOR").empty()) return false;
  if (const std::string_view force = value("CLICOLOR_FORCE"); !force.empty() && force != "0") return true;
  if (value("CLICOLOR") == "0") return false;
  return is_terminal && !value("TERM").empty() && value("TERM") != "dumb";
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
