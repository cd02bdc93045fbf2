#include "tests/client/fake_service.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <chrono>

#include "common/rpc/convert.h"

namespace minnow::client {

using grpc::Status;

void FakeService::Start(int port) {
  stopping_ = false;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

void FakeService::Stop() {
  if (server_ == nullptr) return;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopping_changed_.notify_all();
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
  server_.reset();
}

Status FakeService::TakeRefusal() {
  if (refusals.empty()) return Status::OK;
  const Status refusal = refusals.front();
  refusals.pop_front();
  return refusal;
}

void FakeService::WaitForStop() {
  std::unique_lock lock(mutex_);
  stopping_changed_.wait(lock, [this] { return stopping_; });
}

Status FakeService::GetServerInfo(Context*, const v1::GetServerInfoRequest*, v1::ServerInfo* response) {
  if (hang) WaitForStop();
  *response = info;
  return Status::OK;
}

Status FakeService::GetDataset(Context*, const v1::GetDatasetRequest* request, v1::Dataset*) {
  if (datasets.contains(request->name())) return Status::OK;
  return Status(grpc::StatusCode::NOT_FOUND, "not stored");
}

Status FakeService::UploadDataset(Context*, grpc::ServerReader<v1::UploadDatasetRequest>* parts, v1::Dataset*) {
  ++uploads;
  std::string name;
  std::string bytes;
  int64_t size = 0;
  for (v1::UploadDatasetRequest part; parts->Read(&part);) {
    if (bytes.empty()) name = part.name();
    if (bytes.empty()) size = part.size();
    largest_chunk = std::max(largest_chunk, part.data().size());
    bytes += part.data();
  }
  if (static_cast<int64_t>(bytes.size()) != size) return Status(grpc::StatusCode::DATA_LOSS, "not whole");
  datasets[name] = bytes;
  return Status::OK;
}

Status FakeService::DownloadDataset(Context*, const v1::DownloadDatasetRequest* request,
                                    Writer<v1::DataChunk>* writer) {
  std::string bytes = datasets.at(request->name());
  if (damage) bytes[0] ^= 1;
  for (const char byte : bytes) {
    v1::DataChunk chunk;
    chunk.set_data(std::string(1, byte));
    writer->Write(chunk);
  }
  return Status::OK;
}

Status FakeService::SubmitJob(Context*, const v1::SubmitJobRequest* request, v1::SubmitJobResponse* response) {
  request_ids.push_back(request->request_id());
  submitted = *request;
  if (forget_datasets) {
    datasets.clear();
    forget_datasets = false;
    return Status(grpc::StatusCode::FAILED_PRECONDITION, "a data set is not stored");
  }
  response->mutable_job()->set_name("jobs/7");
  return TakeRefusal();
}

Status FakeService::GetJob(Context*, const v1::GetJobRequest* request, v1::Job*) {
  return Status(grpc::StatusCode::NOT_FOUND, "there is no " + request->name() + "\033[2J");
}

Status FakeService::ListJobs(Context*, const v1::ListJobsRequest* request, v1::ListJobsResponse* response) {
  *response = job_pages.at(request->page_token().empty() ? 0 : std::stoul(request->page_token()));
  return Status::OK;
}

Status FakeService::ListTrials(Context*, const v1::ListTrialsRequest* request, v1::ListTrialsResponse* response) {
  asked_trials = *request;
  const int64_t first = request->page_token().empty() ? 1 : std::stol(request->page_token());
  const int64_t end = std::min<int64_t>(first + request->page_size(), trials + 1);
  for (int64_t number = first; number < end; ++number) {
    TrialRow row;
    row.trial.job = 7;
    row.trial.number = number;
    row.trial.shape = {.inputs = 4, .hidden = {2}, .outputs = 3};
    row.trial.spec.seed = 1;
    row.trial.result.state = TrialState::kMissed;
    row.trial.worker = "farm-1";
    *response->add_trials() = rpc::ToProto(row);
  }
  if (end <= trials) response->set_next_page_token(std::to_string(end));
  return Status::OK;
}

Status FakeService::ListWorkers(Context*, const v1::ListWorkersRequest*, v1::ListWorkersResponse* response) {
  *response->add_workers() = rpc::ToProto(WorkerSummary{.name = "farm-1", .connected = true, .threads = 8});
  return Status::OK;
}

Status FakeService::ForgiveWorker(Context*, const v1::ForgiveWorkerRequest* request, v1::ForgiveWorkerResponse*) {
  if (request->name() == "workers/farm-1") return Status::OK;
  return Status(grpc::StatusCode::NOT_FOUND, "no such worker");
}

Status FakeService::GetProgress(Context*, const v1::GetProgressRequest*, v1::JobProgress* response) {
  response->set_why_still("no worker is connected");
  return Status::OK;
}

Status FakeService::WatchJob(Context*, const v1::WatchJobRequest*, Writer<v1::JobProgress>* writer) {
  for (const v1::JobProgress& progress : news) writer->Write(progress);
  WaitForStop();
  return Status(grpc::StatusCode::UNAVAILABLE, "the server stops");
}

Status FakeService::PauseJob(Context*, const v1::PauseJobRequest* request, v1::Job*) {
  request_ids.push_back(request->request_id());
  changed.push_back("pause " + request->name());
  return TakeRefusal();
}

Status FakeService::DeleteJob(Context*, const v1::DeleteJobRequest* request, v1::DeleteJobResponse*) {
  request_ids.push_back(request->request_id());
  changed.push_back("delete " + request->name());
  return TakeRefusal();
}

Status FakeService::Query(Context*, const v1::QueryRequest*, Writer<v1::QueryResponse>* writer) {
  for (const v1::QueryResponse& part : query_parts) writer->Write(part);
  return Status::OK;
}

Status FakeService::Backup(Context*, const v1::BackupRequest*, Writer<v1::DataChunk>* writer) {
  for (const v1::DataChunk& chunk : backup) writer->Write(chunk);
  return Status::OK;
}

}  // namespace minnow::client
