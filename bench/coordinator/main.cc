// `bench_coordinator`: what a real server takes, on loopback, beside the load generator and with every commit on the
// disk.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/coordinator/load.h"
#include "bench/coordinator/questions.h"
#include "bench/coordinator/rows.h"
#include "bench/coordinator/server_process.h"
#include "client/remote.h"
#include "common/cli/command_line.h"
#include "common/cli/console.h"
#include "common/cli/values.h"

namespace minnow::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Flags {
  std::optional<std::string> grids;
  bool json = false;
  bool quick = false;
};

// How much is measured.
struct Extent {
  int grids = 20;           // jobs of the first row
  int seeds = 312;          // of each candidate: 49,920 trials a grid
  int64_t begin = 1000;     // trials stored where the cost of a trial is first measured
  int64_t window = 50'000;  // over so many trials
  int64_t singles = 60'000;
  int single_workers = 512;
  int idle_workers = 1000;
  int rounds = 100;  // of jobs that come while all workers wait
  int trials_a_round = 10;
  int queries = 200;
};
constexpr Extent kQuick = {.grids = 2,
                           .seeds = 24,
                           .begin = 100,
                           .window = 2000,
                           .singles = 200,
                           .single_workers = 32,
                           .idle_workers = 20,
                           .rounds = 3,
                           .trials_a_round = 5,
                           .queries = 5};
constexpr int kSlicedWorkers = 16;
constexpr int kSlicesOfACall = 16;
constexpr int kConnections = 8;
constexpr int kMostGrids = 1000;
// The next job is submitted before the ones before it run out: when they have a third of their trials left.
constexpr int kThird = 3;
constexpr double kMegabyte = 1e6;

double Seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

class Bench {
 public:
  explicit Bench(const Extent& extent) : extent_(extent) {}

  absl::StatusOr<Figures> Run();

 private:
  absl::Status ReadData();
  absl::Status StartServer();
  absl::Status Submit(const JobSpec& spec);
  absl::Status Slices();
  absl::Status Singles();
  // Until so many are connected whose names begin so.
  absl::Status WaitForWorkers(const std::string& crowd, int count);
  absl::Status IdleWorkers();
  absl::Status Queries();
  absl::Status Restart();
  // The one number that a statement yields.
  absl::StatusOr<int64_t> Number(const std::string& sql);
  absl::Status Ask(const std::string& sql, const std::function<void(const std::vector<SqlValue>&)>& row);

  const Extent extent_;
  core::SubmitRequest request_;  // but for its spec
  uint64_t seed_ = 0;            // of the last job
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<client::Remote> remote_;
  Figures figures_;
};

const std::string kDatabase = MINNOW_COORDINATOR_DIR "/minnow.db";

absl::StatusOr<Figures> Bench::Run() {
  std::error_code ignored;
  fs::remove_all(MINNOW_COORDINATOR_DIR, ignored);
  fs::create_directories(MINNOW_COORDINATOR_DIR);
  for (const auto step : {&Bench::ReadData, &Bench::StartServer, &Bench::Slices, &Bench::Queries, &Bench::Singles,
                          &Bench::IdleWorkers, &Bench::Restart}) {
    if (absl::Status status = (this->*step)(); !status.ok()) return status;
  }
  return figures_;
}

absl::Status Bench::ReadData() {
  absl::StatusOr<core::SubmitRequest> request = DigitsRequest();
  if (!request.ok()) return request.status();
  request_ = *std::move(request);
  return absl::OkStatus();
}

absl::Status Bench::StartServer() {
  auto server = ServerProcess::Start(MINNOW_SERVER_PROGRAM, kDatabase, MINNOW_COORDINATOR_DIR "/server.log");
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  auto remote = client::Remote::Connect(server_->address());
  if (!remote.ok()) return remote.status();
  remote_ = *std::move(remote);
  return absl::OkStatus();
}

absl::Status Bench::Submit(const JobSpec& spec) {
  request_.spec = spec;
  request_.request_id = client::NewRequestId();
  return remote_->Submit(request_).status();
}

// When so many trials were acknowledged, and what the server had spent until then.
struct Mark {
  Clock::time_point time;
  double cpu_seconds = 0;
};

