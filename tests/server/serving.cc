#include "tests/server/serving.h"

#include <gtest/gtest.h>

#include "common/data/csv.h"
#include "common/data/dataset.h"
#include "common/rpc/convert.h"
#include "common/sha256.h"
#include "tests/support/toy_job.h"

namespace minnow::server {
namespace {

// Waits at the gate before it commits.
class GatedStore : public core::Store {
 public:
  GatedStore(std::unique_ptr<core::Store> store, CommitGate* gate) : store_(std::move(store)), gate_(gate) {}

  absl::StatusOr<core::Snapshot> Load() override { return store_->Load(); }
  absl::StatusOr<core::JobSnapshot> LoadJob(int64_t job) override { return store_->LoadJob(job); }
  absl::Status Commit(const core::Changes& changes) override {
    if (absl::Status status = gate_->Pass(); !status.ok()) return status;
    return store_->Commit(changes);
  }
  absl::StatusOr<std::vector<std::pair<int64_t, int64_t>>> ReportedBy(const std::string& worker) override {
    return store_->ReportedBy(worker);
  }
  absl::StatusOr<bool> HasDataset(const std::string& sha256) override { return store_->HasDataset(sha256); }
  absl::Status Dataset(const std::string& sha256, const DatasetSink& sink) override {
    return store_->Dataset(sha256, sink);
  }
  absl::StatusOr<std::vector<float>> Weights(int64_t job, int64_t trial) override {
    return store_->Weights(job, trial);
  }

 private:
  const std::unique_ptr<core::Store> store_;
  CommitGate* const gate_;
};

}  // namespace

void CommitGate::Close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
}

void CommitGate::Open() {
  std::lock_guard lock(mutex_);
  closed_ = false;
  changed_.notify_all();
}

void CommitGate::AwaitCommit() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_ > 0; });
}

void CommitGate::Fail(absl::Status status) {
  std::lock_guard lock(mutex_);
  failure_ = std::move(status);
}

absl::Status CommitGate::Pass() {
  std::unique_lock lock(mutex_);
  ++waiting_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return !closed_; });
  --waiting_;
  return failure_;
}

data::Prepared ToyData() {
  std::string text = "x,y,kind\n";
  for (int row = 0; row < 90; ++row) {
    text += std::to_string(row % 7) + "," + std::to_string(row % 11) + "," + "abc"[row % 3] + "\n";
  }
  const data::CsvTable table = data::ParseCsv("toy.csv", text).value();
  return data::Prepare(table, nullptr, {.target = "kind"}).value();
}

JobSpec ToySpec(uint64_t seed) {
  JobSpec spec;
  spec.goal.value = 0.9;
  spec.max_layers = 1;
  spec.units = {2, 4, 8};
  spec.seed = seed;
  return spec;
}

Serving::Serving(Doors doors) : doors_(std::move(doors)) {
  if (!doors_.tokens.empty()) WriteTokens(doors_.tokens);
  Restart();
}

