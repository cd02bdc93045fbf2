// What people's programs ask. Included by the files of the service alone.
#ifndef MINNOW_SERVER_RPC_SEARCH_SERVICE_H_
#define MINNOW_SERVER_RPC_SEARCH_SERVICE_H_

#include <functional>
#include <string>

#include "minnow/v1/service.grpc.pb.h"
#include "server/access/callers.h"
#include "server/rpc/downloads.h"
#include "server/rpc/outlines.h"
#include "server/rpc/services.h"
#include "server/rpc/slots.h"

namespace minnow::rpc {

class SearchService : public v1::SearchService::CallbackService {
 public:
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  explicit SearchService(const Backend& backend) : backend_(backend) {}

  // Jobs (search_jobs.cc).
  Unary* GetServerInfo(Context*, const v1::GetServerInfoRequest*, v1::ServerInfo*) override;
  Unary* SubmitJob(Context*, const v1::SubmitJobRequest*, v1::SubmitJobResponse*) override;
  Unary* PauseJob(Context*, const v1::PauseJobRequest*, v1::Job*) override;
  Unary* ResumeJob(Context*, const v1::ResumeJobRequest*, v1::Job*) override;
  Unary* CancelJob(Context*, const v1::CancelJobRequest*, v1::Job*) override;
  Unary* DeleteJob(Context*, const v1::DeleteJobRequest*, v1::DeleteJobResponse*) override;
  Unary* GetProgress(Context*, const v1::GetProgressRequest*, v1::JobProgress*) override;
  grpc::ServerWriteReactor<v1::JobProgress>* WatchJob(Context*, const v1::WatchJobRequest*) override;
  Unary* ListWorkers(Context*, const v1::ListWorkersRequest*, v1::ListWorkersResponse*) override;
  Unary* ForgiveWorker(Context*, const v1::ForgiveWorkerRequest*, v1::ForgiveWorkerResponse*) override;

  // Their results (search_results.cc).
  Unary* GetJob(Context*, const v1::GetJobRequest*, v1::Job*) override;
  Unary* ListJobs(Context*, const v1::ListJobsRequest*, v1::ListJobsResponse*) override;
  Unary* GetAnswer(Context*, const v1::GetAnswerRequest*, v1::AnswerReport*) override;
  Unary* GetPreparation(Context*, const v1::GetPreparationRequest*, v1::Preparation*) override;
  Unary* GetTrial(Context*, const v1::GetTrialRequest*, v1::Trial*) override;
  Unary* ListTrials(Context*, const v1::ListTrialsRequest*, v1::ListTrialsResponse*) override;
  Unary* ListShapes(Context*, const v1::ListShapesRequest*, v1::ListShapesResponse*) override;
  Unary* ListEvents(Context*, const v1::ListEventsRequest*, v1::ListEventsResponse*) override;

  // Files and tables (search_files.cc).
  Unary* GetDataset(Context*, const v1::GetDatasetRequest*, v1::Dataset*) override;
  grpc::ServerReadReactor<v1::UploadDatasetRequest>* UploadDataset(Context*, v1::Dataset*) override;
  grpc::ServerWriteReactor<v1::DataChunk>* DownloadDataset(Context*, const v1::DownloadDatasetRequest*) override;
  grpc::ServerWriteReactor<v1::QueryResponse>* Query(Context*, const v1::QueryRequest*) override;
  grpc::ServerWriteReactor<v1::DataChunk>* Backup(Context*, const v1::BackupRequest*) override;

 private:
  using Role = access::Role;

  // The name of who calls; see admission.h.
  absl::StatusOr<std::string> Admit(const Context* context, Role needed) const;
  // Answers with what `read` makes of the database, on a thread of the readers. The first is for those who may read.
  Unary* Read(Context* context, std::function<absl::Status(Results&)> read);
  void Read(Unary* call, std::function<absl::Status(Results&)> read);
  // The same for one job; `field` is the one that names it.
  Unary* ReadJob(Context* context, const char* field, const std::string& name,
                 std::function<absl::Status(Results&, int64_t job)> read);
  Unary* Apply(Context* context, core::JobAction action, const std::string& request_id, const std::string& name,
               std::function<void(Unary*, int64_t job)> answer);
  // Answers with the job as it is now.
  std::function<void(Unary*, int64_t)> AnswerWithJob(v1::Job* response);

  const Backend backend_;
  Downloads downloads_;
  Outlines outlines_;
  Slots uploads_{kMaxUploads};
  SlotsOfEach uploads_of_each_{kMaxUploadsOfAnOwner};
  Slots queries_{kMaxQueries};
  Slots backups_{kMaxBackups};
  Slots watches_{kMaxWatches};
};

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_SEARCH_SERVICE_H_
