// Results from a server.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "client/connection.h"
#include "common/resource_names.h"
#include "common/rpc/convert.h"
#include "common/sha256.h"

namespace minnow::client {
namespace {

using Stub = Connection::Stub;

constexpr int kPageRows = 1000;
constexpr double kQueryMarginSeconds = 10;  // for the way, beside the time that the statement may take

// What the server sent is not for the person to mend.
template <class Record>
absl::StatusOr<Record> Received(absl::StatusOr<Record> record) {
  if (!record.ok()) {
    return absl::DataLossError(fmt::format("the server sent something that makes no sense here: {}",
                                           Printable(std::string(record.status().message()))));
  }
  return record;
}

class RemoteResults : public Results {
 public:
  explicit RemoteResults(std::shared_ptr<const Connection> connection) : connection_(std::move(connection)) {}

  absl::StatusOr<std::vector<JobSummary>> Jobs(std::optional<JobState> state, const std::string& label) override {
    v1::ListJobsRequest request;
    if (state) request.set_state(rpc::ToProto(*state));
    request.set_label(label);
    request.set_page_size(kPageRows);
    return All<JobSummary>(
        &Stub::ListJobs, std::move(request), [](const auto& page) -> const auto& { return page.jobs(); });
  }

  absl::StatusOr<JobSummary> Job(int64_t job) override {
    v1::GetJobRequest request;
    request.set_name(JobName(job));
    return One<JobSummary>(&Stub::GetJob, request);
  }

  absl::StatusOr<std::string> WhyStill(const JobRecord& job) override {
    if (IsOver(job)) return "";
    v1::GetProgressRequest request;
    request.set_name(JobName(job.id));
    const absl::StatusOr<v1::JobProgress> progress = connection_->Call(&Stub::GetProgress, request);
    if (!progress.ok()) return progress.status();
    return progress->why_still();
  }

  absl::StatusOr<std::vector<EventRecord>> Events(int64_t job) override {
    v1::ListEventsRequest request;
    request.set_parent(JobName(job));
    return All<EventRecord>(
        &Stub::ListEvents, std::move(request), [](const auto& page) -> const auto& { return page.events(); });
  }

  absl::StatusOr<std::vector<VerdictRow>> Shapes(int64_t job) override {
    v1::ListShapesRequest request;
    request.set_parent(JobName(job));
    return All<VerdictRow>(
        &Stub::ListShapes, std::move(request), [](const auto& page) -> const auto& { return page.shapes(); });
  }

  absl::StatusOr<AnswerReport> Answer(int64_t job) override {
    v1::GetAnswerRequest request;
    request.set_name(JobName(job));
    return One<AnswerReport>(&Stub::GetAnswer, request);
  }

  absl::Status Trials(int64_t job, const TrialFilter& filter,
                      const std::function<void(const TrialRow&)>& row) override {
    int64_t left = filter.limit.value_or(std::numeric_limits<int64_t>::max());
    v1::ListTrialsRequest request;
    request.set_parent(JobName(job));
    if (filter.state) request.set_state(rpc::ToProto(*filter.state));
    request.set_all(filter.all);
    request.set_page_size(static_cast<int>(std::min<int64_t>(left, kPageRows)));
    return connection_->ForEachPage(&Stub::ListTrials, std::move(request),
                                    [&](const v1::ListTrialsResponse& page) -> absl::StatusOr<bool> {
                                      for (const v1::Trial& message : page.trials()) {
                                        const absl::StatusOr<TrialRow> trial = Received(rpc::FromProto(message));
                                        if (!trial.ok()) return trial.status();
                                        if (trial->trial.number <= filter.after) continue;
                                        if (left-- == 0) return false;
                                        row(*trial);
                                      }
                                      return left > 0;
                                    });
  }

  absl::StatusOr<TrialRow> Trial(int64_t job, int64_t number) override {
    v1::GetTrialRequest request;
    request.set_name(TrialNameText(job, number));
    return One<TrialRow>(&Stub::GetTrial, request);
  }

