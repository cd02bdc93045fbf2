// The `minnow-worker` executable: flags, signals, and what a person is told.
#include <pthread.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <random>
#include <string>

#include "common/access/credentials.h"
#include "common/cli/command_line.h"
#include "common/cli/console.h"
#include "common/cli/values.h"
#include "common/names.h"
#include "common/spelling.h"
#include "worker/local_engine.h"
#include "worker/remote_coordinator.h"
#include "worker/worker.h"

namespace minnow::worker {
namespace {

constexpr double kLongestIdleSeconds = 1e9;
constexpr double kLargestCacheGigabytes = 1e6;
// A call without a connection costs nothing: gRPC makes connections at its own pace, at least every 5 s.
constexpr absl::Duration kLongestPause = absl::Seconds(2);
constexpr timespec kLook = {.tv_sec = 0, .tv_nsec = 200'000'000};  // how often the worker is asked how it is

struct Settings {
  Options options;
  std::string server;
  access::Credentials credentials;
  std::optional<absl::Duration> exit_when_idle;
};

struct Flags {
  std::optional<std::string> server, threads, name, cache, cache_size, exit_when_idle;
  access::CredentialFlags credentials;
  bool version = false;
};

absl::StatusOr<Settings> Read(const Flags& flags);
sigset_t BlockSignals();
ExitCode Serve(CoordinatorClient& client, const Settings& settings, const sigset_t& signals);

CommandLine Declare() {
  return CommandLine(
      "", "[flags]",
      "Trains what a Minnow server hands out, until it is stopped. It needs the address of the server and "
      "nothing else: no shared disk, no set-up. Start as many as there are machines.",
      {"minnow-worker", "minnow-worker --server 10.0.0.5:7077 --threads 16",
       "minnow-worker --server 10.0.0.5:7077 --cache /var/tmp/minnow --exit-when-idle 60"},
      "minnow-worker");
}

void AddFlags(CommandLine& line, Flags& flags) {
  line.Value("server", "HOST:PORT", "where the server listens (default MINNOW_SERVER, else 127.0.0.1:7077)",
             &flags.server);
  line.Value("threads", "NUMBER", "threads that train (default: one for each core)", &flags.threads);
  line.Value("name", "NAME",
             "how the server knows this worker (default HOST-PID); a new start under a name takes it over",
             &flags.name);
  line.Value("cache", "DIR", "keep data sets in this folder, so that a new start needs not fetch them again",
             &flags.cache);
  line.Value("cache-size", "GB", "how large that folder may become; what was not used for longest goes (default 10)",
             &flags.cache_size);
  line.Value("exit-when-idle", "SECONDS", "end after so long without work (default: wait for more)",
             &flags.exit_when_idle);
  access::DeclareCredentials(line, flags.credentials);
  line.Switch("version", "print the version and end", &flags.version);
}

ExitCode Fail(const absl::Status& error, ExitCode code) {
  std::cerr << "minnow-worker: " << std::string(error.message()) << std::endl;
  return code;
}

ExitCode Main(const std::vector<std::string>& arguments) {
  Flags flags;
  CommandLine line = Declare();
  AddFlags(line, flags);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, std::cout);
  if (!parsed.ok()) return Fail(parsed.status(), ExitCode::kBadInput);
  if (!*parsed) return ExitCode::kDone;
  if (flags.version) {
    std::cout << fmt::format("minnow-worker {} (numerics version {})\n", MINNOW_VERSION, kNumericsVersion);
    return ExitCode::kDone;
  }
  const absl::StatusOr<Settings> settings = Read(flags);
  if (!settings.ok()) return Fail(settings.status(), ExitCode::kBadInput);
  const sigset_t signals = BlockSignals();
  const absl::StatusOr<std::unique_ptr<CoordinatorClient>> client =
      NewRemoteCoordinator(settings->server, settings->credentials);
  if (!client.ok()) return Fail(client.status(), ExitCode::kBadInput);
  return Serve(**client, *settings, signals);
}

std::string Environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

// HOST-PID.
std::string DefaultName() {
  char host[65] = {};
  gethostname(host, sizeof host - 1);
  std::string name = fmt::format("{}-{}", host, getpid());
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !FitsWorkerName(c); }, '-');
  return name;
}

