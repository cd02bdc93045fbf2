// A server in this process that says what a test wrote down for it, and remembers what it was asked.
#ifndef MINNOW_TESTS_CLIENT_FAKE_SERVICE_H_
#define MINNOW_TESTS_CLIENT_FAKE_SERVICE_H_

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <grpcpp/server.h>

#include "minnow/v1/service.grpc.pb.h"

namespace minnow::client {

class FakeService : public v1::SearchService::Service {
 public:
  // Listens on a free port of this machine, or on `port`.
  void Start(int port = 0);
  void Stop();
  ~FakeService() override { Stop(); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }

  // What it says.
  v1::ServerInfo info;
  bool hang = false;                            // GetServerInfo waits until Stop
  std::map<std::string, std::string> datasets;  // by name
  bool damage = false;                          // of downloads
  std::deque<grpc::Status> refusals;            // the first answers to mutations
  bool forget_datasets = false;                 // once, when a job is submitted
  std::vector<v1::ListJobsResponse> job_pages;
  int64_t trials = 0;
  std::vector<v1::QueryResponse> query_parts;
  std::vector<v1::DataChunk> backup;
  std::vector<v1::JobProgress> news;

  // What it was asked.
  std::vector<std::string> request_ids;
  std::vector<std::string> changed;  // "pause jobs/7"
  v1::SubmitJobRequest submitted;
  v1::ListTrialsRequest asked_trials;
  int uploads = 0;
  size_t largest_chunk = 0;

 private:
  using Context = grpc::ServerContext;
  using Status = grpc::Status;
  template <class Message>
  using Writer = grpc::ServerWriter<Message>;

  Status GetServerInfo(Context*, const v1::GetServerInfoRequest*, v1::ServerInfo* response) override;
  Status GetDataset(Context*, const v1::GetDatasetRequest* request, v1::Dataset*) override;
  Status UploadDataset(Context*, grpc::ServerReader<v1::UploadDatasetRequest>* parts, v1::Dataset*) override;
  Status DownloadDataset(Context*, const v1::DownloadDatasetRequest* request, Writer<v1::DataChunk>* writer) override;
  Status SubmitJob(Context*, const v1::SubmitJobRequest* request, v1::SubmitJobResponse* response) override;
  Status GetJob(Context*, const v1::GetJobRequest* request, v1::Job*) override;
  Status ListJobs(Context*, const v1::ListJobsRequest* request, v1::ListJobsResponse* response) override;
  Status ListTrials(Context*, const v1::ListTrialsRequest* request, v1::ListTrialsResponse* response) override;
  Status ListWorkers(Context*, const v1::ListWorkersRequest*, v1::ListWorkersResponse* response) override;
  Status ForgiveWorker(Context*, const v1::ForgiveWorkerRequest* request, v1::ForgiveWorkerResponse*) override;
  Status GetProgress(Context*, const v1::GetProgressRequest*, v1::JobProgress* response) override;
  Status WatchJob(Context* context, const v1::WatchJobRequest*, Writer<v1::JobProgress>* writer) override;
  Status PauseJob(Context*, const v1::PauseJobRequest* request, v1::Job*) override;
  Status DeleteJob(Context*, const v1::DeleteJobRequest* request, v1::DeleteJobResponse*) override;
  Status Query(Context*, const v1::QueryRequest*, Writer<v1::QueryResponse>* writer) override;
  Status Backup(Context*, const v1::BackupRequest*, Writer<v1::DataChunk>* writer) override;

  Status TakeRefusal();
  void WaitForStop();

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::mutex mutex_;
  std::condition_variable stopping_changed_;
  bool stopping_ = false;  // guarded by mutex_
};

}  // namespace minnow::client

#endif  // MINNOW_TESTS_CLIENT_FAKE_SERVICE_H_
