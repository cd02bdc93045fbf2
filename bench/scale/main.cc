// `bench_scale`: one real server on loopback with thousands of workers that do not train. Processor time of the crowd
// is on the same machine, so what is measured is less than the server can do.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/coordinator/questions.h"
#include "bench/coordinator/server_process.h"
#include "bench/scale/crowd.h"
#include "bench/scale/rows.h"
#include "client/remote.h"
#include "common/cli/command_line.h"
#include "common/cli/console.h"
#include "common/cli/values.h"

namespace minnow::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Flags {
  std::optional<std::string> workers;
  std::optional<std::string> trial_seconds;
  bool json = false;
  bool quick = false;
};

constexpr int kTrialsOfAWorker = 10;
constexpr int kMostWorkers = 9000;  // connections that a process may have open, with room to spare
constexpr double kLongestTrialSeconds = 60;
constexpr std::chrono::seconds kPatience(600);
constexpr double kMegabyte = 1e6;
const std::string kDatabase = MINNOW_SCALE_DIR "/minnow.db";

double Seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

// One crowd and its server.
class Bench {
 public:
  Bench(const CrowdShape& shape, core::SubmitRequest request) : shape_(shape), request_(std::move(request)) {
    row_.workers = shape.workers;
    row_.trial_seconds = std::chrono::duration<double>(shape.trial).count();
    row_.trials = int64_t{kTrialsOfAWorker} * shape.workers;
  }

  absl::StatusOr<ScaleRow> Run();

 private:
  absl::Status StartServer(const std::string& listen);
  absl::Status Connect();
  absl::Status Throughput();
  absl::Status Fairness();
  absl::Status Storm();
  // Returns the number of the job.
  absl::StatusOr<int64_t> Submit(int64_t trials);
  absl::Status WaitForTrials(const std::vector<int64_t>& jobs, int64_t trials);
  absl::Status WaitForAll();
  absl::Status CheckStored(int64_t job, int64_t trials);
  void NoteMemory();

  const CrowdShape shape_;
  core::SubmitRequest request_;  // but for its spec
  uint64_t seed_ = 0;            // of the last job
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<client::Remote> remote_;
  std::unique_ptr<Crowd> crowd_;
  ScaleRow row_;
};

absl::StatusOr<ScaleRow> Bench::Run() {
  std::error_code ignored;
  fs::remove_all(MINNOW_SCALE_DIR, ignored);
  fs::create_directories(MINNOW_SCALE_DIR);
  if (absl::Status status = StartServer("127.0.0.1:0"); !status.ok()) return status;
  for (const auto step : {&Bench::Connect, &Bench::Throughput, &Bench::Fairness, &Bench::Storm}) {
    if (absl::Status status = (this->*step)(); !status.ok()) return status;
    NoteMemory();
  }
  return row_;
}

