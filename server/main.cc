// The `minnow-server` executable: flags, the server, and the signals that end it.
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <iostream>
#include <optional>
#include <vector>

#include "common/cli/console.h"
#include "server/flags.h"
#include "server/log/log.h"
#include "server/server.h"

// Read by jemalloc. Buffers of 2 MiB and more go back to the system as soon as they are freed, and what is free
// otherwise after a second rather than ten: each thread that ever touched parts of a data set keeps some of them as
// long.
extern "C" const char* malloc_conf;
const char* malloc_conf = "oversize_threshold:2097152,dirty_decay_ms:1000";

namespace minnow::server {
namespace {

// Nothing was begun.
int Refuse(const absl::Status& error) {
  std::cerr << "minnow-server: " << std::string(error.message()) << "\n";
  return static_cast<int>(ExitCode::kBadInput);
}

// The signals that end the server, and SIGHUP where it has something to read again, are waited for by one thread; all
// others, which inherit this, never see them.
sigset_t HoldSignals(bool reloads) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  if (reloads) sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// A connection of a worker is an open file.
void AllowManyFiles() {
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

int Serve(const Flags& flags) {
  const sigset_t signals = HoldSignals(/*reloads=*/!flags.token_file.empty());
  AllowManyFiles();
  std::optional<log::Log> log(std::in_place, STDERR_FILENO, flags.log_level);
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start({.database = flags.database,
                                                                  .listen = flags.listen,
                                                                  .http = flags.http,
                                                                  .insecure = flags.insecure,
                                                                  .tls = flags.tls,
                                                                  .token_file = flags.token_file,
                                                                  .lease = flags.lease,
                                                                  .version = MINNOW_VERSION,
                                                                  .log = &*log});
  if (!server.ok()) {
    log.reset();
    return Refuse(server.status());
  }
  log->Write(log::Level::kInfo, "serving",
             {{"address", (*server)->address().text()},
              {"http", (*server)->http_address().text()},
              {"database", flags.database},
              {"version", MINNOW_VERSION}});
  int signal = SIGHUP;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) (*server)->ReloadTokens();
  log->Write(log::Level::kInfo, "stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  server->reset();
  log->Write(log::Level::kInfo, "stopped", {});
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace
}  // namespace minnow::server

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  // Beyond a limit on the size of files a write then fails like that on a full disk, which has its sentence.
  signal(SIGXFSZ, SIG_IGN);
  const auto flags =
      minnow::server::ReadFlags(std::vector<std::string>(argv + 1, argv + argc), MINNOW_VERSION, std::cout);
  if (!flags.ok()) return minnow::server::Refuse(flags.status());
  if (!*flags) return static_cast<int>(minnow::ExitCode::kDone);
  return minnow::server::Serve(**flags);
}
