#include "client/remote.h"

#include <spdlog/fmt/fmt.h>

#include <random>
#include <utility>

#include "client/connection.h"
#include "common/resource_names.h"
#include "common/rpc/convert.h"

namespace minnow::client {
namespace {

using Stub = Connection::Stub;

constexpr int kUploadRounds = 2;  // a data set may be deleted between its upload and the submission

// Whether the same request may be answered when it is sent once more.
bool MayPass(const absl::Status& error) { return absl::IsUnavailable(error) || absl::IsDeadlineExceeded(error); }

v1::OtherSplit ToProto(const core::SplitOfRows& split) {
  v1::OtherSplit message;
  message.set_split_seed(split.split_seed);
  message.set_preparation(split.preparation);
  message.set_training_dataset(rpc::DatasetName(split.training.sha256));
  message.set_test_dataset(rpc::DatasetName(split.test.sha256));
  return message;
}

v1::SubmitJobRequest ToProto(const core::SubmitRequest& request) {
  v1::SubmitJobRequest message;
  message.set_request_id(request.request_id);
  *message.mutable_spec() = rpc::ToProto(request.spec);
  message.set_data_file(request.data_file);
  message.set_target(request.target);
  message.set_preparation(request.preparation);
  message.set_training_dataset(rpc::DatasetName(request.training.sha256));
  message.set_test_dataset(rpc::DatasetName(request.test.sha256));
  message.set_numerics_version(kNumericsVersion);
  message.set_split_seed(request.split_seed);
  for (const core::SplitOfRows& split : request.other_splits) *message.add_other_splits() = ToProto(split);
  return message;
}

class GrpcRemote : public Remote {
 public:
  GrpcRemote(std::shared_ptr<const Connection> connection, v1::ServerInfo server)
      : connection_(std::move(connection)), server_(std::move(server)) {}

  absl::StatusOr<core::SubmitResponse> Submit(const core::SubmitRequest& request) override {
    if (server_.numerics_version() != kNumericsVersion) {
      return absl::UnavailableError(
          fmt::format("the server trains under numerics version {} and this program has version {}: their bits differ; "
                      "use programs "
                      "of the same version (the server's is {})",
                      server_.numerics_version(), kNumericsVersion, Printable(server_.version())));
    }
    absl::StatusOr<core::SubmitResponse> response;
    for (int round = 0; round < kUploadRounds; ++round) {
      for (const core::DatasetRecord* dataset : DatasetsOf(request)) {
        const absl::Status stored = Persist([&] { return Store(*dataset); });
        if (!stored.ok()) return stored;
      }
      response = SubmitStored(request);
      if (!absl::IsFailedPrecondition(response.status())) break;
    }
    return response;
  }

  absl::Status Apply(const core::JobRequest& request) override {
    switch (request.action) {
      case core::JobAction::kPause:
        return Mutate<v1::PauseJobRequest>(&Stub::PauseJob, request);
      case core::JobAction::kResume:
        return Mutate<v1::ResumeJobRequest>(&Stub::ResumeJob, request);
      case core::JobAction::kCancel:
        return Mutate<v1::CancelJobRequest>(&Stub::CancelJob, request);
      case core::JobAction::kDelete:
        return Mutate<v1::DeleteJobRequest>(&Stub::DeleteJob, request);
    }
    return absl::InternalError("no such action");
  }

  std::unique_ptr<ProgressSource> Watch(int64_t job) override { return NewRemoteProgress(connection_, job); }

  absl::StatusOr<std::vector<WorkerSummary>> Workers() override {
    std::vector<WorkerSummary> workers;
    const absl::Status status = connection_->ForEachPage(
        &Stub::ListWorkers, v1::ListWorkersRequest(), [&](const v1::ListWorkersResponse& page) -> absl::StatusOr<bool> {
          for (const v1::Worker& message : page.workers()) {
            absl::StatusOr<WorkerSummary> worker = rpc::FromProto(message);
            if (!worker.ok()) return absl::DataLossError(worker.status().message());
            workers.push_back(*std::move(worker));
          }
          return true;
        });
    if (!status.ok()) return status;
    return workers;
  }

  absl::Status Forgive(const std::string& worker) override {
    v1::ForgiveWorkerRequest request;
    request.set_name(rpc::WorkerNameText(worker));
    return Persist([&] { return connection_->Call(&Stub::ForgiveWorker, request).status(); });
  }