  absl::StatusOr<int64_t> SizeOfDataset(const std::string& sha256) override {
    v1::GetDatasetRequest request;
    request.set_name(rpc::DatasetName(sha256));
    const absl::StatusOr<v1::Dataset> dataset = connection_->Call(&Stub::GetDataset, request);
    if (!dataset.ok()) return dataset.status();
    return dataset->size();
  }
  absl::StatusOr<DatasetPart> PartOfDataset(const std::string&, int64_t) override {
    return absl::UnimplementedError("a server sends a data set as a whole");
  }
  absl::StatusOr<std::string> Dataset(const std::string& sha256) override {
    v1::DownloadDatasetRequest request;
    request.set_name(rpc::DatasetName(sha256));
    grpc::ClientContext context;
    connection_->Begin(context, connection_->limits().transfer);
    const auto reader = connection_->stub()->DownloadDataset(&context, request);
    std::string bytes;
    for (v1::DataChunk chunk; reader->Read(&chunk);) {
      bytes += chunk.data();
      if (static_cast<int64_t>(bytes.size()) > rpc::kMaxDatasetBytes) context.TryCancel();
    }
    const grpc::Status status = reader->Finish();
    if (static_cast<int64_t>(bytes.size()) > rpc::kMaxDatasetBytes) {
      return absl::DataLossError("the server sends more bytes than a data set may have");
    }
    if (!status.ok()) return connection_->StatusOf(status);
    if (Sha256Hex(bytes) != sha256) {
      return absl::DataLossError(
          fmt::format("the data set {} arrived damaged: its bytes have another hash; try again", sha256));
    }
    return bytes;
  }

  absl::StatusOr<std::string> PreparationOf(int64_t job) override {
    v1::GetPreparationRequest request;
    request.set_name(JobName(job));
    const absl::StatusOr<v1::Preparation> preparation = connection_->Call(&Stub::GetPreparation, request);
    if (!preparation.ok()) return preparation.status();
    return preparation->json();
  }

  absl::Status Query(const std::string& sql, const QueryLimits& limits,
                     const std::function<void(const std::vector<std::string>&)>& header,
                     const std::function<void(const std::vector<SqlValue>&)>& row) override {
    v1::QueryRequest request;
    request.set_sql(sql);
    request.set_max_rows(limits.max_rows);
    grpc::ClientContext context;
    connection_->Begin(context, absl::Seconds(limits.max_seconds + kQueryMarginSeconds));
    const auto reader = connection_->stub()->Query(&context, request);
    bool named = false;
    for (v1::QueryResponse part; reader->Read(&part);) {
      if (!std::exchange(named, true)) header({part.columns().begin(), part.columns().end()});
      for (const v1::SqlRow& values : part.rows()) row(rpc::FromProto(values));
    }
    return connection_->StatusOf(reader->Finish());
  }

 private:
  template <class Record, class Request, class Response>
  absl::StatusOr<Record> One(Connection::Method<Request, Response> method, const Request& request) {
    const absl::StatusOr<Response> response = connection_->Call(method, request);
    if (!response.ok()) return response.status();
    return Received(rpc::FromProto(*response));
  }

  // The records of all pages; `items` picks those of one.
  template <class Record, class Request, class Response, class Items>
  absl::StatusOr<std::vector<Record>> All(Connection::Method<Request, Response> method, Request request, Items items) {
    std::vector<Record> records;
    const absl::Status status =
        connection_->ForEachPage(method, std::move(request), [&](const Response& page) -> absl::StatusOr<bool> {
          for (const auto& message : items(page)) {
            absl::StatusOr<Record> record = Received(rpc::FromProto(message));
            if (!record.ok()) return record.status();
            records.push_back(*std::move(record));
          }
          return true;
        });
    if (!status.ok()) return status;
    return records;
  }

  const std::shared_ptr<const Connection> connection_;
};

}  // namespace

std::unique_ptr<Results> NewRemoteResults(std::shared_ptr<const Connection> connection) {
  return std::make_unique<RemoteResults>(std::move(connection));
}

}  // namespace minnow::client