absl::Status Bench::Slices() {
  const int64_t grid = int64_t{kGridCandidates} * extent_.seeds;
  figures_.trials = grid * extent_.grids;
  std::map<int64_t, std::optional<Mark>> marks;
  // Both windows hold the submission of one job.
  const int64_t last = grid * (extent_.grids - 2) + extent_.begin;
  for (int64_t at :
       {int64_t{0}, extent_.begin, extent_.begin + extent_.window, last, last + extent_.window, figures_.trials}) {
    marks[at];
  }
  auto next = marks.begin();
  const auto count = [&](int64_t trials) {
    for (; next != marks.end() && next->first <= trials; ++next) next->second = {Clock::now(), server_->cpu_seconds()};
  };
  if (absl::Status status = Submit(Grid(extent_.seeds, ++seed_)); !status.ok()) return status;
  count(0);
  const std::unique_ptr<Load> load = Load::Start(
      server_->address(),
      {.name = "sliced", .workers = kSlicedWorkers, .leases = kSlicesOfACall, .channels = kConnections}, count);
  for (int job = 1; job < extent_.grids; ++job) {
    if (absl::Status status = load->WaitFor(grid * job - grid / kThird); !status.ok()) return status;
    if (absl::Status status = Submit(Grid(extent_.seeds, ++seed_)); !status.ok()) return status;
  }
  if (absl::Status status = load->WaitFor(figures_.trials); !status.ok()) return status;
  load->Finish();
  const auto seconds = [&](int64_t from, int64_t to) { return Seconds(marks[to]->time - marks[from]->time); };
  const auto trials = static_cast<double>(figures_.trials);
  figures_.durable_results_per_second = trials / seconds(0, figures_.trials);
  figures_.cost_ratio = seconds(last, last + extent_.window) / seconds(extent_.begin, extent_.begin + extent_.window);
  figures_.server_us_per_trial = 1e6 * (marks[figures_.trials]->cpu_seconds - marks[0]->cpu_seconds) / trials;
  figures_.memory_mb = static_cast<double>(server_->resident_bytes()) / kMegabyte;
  return absl::OkStatus();
}

absl::Status Bench::Ask(const std::string& sql, const std::function<void(const std::vector<SqlValue>&)>& row) {
  return remote_->OpenResults()->Query(
      sql, {.max_rows = 1000}, [](const std::vector<std::string>&) {}, row);
}

absl::StatusOr<int64_t> Bench::Number(const std::string& sql) {
  int64_t number = 0;
  const absl::Status status =
      Ask(sql, [&](const std::vector<SqlValue>& row) { number = std::get<int64_t>(row.front()); });
  if (!status.ok()) return status;
  return number;
}

absl::Status Bench::Queries() {
  const absl::StatusOr<int64_t> stored = Number("SELECT count(*) FROM trials");
  if (!stored.ok()) return stored.status();
  if (*stored != figures_.trials) {
    return absl::DataLossError(fmt::format("{} trials were acknowledged and {} are stored", figures_.trials, *stored));
  }
  const absl::StatusOr<int64_t> beside =
      Number("SELECT (SELECT count(*) FROM scores) + (SELECT count(*) FROM models) + (SELECT count(*) FROM bundles)");
  if (!beside.ok()) return beside.status();
  const auto trials = static_cast<double>(figures_.trials);
  figures_.rows_per_trial = static_cast<double>(*stored + *beside) / trials;
  figures_.bytes_per_trial = static_cast<double>(fs::file_size(kDatabase) + fs::file_size(kDatabase + "-wal")) / trials;
  std::vector<double> milliseconds;
  for (int i = 0; i < extent_.queries; ++i) {
    int rows = 0;
    const auto begin = Clock::now();
    const absl::Status status =
        Ask("SELECT * FROM smallest_good_enough", [&](const std::vector<SqlValue>&) { ++rows; });
    if (!status.ok()) return status;
    milliseconds.push_back(1e3 * Seconds(Clock::now() - begin));
    if (rows != extent_.grids) return absl::InternalError(fmt::format("{} jobs have an answer", rows));
  }
  figures_.smallest_good_enough_ms = Quantile(milliseconds, 0.5);
  return absl::OkStatus();
}

absl::Status Bench::Singles() {
  if (absl::Status status = Submit(SingleTrials(extent_.singles, ++seed_)); !status.ok()) return status;
  const double cpu = server_->cpu_seconds();
  const auto begin = Clock::now();
  auto end = begin;
  const std::unique_ptr<Load> load =
      Load::Start(server_->address(), {.name = "single", .workers = extent_.single_workers, .channels = kConnections},
                  [&end](int64_t) { end = Clock::now(); });
  if (absl::Status status = load->WaitFor(extent_.singles); !status.ok()) return status;
  const auto trials = static_cast<double>(extent_.singles);
  figures_.server_us_per_single = 1e6 * (server_->cpu_seconds() - cpu) / trials;
  std::vector<double> milliseconds;
  for (const LeaseTime& lease : load->Finish()) {
    if (lease.since_report_ms > 0) milliseconds.push_back(lease.since_report_ms);
  }
  figures_.single_reports_per_second = trials / Seconds(end - begin);
  figures_.single_report_p50_ms = Quantile(milliseconds, 0.5);
  figures_.single_report_p99_ms = Quantile(milliseconds, 0.99);
  return absl::OkStatus();
}