absl::Status Bench::StartServer(const std::string& listen) {
  auto server = ServerProcess::Start(MINNOW_SERVER_PROGRAM, kDatabase, MINNOW_SCALE_DIR "/server.log", listen);
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  auto remote = client::Remote::Connect(server_->address());
  if (!remote.ok()) return remote.status();
  remote_ = *std::move(remote);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Bench::Submit(int64_t trials) {
  request_.spec = EqualTrials(trials, ++seed_);
  request_.request_id = client::NewRequestId();
  const absl::StatusOr<core::SubmitResponse> response = remote_->Submit(request_);
  if (!response.ok()) return response.status();
  return response->job;
}

absl::Status Bench::WaitForTrials(const std::vector<int64_t>& jobs, int64_t trials) {
  const auto done = [&](const CrowdState& state) {
    int64_t all = 0;
    for (int64_t job : jobs) {
      const auto found = state.trials.find(job);
      if (found != state.trials.end()) all += found->second;
    }
    return all >= trials;
  };
  return crowd_->WaitUntil(fmt::format("{} trials", trials), done, kPatience);
}

absl::Status Bench::WaitForAll() {
  return crowd_->WaitUntil(
      "all workers", [this](const CrowdState& state) { return state.heard == shape_.workers; }, kPatience);
}

void Bench::NoteMemory() {
  row_.memory_mb = std::max(row_.memory_mb, static_cast<double>(server_->resident_bytes()) / kMegabyte);
}

absl::Status Bench::CheckStored(int64_t job, int64_t trials) {
  int64_t stored = 0;
  const absl::Status status = remote_->OpenResults()->Query(
      fmt::format("SELECT count(*) FROM trials WHERE job = {}", job), {.max_rows = 1},
      [](const std::vector<std::string>&) {},
      [&](const std::vector<SqlValue>& row) { stored = std::get<int64_t>(row.front()); });
  if (!status.ok()) return status;
  if (stored == trials) return absl::OkStatus();
  return absl::DataLossError(fmt::format("of {} acknowledged trials {} are stored", trials, stored));
}

// All have registered, and wait for work by the time that they are heard again.
absl::Status Bench::Connect() {
  const auto begin = Clock::now();
  crowd_ = Crowd::Start(server_->address(), shape_);
  if (absl::Status status = WaitForAll(); !status.ok()) return status;
  row_.connect_seconds = Seconds(Clock::now() - begin);
  crowd_->Listen();
  return WaitForAll();
}

absl::Status Bench::Throughput() {
  const double cpu = server_->cpu_seconds();
  const int64_t calls = crowd_->state().calls;
  const auto begin = Clock::now();
  const absl::StatusOr<int64_t> job = Submit(row_.trials);
  if (!job.ok()) return job.status();
  if (absl::Status status = WaitForTrials({*job}, row_.trials); !status.ok()) return status;
  const CrowdState state = crowd_->state();
  row_.seconds = Seconds(state.last - begin);
  const double ideal = static_cast<double>(row_.trials) * row_.trial_seconds / row_.workers;
  row_.overhead = row_.seconds / ideal - 1;
  row_.trials_per_second = static_cast<double>(row_.trials) / row_.seconds;
  row_.calls_per_second = static_cast<double>(state.calls - calls) / row_.seconds;
  row_.server_cores = (server_->cpu_seconds() - cpu) / row_.seconds;
  return CheckStored(*job, row_.trials);
}

// Two jobs of equal priority, counted while both run: the first has the workers to itself until the second has come.
absl::Status Bench::Fairness() {
  const int64_t each = row_.trials / 2;
  const absl::StatusOr<int64_t> one = Submit(each);
  const absl::StatusOr<int64_t> other = Submit(each);
  if (!one.ok() || !other.ok()) return one.ok() ? other.status() : one.status();
  if (absl::Status status = WaitForTrials({*one, *other}, each / 2); !status.ok()) return status;
  std::map<int64_t, int64_t> before = crowd_->state().trials;
  if (absl::Status status = WaitForTrials({*one, *other}, each / 2 + each); !status.ok()) return status;
  std::map<int64_t, int64_t> after = crowd_->state().trials;
  const auto of_one = static_cast<double>(after[*one] - before[*one]);
  const auto of_other = static_cast<double>(after[*other] - before[*other]);
  row_.unfairness = std::abs(of_one - of_other) / (of_one + of_other);
  return WaitForTrials({*one, *other}, 2 * each);
}

// Killed in the middle of a job, and started again at the same place.
absl::Status Bench::Storm() {
  const absl::StatusOr<int64_t> job = Submit(row_.trials);
  if (!job.ok()) return job.status();
  if (absl::Status status = WaitForTrials({*job}, row_.trials / 4); !status.ok()) return status;
  const std::string address = server_->address();
  const auto begin = Clock::now();
  remote_.reset();  // its connection goes with the server
  server_.reset();
  crowd_->Listen();
  if (absl::Status status = StartServer(address); !status.ok()) return status;
  if (absl::Status status = WaitForAll(); !status.ok()) return status;
  row_.reconnect_seconds = Seconds(Clock::now() - begin);
  NoteMemory();
  if (absl::Status status = WaitForTrials({*job}, row_.trials); !status.ok()) return status;
  return CheckStored(*job, row_.trials);
}

absl::StatusOr<bool> ReadFlags(const std::vector<std::string>& arguments, Flags& flags) {
  CommandLine line(
      "", "[flags]",
      "Measures a real server on loopback with thousands of connected workers that do not train: overhead, fairness, "
      "memory, and how fast all are back after the server was killed.",
      {"./dev bench scale", "./dev bench scale --json", "./dev bench scale --workers 2000 --trial-seconds 2"},
      "bench_scale");
  line.Value("workers", "N", "only a crowd of this size (default 1000 and 5000)", &flags.workers);
  line.Value("trial-seconds", "SECONDS", "how long a trial takes (default 1)", &flags.trial_seconds);
  line.Switch("json", "print one JSON object", &flags.json);
  line.Switch("quick", "a few workers, to see that it works; its figures mean nothing", &flags.quick);
  return line.Parse(arguments, std::cout);
}

absl::StatusOr<std::vector<CrowdShape>> Crowds(const Flags& flags) {
  if (flags.quick) return std::vector<CrowdShape>{{.workers = 20, .trial = std::chrono::milliseconds(50)}};
  std::vector<CrowdShape> crowds = {{.workers = 1000}, {.workers = 5000}};
  if (flags.workers) {
    const absl::StatusOr<int> workers = SmallNumber("workers", *flags.workers, 1, kMostWorkers);
    if (!workers.ok()) return workers.status();
    crowds = {{.workers = *workers}};
  }
  if (flags.trial_seconds) {
    const absl::StatusOr<double> seconds = RealNumber("trial-seconds", *flags.trial_seconds);
    if (!seconds.ok()) return seconds.status();
    if (*seconds < 0.001 || *seconds > kLongestTrialSeconds) {
      return FlagError("trial-seconds", fmt::format("{} is not between 0.001 and 60", *flags.trial_seconds));
    }
    for (CrowdShape& crowd : crowds) crowd.trial = std::chrono::milliseconds(std::lround(1000 * *seconds));
  }
  return crowds;
}

absl::Status Measure(const Flags& flags) {
  const absl::StatusOr<std::vector<CrowdShape>> crowds = Crowds(flags);
  if (!crowds.ok()) return crowds.status();
  const absl::StatusOr<core::SubmitRequest> request = DigitsRequest();
  if (!request.ok()) return request.status();
  std::vector<ScaleRow> rows;
  for (const CrowdShape& crowd : *crowds) {
    const absl::StatusOr<ScaleRow> row = Bench(crowd, *request).Run();
    if (!row.ok() && rows.empty()) return row.status();
    if (!row.ok()) {  // a crowd that is too large for this machine leaves the figures of the smaller ones
      std::cerr << "bench_scale: " << crowd.workers << " workers: " << std::string(row.status().message()) << std::endl;
      break;
    }
    rows.push_back(*row);
  }
  flags.json ? PrintJson(rows, std::cout) : PrintText(rows, std::cout);
  return absl::OkStatus();
}

ExitCode Main(const std::vector<std::string>& arguments) {
  Flags flags;
  const absl::StatusOr<bool> parsed = ReadFlags(arguments, flags);
  const absl::Status status = !parsed.ok() ? parsed.status() : *parsed ? Measure(flags) : absl::OkStatus();
  if (status.ok()) return ExitCode::kDone;
  std::cerr << "bench_scale: " << std::string(status.message()) << std::endl;
  return ExitCodeOf(status);
}

}  // namespace
}  // namespace minnow::bench

int main(int argc, char** argv) {
  return static_cast<int>(minnow::bench::Main(std::vector<std::string>(argv + 1, argv + argc)));
}