  absl::Status Backup(const std::function<absl::Status(std::string_view bytes)>& write) override {
    grpc::ClientContext context;
    connection_->Begin(context, connection_->limits().transfer);
    const auto reader = connection_->stub()->Backup(&context, v1::BackupRequest());
    int64_t size = 0;
    int64_t written = 0;
    absl::Status own;
    for (v1::DataChunk chunk; own.ok() && reader->Read(&chunk);) {
      if (written == 0) size = chunk.size();
      written += static_cast<int64_t>(chunk.data().size());
      own = write(chunk.data());
    }
    if (!own.ok()) context.TryCancel();
    const grpc::Status status = reader->Finish();
    if (!own.ok()) return own;
    if (!status.ok()) return connection_->StatusOf(status);
    if (written == size) return absl::OkStatus();
    return absl::DataLossError(fmt::format("{} of {} bytes of the backup arrived; try again", written, size));
  }

  std::unique_ptr<Results> OpenResults() override { return NewRemoteResults(connection_); }

 private:
  // Makes a call that does nothing twice, again and again while the server is away, within limits.
  template <class Attempt>
  absl::Status Persist(Attempt attempt) const {
    const RemoteLimits& limits = connection_->limits();
    absl::Status status = attempt();
    absl::Duration pause = limits.pause;
    for (int i = 1; i < limits.attempts && MayPass(status); ++i, pause *= 2) {
      absl::SleepFor(pause);
      status = attempt();
    }
    return status;
  }

  template <class Request, class Response>
  absl::Status Mutate(Connection::Method<Request, Response> method, const core::JobRequest& request) const {
    Request message;
    message.set_request_id(request.request_id);
    message.set_name(JobName(request.job));
    return Persist([&] { return connection_->Call(method, message).status(); });
  }

  absl::StatusOr<core::SubmitResponse> SubmitStored(const core::SubmitRequest& request) const {
    const v1::SubmitJobRequest message = ToProto(request);
    core::SubmitResponse submitted;
    const absl::Status status = Persist([&] {
      const absl::StatusOr<v1::SubmitJobResponse> response = connection_->Call(&Stub::SubmitJob, message);
      if (!response.ok()) return response.status();
      const absl::StatusOr<int64_t> job = ParseJobName(response->job().name());
      if (!job.ok()) return absl::DataLossError(Printable(std::string(job.status().message())));
      submitted = {.job = *job, .existed = response->existed()};
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return submitted;
  }

  // Uploads the data set unless the server has it.
  absl::Status Store(const core::DatasetRecord& dataset) const {
    v1::GetDatasetRequest request;
    request.set_name(rpc::DatasetName(dataset.sha256));
    const absl::Status status = connection_->Call(&Stub::GetDataset, request).status();
    return absl::IsNotFound(status) ? Upload(request.name(), dataset.bytes.view()) : status;
  }

  absl::Status Upload(const std::string& name, std::string_view bytes) const {
    grpc::ClientContext context;
    connection_->Begin(context, connection_->limits().transfer);
    v1::Dataset stored;
    const auto writer = connection_->stub()->UploadDataset(&context, &stored);
    for (size_t at = 0; at < bytes.size(); at += rpc::kDataChunkBytes) {
      v1::UploadDatasetRequest part;
      if (at == 0) part.set_name(name);
      if (at == 0) part.set_size(static_cast<int64_t>(bytes.size()));
      part.set_data(std::string(bytes.substr(at, rpc::kDataChunkBytes)));
      if (!writer->Write(part)) break;  // the server has said all that it has to say
    }
    writer->WritesDone();
    return connection_->StatusOf(writer->Finish());
  }

  const std::shared_ptr<const Connection> connection_;
  const v1::ServerInfo server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Remote>> Remote::Connect(const std::string& address, const RemoteLimits& limits,
                                                        const access::Credentials& credentials) {
  const absl::StatusOr<rpc::Address> parsed = rpc::ParseAddress("server", address);
  if (!parsed.ok()) return parsed.status();
  if (absl::Status status = access::CheckTravel(credentials, parsed->host, rpc::IsLoopback(parsed->host));
      !status.ok()) {
    return status;
  }
  auto connection = std::make_shared<const Connection>(*parsed, limits, credentials);
  absl::StatusOr<v1::ServerInfo> server =
      connection->Call(&Stub::GetServerInfo, v1::GetServerInfoRequest(), limits.first_call);
  if (!server.ok()) return server.status();
  return std::make_unique<GrpcRemote>(std::move(connection), *std::move(server));
}

absl::Status CheckServerAddress(std::string_view source, const std::string& text) {
  const absl::Status status = rpc::ParseAddress("server", text).status();
  if (status.ok()) return status;
  const std::string flag = "--server";
  std::string message(status.message());
  if (message.starts_with(flag)) message.replace(0, flag.size(), source);
  return absl::InvalidArgumentError(message);
}

std::string NewRequestId() {
  std::random_device random;
  std::string id;
  for (int i = 0; i < 4; ++i) id += fmt::format("{:08x}", random());
  return id;
}

}  // namespace minnow::client