absl::Status Bench::WaitForWorkers(const std::string& crowd, int count) {
  constexpr std::chrono::milliseconds kBetweenLooks(20);
  for (;;) {
    const absl::StatusOr<std::vector<WorkerSummary>> workers = remote_->Workers();
    if (!workers.ok()) return workers.status();
    const auto connected = std::count_if(workers->begin(), workers->end(), [&](const WorkerSummary& worker) {
      return worker.connected && worker.name.starts_with(crowd);
    });
    if (connected >= count) return absl::OkStatus();
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

// Small jobs are submitted while all workers wait: from sending a submission to the arrival of each lease.
absl::Status Bench::IdleWorkers() {
  const std::unique_ptr<Load> load = Load::Start(server_->address(),
                                                 {.name = "idle",
                                                  .workers = extent_.idle_workers,
                                                  .channels = extent_.idle_workers,
                                                  .patience = std::chrono::seconds(30)},
                                                 [](int64_t) {});
  // A crowd that is still connecting takes all of the machine.
  if (absl::Status status = WaitForWorkers("idle-", extent_.idle_workers); !status.ok()) return status;
  // The first round is there so that all wait for work by its end.
  std::vector<Clock::time_point> submitted;
  for (int round = 1; round <= extent_.rounds; ++round) {
    submitted.push_back(Clock::now());
    if (absl::Status status = Submit(SingleTrials(extent_.trials_a_round, ++seed_)); !status.ok()) return status;
    if (absl::Status status = load->WaitFor(int64_t{round} * extent_.trials_a_round); !status.ok()) return status;
  }
  std::vector<double> milliseconds;
  for (const LeaseTime& lease : load->Finish()) {
    const auto after = std::upper_bound(submitted.begin(), submitted.end(), lease.received);
    if (after - submitted.begin() > 1) milliseconds.push_back(1e3 * Seconds(lease.received - *(after - 1)));
  }
  figures_.lease_p99_ms = Quantile(milliseconds, 0.99);
  figures_.dispatch_p50_ms = Quantile(milliseconds, 0.5);
  return absl::OkStatus();
}

// After a kill, so that the log is as it was left.
absl::Status Bench::Restart() {
  server_.reset();
  const auto begin = Clock::now();
  if (absl::Status status = StartServer(); !status.ok()) return status;
  figures_.restart_seconds = Seconds(Clock::now() - begin);
  figures_.memory_after_restart_mb = static_cast<double>(server_->resident_bytes()) / kMegabyte;
  return absl::OkStatus();
}

absl::StatusOr<bool> ReadFlags(const std::vector<std::string>& arguments, Flags& flags) {
  CommandLine line(
      "", "[flags]",
      "Measures a real server on loopback with workers that do not train: durable results, leases, restart, "
      "the smallest network, memory.",
      {"./dev bench coordinator", "./dev bench coordinator --json"}, "bench_coordinator");
  line.Value("grids", "N", fmt::format("jobs of 49,920 trials that are stored first (default {})", Extent().grids),
             &flags.grids);
  line.Switch("json", "print one JSON object", &flags.json);
  line.Switch("quick", "a few trials, to see that it works; its figures mean nothing", &flags.quick);
  return line.Parse(arguments, std::cout);
}

absl::Status Measure(const Flags& flags) {
  Extent extent = flags.quick ? kQuick : Extent();
  if (flags.grids) {
    const absl::StatusOr<int> grids = SmallNumber("grids", *flags.grids, 2, kMostGrids);
    if (!grids.ok()) return grids.status();
    extent.grids = *grids;
  }
  const absl::StatusOr<Figures> figures = Bench(extent).Run();
  if (!figures.ok()) return figures.status();
  flags.json ? PrintJson(*figures, std::cout) : PrintText(*figures, std::cout);
  return absl::OkStatus();
}

ExitCode Main(const std::vector<std::string>& arguments) {
  Flags flags;
  const absl::StatusOr<bool> parsed = ReadFlags(arguments, flags);
  const absl::Status status = !parsed.ok() ? parsed.status() : *parsed ? Measure(flags) : absl::OkStatus();
  if (status.ok()) return ExitCode::kDone;
  std::cerr << "bench_coordinator: " << std::string(status.message()) << std::endl;
  return ExitCodeOf(status);
}

}  // namespace
}  // namespace minnow::bench

int main(int argc, char** argv) {
  return static_cast<int>(minnow::bench::Main(std::vector<std::string>(argv + 1, argv + argc)));
}
