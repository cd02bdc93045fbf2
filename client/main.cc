// The `minnow` executable: what the process is given, handed to client/commands.
#include <csignal>
#include <iostream>

#include "client/commands.h"

int main(int argc, char** argv) {
  // Beyond a limit on the size of files a write then fails like that on a full disk, which has its sentence.
  std::signal(SIGXFSZ, SIG_IGN);
  std::ios::sync_with_stdio(false);
  minnow::Console console = minnow::StandardConsole();
  const minnow::ExitCode code = minnow::client::Minnow(minnow::client::Arguments(argv + 1, argv + argc), console);
  // A result that could not be written is no result.
  if (!std::cout.flush()) {
    std::cerr << "minnow: the result could not be written to stdout\n";
    return static_cast<int>(minnow::ExitCode::kFailed);
  }
  return static_cast<int>(code);
}
