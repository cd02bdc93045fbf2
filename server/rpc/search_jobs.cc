// Jobs: what is changed, and what the ledger knows.
#include <utility>

#include "common/resource_names.h"
#include "server/rpc/admission.h"
#include "server/rpc/pages.h"
#include "server/rpc/search_service.h"
#include "server/rpc/submit.h"
#include "server/rpc/unary.h"
#include "server/rpc/watch.h"

namespace minnow::rpc {

namespace {
constexpr PageSizes kWorkers = {.usual = 1000, .most = 1000};
}  // namespace

std::unique_ptr<grpc::Service> NewSearchService(const Backend& backend) {
  return std::make_unique<SearchService>(backend);
}

absl::StatusOr<std::string> SearchService::Admit(const Context* context, Role needed) const {
  return rpc::Admit(*backend_.callers, *context, needed);
}

void SearchService::Read(Unary* call, std::function<absl::Status(Results&)> read) {
  backend_.readers->Run(Readers::Length::kQuick,
                        [call, read = std::move(read)](const absl::StatusOr<Results*>& results) {
                          Answer(call, results.ok() ? read(**results) : results.status());
                        });
}

SearchService::Unary* SearchService::Read(Context* context, std::function<absl::Status(Results&)> read) {
  Unary* const call = context->DefaultReactor();
  if (const auto caller = Admit(context, Role::kRead); !caller.ok()) return Refuse(call, caller.status());
  Read(call, std::move(read));
  return call;
}

SearchService::Unary* SearchService::GetServerInfo(Context* context, const v1::GetServerInfoRequest*,
                                                   v1::ServerInfo* response) {
  Unary* const call = context->DefaultReactor();
  if (const auto caller = Admit(context, Role::kRead); !caller.ok()) return Refuse(call, caller.status());
  response->set_version(backend_.version);
  response->set_numerics_version(kNumericsVersion);
  *response->mutable_lease_duration() = ToProto(backend_.lease);
  Answer(call, absl::OkStatus());
  return call;
}

// Readers, then the ledger, then readers again: what is answered is the job as it was committed.
SearchService::Unary* SearchService::SubmitJob(Context* context, const v1::SubmitJobRequest* request,
                                               v1::SubmitJobResponse* response) {
  Unary* const call = context->DefaultReactor();
  const absl::StatusOr<std::string> owner = Admit(context, Role::kSubmit);
  if (!owner.ok()) return Refuse(call, owner.status());
  const auto submitted = [this, call, response](const absl::StatusOr<core::SubmitResponse>& submit) {
    if (!submit.ok()) return Answer(call, submit.status());
    response->set_existed(submit->existed);
    AnswerWithJob(response->mutable_job())(call, submit->job);
  };
  backend_.readers->Run(Readers::Length::kLong, [this, call, request, submitted,
                                                 owner = *owner](const absl::StatusOr<Results*>& results) {
    if (!results.ok()) return Answer(call, results.status());
    absl::StatusOr<core::SubmitRequest> submit = ReadSubmitRequest(*request, **results, outlines_);
    if (!submit.ok()) return Answer(call, submit.status());
    submit->owner = owner;
    backend_.ledger->Submit(*std::move(submit), submitted);
  });
  return call;
}

std::function<void(SearchService::Unary*, int64_t)> SearchService::AnswerWithJob(v1::Job* response) {
  return [this, response](Unary* call, int64_t job) {
    Read(call, [job, response](Results& results) { return Put(results.Job(job), response); });
  };
}

SearchService::Unary* SearchService::Apply(Context* context, core::JobAction action, const std::string& request_id,
                                           const std::string& name, std::function<void(Unary*, int64_t job)> answer) {
  Unary* const call = context->DefaultReactor();
  const absl::StatusOr<std::string> owner = Admit(context, Role::kSubmit);
  if (!owner.ok()) return Refuse(call, owner.status());
  const absl::StatusOr<std::string> id = ParseRequestId(request_id);
  if (!id.ok()) return Refuse(call, OfField("request_id", id.status()));
  const absl::StatusOr<int64_t> job = ParseJobName(name);
  if (!job.ok()) return Refuse(call, OfField("name", job.status()));
  backend_.ledger->Apply({.request_id = *id, .action = action, .job = *job, .owner = *owner},
                         [call, job = *job, answer = std::move(answer)](const absl::StatusOr<bool>& applied) {
                           if (!applied.ok()) return Answer(call, applied.status());
                           answer(call, job);
                         });
  return call;
}

SearchService::Unary* SearchService::PauseJob(Context* context, const v1::PauseJobRequest* request, v1::Job* response) {
  return Apply(context, core::JobAction::kPause, request->request_id(), request->name(), AnswerWithJob(response));
}

SearchService::Unary* SearchService::ResumeJob(Context* context, const v1::ResumeJobRequest* request,
                                               v1::Job* response) {
  return Apply(context, core::JobAction::kResume, request->request_id(), request->name(), AnswerWithJob(response));
}

SearchService::Unary* SearchService::CancelJob(Context* context, const v1::CancelJobRequest* request,
                                               v1::Job* response) {
  return Apply(context, core::JobAction::kCancel, request->request_id(), request->name(), AnswerWithJob(response));
}

SearchService::Unary* SearchService::DeleteJob(Context* context, const v1::DeleteJobRequest* request,
                                               v1::DeleteJobResponse*) {
  return Apply(context, core::JobAction::kDelete, request->request_id(), request->name(),
               [](Unary* call, int64_t) { Answer(call, absl::OkStatus()); });
}

SearchService::Unary* SearchService::GetProgress(Context* context, const v1::GetProgressRequest* request,
                                                 v1::JobProgress* response) {
  Unary* const call = context->DefaultReactor();
  if (const auto caller = Admit(context, Role::kRead); !caller.ok()) return Refuse(call, caller.status());
  const absl::StatusOr<int64_t> job = ParseJobName(request->name());
  if (!job.ok()) return Refuse(call, OfField("name", job.status()));
  backend_.ledger->WaitForProgress(*job, std::nullopt, backend_.clock(), AnswerWith<JobProgress>(call, response));
  return call;
}

grpc::ServerWriteReactor<v1::JobProgress>* SearchService::WatchJob(Context* context,
                                                                   const v1::WatchJobRequest* request) {
  return Watch(backend_, Admit(context, Role::kRead).status(), watches_.Take(), request->name());
}

SearchService::Unary* SearchService::ListWorkers(Context* context, const v1::ListWorkersRequest* request,
                                                 v1::ListWorkersResponse* response) {
  Unary* const call = context->DefaultReactor();
  if (const auto caller = Admit(context, Role::kRead); !caller.ok()) return Refuse(call, caller.status());
  const auto page = PageOf<std::string>(*request, "workers", kWorkers);
  if (!page.ok()) return Refuse(call, page.status());
  backend_.ledger->Workers([call, response, page = *page](const absl::StatusOr<std::vector<WorkerSummary>>& workers) {
    if (!workers.ok()) return Answer(call, workers.status());
    std::string last = page.after;
    for (const WorkerSummary& worker : *workers) {
      if (worker.name <= page.after) continue;
      if (response->workers_size() == page.size) {
        response->set_next_page_token(PageToken(page.list, last));
        break;
      }
      *response->add_workers() = ToProto(worker);
      last = worker.name;
    }
    Answer(call, absl::OkStatus());
  });
  return call;
}

SearchService::Unary* SearchService::ForgiveWorker(Context* context, const v1::ForgiveWorkerRequest* request,
                                                   v1::ForgiveWorkerResponse*) {
  Unary* const call = context->DefaultReactor();
  if (const auto caller = Admit(context, Role::kSubmit); !caller.ok()) return Refuse(call, caller.status());
  const absl::StatusOr<std::string> name = ParseWorkerName(request->name());
  if (!name.ok()) return Refuse(call, OfField("name", name.status()));
  backend_.ledger->Forgive(*name, [call](const absl::StatusOr<bool>& forgiven) { Answer(call, forgiven.status()); });
  return call;
}

}  // namespace minnow::rpc
