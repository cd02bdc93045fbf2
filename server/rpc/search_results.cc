// What the database knows of jobs.
#include <utility>
#include <vector>

#include "common/resource_names.h"
#include "server/rpc/pages.h"
#include "server/rpc/search_service.h"
#include "server/rpc/unary.h"

namespace minnow::rpc {
namespace {

constexpr PageSizes kJobs = {.usual = 100, .most = 1000};
constexpr PageSizes kTrials = {.usual = 1000, .most = 1000};
constexpr PageSizes kShapes = {.usual = 10'000, .most = 10'000};
constexpr PageSizes kEvents = {.usual = 1000, .most = 1000};

// What the database says of `name`. It is a file to a reader of files, which callers over a network are not.
absl::Status Said(const absl::Status& status, const std::string& name, const std::string& lists) {
  if (!absl::IsNotFound(status)) return status;
  return absl::NotFoundError("there is no " + name + ": \"" + lists + "\" lists those there are");
}

// Adds the rows of one page; the position of a row is its place in `rows`, from 1.
template <class Row>
void AddRows(const std::vector<Row>& rows, const Page<int64_t>& page, auto* messages, auto* response) {
  const int64_t count = static_cast<int64_t>(rows.size());
  const int64_t begin = std::min(page.after, count);
  const int64_t end = begin + std::min<int64_t>(page.size, count - begin);
  for (int64_t i = begin; i < end; ++i) *messages->Add() = ToProto(rows[i]);
  if (end < count) response->set_next_page_token(PageToken(page.list, end));
}

// The state that a request filters by; an unspecified one filters nothing.
template <class State, class Proto>
absl::Status ReadFilter(Proto proto, std::optional<State>& state) {
  if (proto == Proto()) return absl::OkStatus();
  const absl::StatusOr<State> asked = FromProto(proto);
  if (!asked.ok()) return OfField("state", asked.status());
  state = *asked;
  return absl::OkStatus();
}

}  // namespace

SearchService::Unary* SearchService::ReadJob(Context* context, const char* field, const std::string& name,
                                             std::function<absl::Status(Results&, int64_t)> read) {
  if (const auto caller = Admit(context, Role::kRead); !caller.ok()) {
    return Refuse(context->DefaultReactor(), caller.status());
  }
  const absl::StatusOr<int64_t> job = ParseJobName(name);
  if (!job.ok()) return Refuse(context->DefaultReactor(), OfField(field, job.status()));
  return Read(context, [job = *job, read = std::move(read)](Results& results) {
    return Said(read(results, job), JobName(job), "minnow jobs");
  });
}

SearchService::Unary* SearchService::GetJob(Context* context, const v1::GetJobRequest* request, v1::Job* response) {
  return ReadJob(context, "name", request->name(),
                 [=](Results& results, int64_t job) { return Put(results.Job(job), response); });
}

// By number, so that a job that comes up or goes meanwhile moves no other one to another page.
SearchService::Unary* SearchService::ListJobs(Context* context, const v1::ListJobsRequest* request,
                                              v1::ListJobsResponse* response) {
  return Read(context, [=](Results& results) {
    std::optional<JobState> state;
    if (absl::Status status = ReadFilter(request->state(), state); !status.ok()) return status;
    const std::string list = "jobs\n" + std::to_string(request->state()) + "\n" + request->label();
    const auto page = PageOf<int64_t>(*request, list, kJobs);
    if (!page.ok()) return page.status();
    const absl::StatusOr<std::vector<JobSummary>> jobs = results.Jobs(state, request->label());
    if (!jobs.ok()) return jobs.status();
    int64_t last = page->after;
    for (const JobSummary& job : *jobs) {
      if (job.record.id <= page->after) continue;
      if (response->jobs_size() == page->size) {
        response->set_next_page_token(PageToken(list, last));
        break;
      }
      *response->add_jobs() = ToProto(job);
      last = job.record.id;
    }
    return absl::OkStatus();
  });
}

SearchService::Unary* SearchService::GetAnswer(Context* context, const v1::GetAnswerRequest* request,
                                               v1::AnswerReport* response) {
  return ReadJob(context, "name", request->name(),
                 [=](Results& results, int64_t job) { return Put(results.Answer(job), response); });
}

SearchService::Unary* SearchService::GetPreparation(Context* context, const v1::GetPreparationRequest* request,
                                                    v1::Preparation* response) {
  return ReadJob(context, "name", request->name(), [=](Results& results, int64_t job) {
    absl::StatusOr<std::string> json = results.PreparationOf(job);
    if (json.ok()) response->set_json(*std::move(json));
    return json.status();
  });
}

SearchService::Unary* SearchService::GetTrial(Context* context, const v1::GetTrialRequest* request,
                                              v1::Trial* response) {
  return Read(context, [=](Results& results) {
    const absl::StatusOr<TrialName> name = ParseTrialName(request->name());
    if (!name.ok()) return OfField("name", name.status());
    return Said(Put(results.Trial(name->job, name->trial), response), TrialNameText(name->job, name->trial),
                "minnow trials " + JobName(name->job));
  });
}

SearchService::Unary* SearchService::ListTrials(Context* context, const v1::ListTrialsRequest* request,
                                                v1::ListTrialsResponse* response) {
  return ReadJob(context, "parent", request->parent(), [=](Results& results, int64_t job) {
    TrialFilter filter = {.all = request->all()};
    if (absl::Status status = ReadFilter(request->state(), filter.state); !status.ok()) return status;
    const std::string list = "trials\n" + std::to_string(job) + "\n" + std::to_string(request->state()) + "\n" +
                             std::to_string(request->all());
    const auto page = PageOf<int64_t>(*request, list, kTrials);
    if (!page.ok()) return page.status();
    filter.after = page->after;
    filter.limit = page->size + 1;  // one more says whether there is another page
    int64_t last = 0;
    return results.Trials(job, filter, [&](const TrialRow& row) {
      if (response->trials_size() == page->size) return response->set_next_page_token(PageToken(list, last));
      *response->add_trials() = ToProto(row);
      last = row.trial.number;
    });
  });
}

SearchService::Unary* SearchService::ListShapes(Context* context, const v1::ListShapesRequest* request,
                                                v1::ListShapesResponse* response) {
  return ReadJob(context, "parent", request->parent(), [=](Results& results, int64_t job) {
    const auto page = PageOf<int64_t>(*request, "shapes\n" + std::to_string(job), kShapes);
    if (!page.ok()) return page.status();
    const absl::StatusOr<std::vector<VerdictRow>> rows = results.Shapes(job);
    if (rows.ok()) AddRows(*rows, *page, response->mutable_shapes(), response);
    return rows.status();
  });
}

SearchService::Unary* SearchService::ListEvents(Context* context, const v1::ListEventsRequest* request,
                                                v1::ListEventsResponse* response) {
  return ReadJob(context, "parent", request->parent(), [=](Results& results, int64_t job) {
    const auto page = PageOf<int64_t>(*request, "events\n" + std::to_string(job), kEvents);
    if (!page.ok()) return page.status();
    const absl::StatusOr<std::vector<EventRecord>> rows = results.Events(job);
    if (rows.ok()) AddRows(*rows, *page, response->mutable_events(), response);
    return rows.status();
  });
}

}  // namespace minnow::rpc