void Serving::WriteTokens(const std::string& tokens) const {
  storage::WriteBytes(token_file(), tokens);
  std::filesystem::permissions(token_file(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

void Serving::Restart() {
  server_.reset();
  server_ = Server::Start({.database = folder_.File("minnow.db"),
                           .listen = {"127.0.0.1", 0},
                           .http = {"127.0.0.1", 0},
                           .tls = doors_.tls,
                           .token_file = doors_.tokens.empty() ? "" : token_file(),
                           .version = "1.2.3",
                           .clock = [this] { return absl::Now() + absl::Nanoseconds(ahead_nanoseconds_.load()); },
                           .wrap_store =
                               [this](std::unique_ptr<core::Store> store) {
                                 return std::make_unique<GatedStore>(std::move(store), &gate_);
                               }})
                .value();
  address_ = server_->address();
  channel_ = rpc::OpenChannel(address_);
  people_ = v1::SearchService::NewStub(channel_);
  workers_ = v1::WorkerService::NewStub(channel_);
}

void Serving::MoveClock(absl::Duration by) { ahead_nanoseconds_ += absl::ToInt64Nanoseconds(by); }

absl::StatusOr<v1::Dataset> Serving::Upload(const std::string& name, int64_t size, const std::string& bytes,
                                            size_t part) {
  grpc::ClientContext context;
  v1::Dataset dataset;
  const auto writer = people().UploadDataset(&context, &dataset);
  v1::UploadDatasetRequest message;
  message.set_name(name);
  message.set_size(size);
  size_t sent = 0;
  bool open = true;
  do {
    message.set_data(bytes.substr(sent, part));
    sent += message.data().size();
    open = writer->Write(message);
    message.Clear();
  } while (open && sent < bytes.size());
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok()) return rpc::FromGrpc(status, address_);
  return dataset;
}

void Serving::UploadToyData() {
  const data::Prepared toy = ToyData();
  for (const std::string& bytes : {data::EncodeTrainingData(toy.training), data::EncodePart(toy.test)}) {
    const auto stored = Upload(rpc::DatasetName(Sha256Hex(bytes)), static_cast<int64_t>(bytes.size()), bytes);
    ASSERT_TRUE(stored.ok()) << stored.status();
  }
}

v1::SubmitJobRequest Serving::ToySubmit(uint64_t seed) {
  const data::Prepared toy = ToyData();
  v1::SubmitJobRequest request;
  request.set_request_id("submit-" + std::to_string(seed));
  *request.mutable_spec() = rpc::ToProto(ToySpec(seed));
  request.set_data_file("toy.csv");
  request.set_target("kind");
  request.set_preparation(data::PreparationToJson(toy.preparation));
  request.set_training_dataset(rpc::DatasetName(Sha256Hex(data::EncodeTrainingData(toy.training))));
  request.set_test_dataset(rpc::DatasetName(Sha256Hex(data::EncodePart(toy.test))));
  request.set_numerics_version(kNumericsVersion);
  return request;
}

std::string Serving::SubmitToy(uint64_t seed) {
  UploadToyData();
  const auto submitted = Call(people(), &v1::SearchService::Stub::SubmitJob, ToySubmit(seed));
  EXPECT_TRUE(submitted.ok()) << submitted.status();
  return submitted.ok() ? submitted->job().name() : "";
}

v1::Job::State Serving::StateOf(const std::string& job) {
  v1::GetJobRequest request;
  request.set_name(job);
  const auto got = Call(people(), &v1::SearchService::Stub::GetJob, request);
  EXPECT_TRUE(got.ok()) << got.status();
  return got.ok() ? got->state() : v1::Job::STATE_UNSPECIFIED;
}

v1::WorkerId Serving::RegisterWorker(const std::string& name) {
  const WorkerInfo worker = {.id = {name, "s"}, .threads = 2, .processor = "avx2"};
  const auto terms = Call(workers(), &v1::WorkerService::Stub::RegisterWorker, rpc::ToProto(worker));
  EXPECT_TRUE(terms.ok()) << terms.status();
  return rpc::ToProto(worker.id);
}

absl::StatusOr<std::vector<Lease>> Serving::LeaseWork(const v1::WorkerId& worker, double seconds,
                                                      absl::Duration patience) {
  v1::LeaseWorkRequest request;
  *request.mutable_worker() = worker;
  request.set_seconds(seconds);
  request.set_idle_threads(1);
  *request.mutable_patience() = rpc::ToProto(patience);
  const auto response = Call(workers(), &v1::WorkerService::Stub::LeaseWork, request);
  if (!response.ok()) return response.status();
  std::vector<Lease> leases;
  for (const v1::Lease& lease : response->leases()) leases.push_back(rpc::FromProto(lease).value());
  return leases;
}

absl::StatusOr<v1::ReportWorkResponse> Serving::Report(const v1::WorkerId& worker,
                                                       const std::vector<LeaseReport>& reports) {
  v1::ReportWorkRequest request;
  *request.mutable_worker() = worker;
  for (const LeaseReport& report : reports) *request.add_reports() = rpc::ToProto(report);
  return Call(workers(), &v1::WorkerService::Stub::ReportWork, request);
}

LeaseReport ToyReport(const Lease& lease) {
  LeaseReport report = {.lease = lease.id};
  if (lease.slice) {
    report.trials =
        core::ToyResults(*lease.slice, [](const SliceWork&, const TrialSpec&) { return core::ToyOutcome(); });
  } else {
    const data::Prepared toy = ToyData();
    const std::vector<int32_t>& labels = toy.test.targets.labels;
    report.outputs.emplace(labels.size() * 3, 0.0f);
    for (size_t row = 0; row < labels.size(); ++row) (*report.outputs)[row * 3 + labels[row]] = 1;
  }
  return report;
}

}  // namespace minnow::server
