#include "tests/fuzz/rpc_server.h"

#include <string>
#include <utility>

#include "common/data/dataset.h"
#include "common/data/prepare.h"
#include "common/rpc/convert.h"
#include "common/sha256.h"
#include "server/access/callers.h"
#include "server/rpc/services.h"
#include "server/storage/queries.h"
#include "server/storage/sqlite_store.h"
#include "tests/fuzz/in_place_ledger.h"
#include "tests/fuzz/rpc_call.h"
#include "tests/server/storage/temporary_folder.h"
#include "tests/support/memory_store.h"
#include "tests/support/toy_job.h"

namespace minnow::fuzz {
namespace {

constexpr absl::Duration kLease = absl::Seconds(10);
const absl::Time kBegin = absl::FromUnixSeconds(1'700'000'000);

// Commits to a database as well, when there is one.
class TwinStore : public core::MemoryStore {
 public:
  TwinStore(core::StoredState* state, core::Store* twin) : MemoryStore(state), twin_(twin) {}

  absl::Status Commit(const core::Changes& changes) override {
    if (changes.empty()) return absl::OkStatus();
    const absl::Status committed = MemoryStore::Commit(changes);
    return committed.ok() && twin_ != nullptr ? twin_->Commit(changes) : committed;
  }

 private:
  core::Store* const twin_;
};

// Reads at once.
class ReaderHere : public rpc::Readers {
 public:
  explicit ReaderHere(Results* results) : results_(results) {}
  void Run(Length, Task task) override { task(results_); }

 private:
  Results* const results_;
};

class ServerHere : public RpcServer {
 public:
  ServerHere(core::StoredState state, core::Store* twin, Results* results, absl::Time now)
      : now_(now), state_(std::move(state)), store_(&state_, twin), readers_(results) {
    coordinator_.Resume(coordinator_.UnfinishedJobs(), now_);
    ledger_.Tick();
  }

  v1::SearchService::CallbackService& people() override {
    return static_cast<v1::SearchService::CallbackService&>(*people_);
  }
  v1::WorkerService::CallbackService& workers() override {
    return static_cast<v1::WorkerService::CallbackService&>(*workers_);
  }
  void MoveClock(absl::Duration by) override {
    now_ += by;
    ledger_.Tick();
  }
  void CheckRestart() override {
    core::Coordinator again(options_, state_.Load(), now_);
    Require(again.JobStates() == coordinator_.JobStates(), "a restart finds every job in its state");
    for (const auto& [job, record] : state_.jobs) {
      const absl::StatusOr<JobProgress> progress = again.Progress(job, now_);
      if (progress.ok()) Require(rpc::FromProto(rpc::ToProto(*progress)).ok(), "the progress of a job can be told");
    }
    again.Resume(again.UnfinishedJobs(), now_);
    again.Tick(now_);
    Require(core::MemoryStore(&state_).Commit(again.TakeChanges()).ok(), "what a restart changes can be stored");
  }

  const core::StoredState& state() const { return state_; }
  absl::Time now() const { return now_; }

 private:
  rpc::Backend backend() {
    return {.callers = callers_.get(),
            .ledger = &ledger_,
            .readers = &readers_,
            .waiting = &waiting_,
            .clock = [this] { return now_; },
            .version = "1.2.3",
            .lease = kLease,
            .copy_database = [] { return absl::UnavailableError("there is no copy here"); },
            .file_for_upload = [this](int64_t size) { return NamelessFile::Open(folder_.File("upload"), size); }};
  }

  const storage::TemporaryFolder folder_;
  absl::Time now_;
  const core::Coordinator::Options options_ = {.lease = kLease, .check_one_in = 2};
  core::StoredState state_;
  TwinStore store_;
  ReaderHere readers_;
  core::Coordinator coordinator_{options_, state_.Load(), now_};
  InPlaceLedger ledger_{&coordinator_, &store_, [this] { return now_; }};
  std::unique_ptr<access::Callers> callers_ = *access::Callers::Open({.clock = [this] { return now_; }});
  rpc::WaitingCalls waiting_;
  std::unique_ptr<grpc::Service> people_ = rpc::NewSearchService(backend());
  std::unique_ptr<grpc::Service> workers_ = rpc::NewWorkerService(backend());
};

data::Prepared SmallTable() {
  std::string text = "x,y,kind\n";
  for (int row = 0; row < 90; ++row) {
    text += std::to_string(row % 7) + "," + std::to_string(row % 11) + "," + "abc"[row % 3] + "\n";
  }
  return *data::Prepare(*data::ParseCsv("toy.csv", text), nullptr, {.target = "kind"});
}

core::DatasetRecord Stored(const std::string& kind, int rows, std::string bytes) {
  const std::string sha256 = Sha256Hex(bytes);
  return {.sha256 = sha256, .kind = kind, .rows = rows, .inputs = 2, .bytes = std::move(bytes)};
}

// What every server begins with.
class Beginning {
 public:
  Beginning() {
    auto store = storage::OpenSqliteStore(path_);
    Require(store.ok(), "a database can be made");
    core::Changes changes;
    changes.datasets = {Stored("training", 72, data::EncodeTrainingData(table_.training)),
                        Stored("test", 18, data::EncodePart(table_.test))};
    Require((*store)->Commit(changes).ok(), "data sets can be stored");
    core::StoredState empty;
    empty.Apply(changes);
    results_ = *storage::OpenResults(path_);
    ServerHere server(std::move(empty), store->get(), results_.get(), kBegin);
    Submit(server, 1);
    Register(server);
    while (Work(server)) server.MoveClock(absl::Milliseconds(10));
    Submit(server, 2);
    Require(!Lease(server).leases().empty(), "there is work");
    state_ = server.state();
    now_ = server.now();
  }

  std::unique_ptr<RpcServer> NewServer() const {
    return std::make_unique<ServerHere>(state_, nullptr, results_.get(), now_);
  }

 private:
  void Submit(RpcServer& server, uint64_t seed) {
    JobSpec spec;
    spec.goal.value = 0.9;
    spec.max_layers = 1;
    spec.units = {2, 4};
    spec.learning_rates = {0.05};
    spec.seed = seed;
    v1::SubmitJobRequest request;
    request.set_request_id("submit-" + std::to_string(seed));
    *request.mutable_spec() = rpc::ToProto(spec);
    request.set_data_file("toy.csv");
    request.set_target("kind");
    request.set_preparation(data::PreparationToJson(table_.preparation));
    request.set_training_dataset(rpc::DatasetName(Sha256Hex(data::EncodeTrainingData(table_.training))));
    request.set_test_dataset(rpc::DatasetName(Sha256Hex(data::EncodePart(table_.test))));
    request.set_numerics_version(kNumericsVersion);
    v1::SubmitJobResponse response;
    const grpc::Status status =
        CallUnary(server.people(), &v1::SearchService::CallbackService::SubmitJob, request, response);
    Require(status.ok(), "the beginning: " + status.error_message());
  }

  void Register(RpcServer& server) {
    v1::RegisterWorkerResponse terms;
    const WorkerInfo worker = {.id = {"w", "s"}, .threads = 2, .processor = "avx2"};
    const grpc::Status status =
        CallUnary(server.workers(), &v1::WorkerService::CallbackService::RegisterWorker, rpc::ToProto(worker), terms);
    Require(status.ok(), "the beginning: " + status.error_message());
  }

  v1::LeaseWorkResponse Lease(RpcServer& server) {
    const WorkRequest request = {.worker = {"w", "s"}, .seconds = 0.05, .idle_threads = 1};
    v1::LeaseWorkResponse response;
    CallUnary(server.workers(), &v1::WorkerService::CallbackService::LeaseWork,
              rpc::ToProto(request, absl::ZeroDuration()), response);
    return response;
  }

  // False when there is nothing left to do.
  bool Work(RpcServer& server) {
    const v1::LeaseWorkResponse work = Lease(server);
    v1::ReportWorkRequest request;
    *request.mutable_worker() = rpc::ToProto(WorkerId{"w", "s"});
    for (const v1::Lease& proto : work.leases()) *request.add_reports() = rpc::ToProto(Done(*rpc::FromProto(proto)));
    v1::ReportWorkResponse response;
    const auto status = CallUnary(server.workers(), &v1::WorkerService::CallbackService::ReportWork, request, response);
    Require(status.ok(), "the beginning: " + status.error_message());
    return !work.leases().empty();
  }

  LeaseReport Done(const minnow::Lease& lease) const {
    LeaseReport report = {.lease = lease.id, .worker = "w"};
    if (lease.slice) {
      report.trials = core::ToyResults(*lease.slice, core::ToyRule{.start = 10, .end = 60, .most = 0.4});
      return report;
    }
    const std::vector<int32_t>& labels = table_.test.targets.labels;
    report.outputs.emplace(labels.size() * 3, 0.0f);
    for (size_t row = 0; row < labels.size(); ++row) (*report.outputs)[row * 3 + labels[row]] = 1;
    return report;
  }

  const data::Prepared table_ = SmallTable();
  storage::TemporaryFolder folder_;
  const std::string path_ = folder_.File("minnow.db");
  std::unique_ptr<Results> results_;
  core::StoredState state_;
  absl::Time now_;
};

}  // namespace

std::unique_ptr<RpcServer> RpcServer::Start() {
  static const Beginning beginning;
  return beginning.NewServer();
}

}  // namespace minnow::fuzz
