// The `minnow` executable: what the process is given, handed to client/commands.
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "client/commands.h"

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

int main(int argc, char** argv) {
  // Beyond a limit on the size of files a write then fails like that on a full disk, which has its sentence.
  std::signal(SIGXFSZ, SIG_IGN);
  std::ios::sync_with_stdio(false);
  minnow::client::Console console = {.out = std::cout,
                                     .err = std::cerr,
                                     .err_is_terminal = isatty(STDERR_FILENO) == 1,
                                     .color = WantsColor(),
                                     .err_columns = [] { return TerminalColumns(STDERR_FILENO); }};
  const minnow::client::ExitCode code =
      minnow::client::Minnow(minnow::client::Arguments(argv + 1, argv + argc), console);
  // A result that could not be written is no result.
  if (!std::cout.flush()) {
    std::cerr << "minnow: the result could not be written to stdout\n";
    return static_cast<int>(minnow::client::ExitCode::kFailed);
  }
  return static_cast<int>(code);
}