absl::StatusOr<std::string> ReadName(const std::optional<std::string>& given) {
  if (!given) return DefaultName();
  if (!IsWorkerName(*given)) {
    return FlagError("name", fmt::format("\"{}\" is no name for a worker; take 1 to {} letters, digits and . _ - :",
                                         *given, kMaxWorkerNameBytes));
  }
  return *given;
}

// Makes the folder when it is not there.
absl::Status PrepareFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return FlagError("cache", fmt::format("the folder \"{}\" cannot be made: {}", folder, error.message()));
  if (::access(folder.c_str(), R_OK | W_OK | X_OK) == 0) return absl::OkStatus();
  return FlagError("cache", fmt::format("the folder \"{}\" cannot be written; name another", folder));
}

absl::StatusOr<absl::Duration> ReadIdle(const std::string& text) {
  const absl::StatusOr<double> seconds = RealNumber("exit-when-idle", text);
  if (!seconds.ok()) return seconds.status();
  if (*seconds > 0 && *seconds <= kLongestIdleSeconds) return absl::Seconds(*seconds);
  return FlagError("exit-when-idle", fmt::format("{} is no time to wait; take a number of seconds above 0", text));
}

absl::StatusOr<Settings> Read(const Flags& flags) {
  Settings settings;
  Options& options = settings.options;
  settings.server = flags.server.value_or(Environment("MINNOW_SERVER"));
  if (!flags.server && settings.server.empty()) settings.server = DefaultServer();
  const auto credentials = access::ReadCredentials(flags.credentials, access::CredentialsOfEnvironment());
  if (!credentials.ok()) return credentials.status();
  settings.credentials = *credentials;
  const absl::StatusOr<int> threads = ReadThreads(flags.threads);
  if (!threads.ok()) return threads.status();
  options.threads = *threads;
  const absl::StatusOr<std::string> name = ReadName(flags.name);
  if (!name.ok()) return name.status();
  options.name = *name;
  const absl::StatusOr<nn::Engine> engine = LocalEngine();
  if (!engine.ok()) return engine.status();
  options.engine = *engine;
  if (flags.exit_when_idle) {
    const absl::StatusOr<absl::Duration> idle = ReadIdle(*flags.exit_when_idle);
    if (!idle.ok()) return idle.status();
    settings.exit_when_idle = *idle;
  }
  options.cache_folder = flags.cache.value_or("");
  if (flags.cache) {
    if (absl::Status status = PrepareFolder(*flags.cache); !status.ok()) return status;
  }
  if (flags.cache_size) {
    const absl::StatusOr<double> size = RealNumber("cache-size", *flags.cache_size);
    if (!size.ok()) return size.status();
    if (!(*size >= 0 && *size <= kLargestCacheGigabytes)) {
      return FlagError("cache-size",
                       fmt::format("{} is no size; take a number of gigabytes from 0", *flags.cache_size));
    }
    options.cache_bytes = static_cast<int64_t>(*size * 1e9);
  }
  options.keep_trying = true;
  options.longest_pause = kLongestPause;
  options.jitter_seed = std::random_device()();
  options.max_report_bytes = kMaxRemoteReportBytes;
  options.welcome = fmt::format("connected to {} as {}, {} {}", settings.server, options.name, options.threads,
                                options.threads == 1 ? "thread" : "threads");
  options.say = [](const std::string& text) { std::cerr << text << std::endl; };
  return settings;
}

// Blocked in every thread, those of gRPC too, so that signals wait for the one that asks; a second one ends the
// process.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

ExitCode Serve(CoordinatorClient& client, const Settings& settings, const sigset_t& signals) {
  const std::unique_ptr<Worker> worker = Worker::Start(&client, settings.options);
  std::string why;
  while (why.empty() && worker->status().ok()) {
    if (sigtimedwait(&signals, nullptr, &kLook) > 0) {
      why = "stopped";
    } else if (settings.exit_when_idle && worker->idle() >= *settings.exit_when_idle) {
      why = fmt::format("no work for {}: the end", absl::FormatDuration(*settings.exit_when_idle));
    }
  }
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  worker->Stop();
  if (absl::Status status = worker->status(); !status.ok()) return Fail(status, ExitCode::kFailed);
  std::cerr << why << std::endl;
  return ExitCode::kDone;
}

}  // namespace
}  // namespace minnow::worker

int main(int argc, char** argv) {
  // What is read or written beyond a limit, or by nobody, fails with an error that has its sentence.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  return static_cast<int>(minnow::worker::Main(std::vector<std::string>(argv + 1, argv + argc)));
}
