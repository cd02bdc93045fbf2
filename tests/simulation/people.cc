#include "tests/simulation/people.h"

#include <algorithm>

#include "tests/simulation/questions.h"
#include "tests/simulation/world.h"

namespace minnow::simulation {
namespace {

constexpr int64_t kLine = 0;  // of the network
constexpr absl::Duration kSoon = absl::Seconds(6);
constexpr absl::Duration kPatience = absl::Seconds(3);
constexpr absl::Duration kBetweenLooks = absl::Seconds(1);
constexpr int kPriorities[] = {1, 1, 2, 5};

bool Passes(const absl::Status& status) { return absl::IsUnavailable(status) || absl::IsResourceExhausted(status); }

}  // namespace

People::People(World* world, const std::vector<int>& questions) : world_(world) {
  for (const int question : questions) {
    const int priority = kPriorities[world_->faults.random().Below(4)];
    asked_.push_back({.question = question, .priority = priority, .job = std::nullopt});
    const size_t asker = asked_.size() - 1;
    world_->scheduler.After(kSoon * world_->faults.Skewed(), [this, asker] { Submit(asker); });
  }
}

std::shared_ptr<People::Request> People::Make(size_t asker, std::optional<core::JobAction> action) {
  auto request = std::make_shared<Request>();
  request->id = "r" + std::to_string(++drawn_);
  request->asker = asker;
  request->action = action;
  request->job = asked_[asker].job.value_or(0);
  requests_.push_back(request);
  return request;
}

void People::Do(size_t asker, core::JobAction action) {
  if (!asked_[asker].job) return;
  if (action == core::JobAction::kDelete) {
    world_->checker.DeletionWished(*asked_[asker].job);
    deleted_any_ = true;
  }
  Send(Make(asker, action));
}

// Until it is answered the same request is sent again and again.
void People::Send(const std::shared_ptr<Request>& request) {
  world_->network.Send({.machine = kLine, .to_server = true}, [this, request] { Arrive(request); });
  world_->scheduler.After(kPatience, [this, request] {
    if (!request->answered && !request->given_up) Send(request);
  });
}

void People::Arrive(const std::shared_ptr<Request>& request) {
  const auto back = [this, request](const absl::Status& status, int64_t job, bool existed) {
    if (status.ok()) {
      const std::string answer = std::to_string(job) + (existed ? " existed" : " is new");
      world_->checker.RequestAnswered(request->id, job, answer);
    }
    world_->network.Send({.machine = kLine, .to_server = false},
                         [this, request, status, job, existed] { Answered(*request, status, job, existed); });
  };
  if (request->action) {
    const core::JobRequest what{.request_id = request->id, .action = *request->action, .job = request->job};
    world_->server->Arrive<bool>(
        [what](ledger::Ledger& ledger, ledger::Done<bool> done) { ledger.Apply(what, std::move(done)); },
        [back, what](const absl::StatusOr<bool>& done) { back(done.status(), what.job, /*existed=*/true); });
    return;
  }
  const Asked& asked = asked_[request->asker];
  core::SubmitRequest what = Questions()[asked.question].request;
  what.request_id = request->id;
  what.spec.priority = asked.priority;
  world_->server->Arrive<core::SubmitResponse>(
      [what](ledger::Ledger& ledger, ledger::Done<core::SubmitResponse> done) { ledger.Submit(what, std::move(done)); },
      [back](const absl::StatusOr<core::SubmitResponse>& done) {
        back(done.status(), done.ok() ? done->job : 0, done.ok() && done->existed);
      });
}

void People::Answered(Request& request, const absl::Status& status, int64_t job, bool existed) {
  if (request.answered || Passes(status)) return;
  request.answered = true;
  // An id stands for the job that it made, also once that is deleted and its question asked anew.
  if (!request.action && !status.ok() && !(deleted_any_ && absl::IsInvalidArgument(status))) {
    world_->checker.Violate("a question was refused: " + std::string(status.message()));
  }
  if (!request.action && status.ok() && !(existed && asked_[request.asker].job > job)) asked_[request.asker].job = job;
}

void People::Moment() {
  if (insist_) return;
  FaultMix& faults = world_->faults;
  const auto asker = static_cast<size_t>(faults.random().Below(static_cast<uint32_t>(asked_.size())));
  if (faults.Draws(Fault::kPaused) && asked_[asker].job) {
    faults.Count(Fault::kPaused);
    Do(asker, core::JobAction::kPause);
    world_->scheduler.After(kSoon * faults.Skewed(), [this, asker] { Do(asker, core::JobAction::kResume); });
  }
  if (faults.Draws(Fault::kCancelled) && asked_[asker].job) {
    faults.Count(Fault::kCancelled);
    Do(asker, core::JobAction::kCancel);
  }
  if (faults.Draws(Fault::kDeleted) && asked_[asker].job) {
    faults.Count(Fault::kDeleted);
    Do(asker, core::JobAction::kDelete);
  }
  if (faults.Strikes(Fault::kResubmitted)) Submit(asker);
  if (!requests_.empty() && faults.Draws(Fault::kRepeated)) {
    const auto& request = requests_[faults.random().Below(static_cast<uint32_t>(requests_.size()))];
    if (!request->answered) return;
    faults.Count(Fault::kRepeated);
    Arrive(request);
  }
}

void People::Insist() {
  insist_ = true;
  for (const auto& request : requests_) request->given_up = true;
  for (size_t asker = 0; asker < asked_.size(); ++asker) AskAgain(asker);
}

void People::AskAgain(size_t asker) {
  const Asked& asked = asked_[asker];
  const JobRecord* record = RecordOf(asked);
  const bool stopped = record == nullptr || record->state == JobState::kPaused ||
                       record->state == JobState::kCancelled || record->state == JobState::kFailed ||
                       WasCutShort(*record);
  if (CutShort(asked)) Do(asker, core::JobAction::kDelete);
  if (stopped) Submit(asker);
  world_->scheduler.After(kBetweenLooks, [this, asker] { AskAgain(asker); });
}

bool People::CutShort(const Asked& asked) const {
  return Questions()[asked.question].asked_anew && RecordOf(asked) != nullptr &&
         WasInterrupted(world_->disk, *asked.job);
}

bool People::Served() const {
  return std::all_of(asked_.begin(), asked_.end(), [this](const Asked& asked) {
    const JobRecord* record = RecordOf(asked);
    if (record == nullptr || !IsOver(*record) || CutShort(asked) || WasCutShort(*record)) return false;
    return record->state != JobState::kCancelled && record->state != JobState::kFailed;
  });
}

std::string People::Text() const {
  std::string text;
  for (const Asked& asked : asked_) {
    const JobRecord* record = RecordOf(asked);
    text += (text.empty() ? "\"" : ", \"") + Questions()[asked.question].name + "\" is ";
    text += record == nullptr ? "no job" : "job " + std::to_string(record->id) + ", ";
    if (record != nullptr) text += std::string(minnow::Name(record->state)) + (IsOver(*record) ? ", over" : "");
  }
  return text;
}

const JobRecord* People::RecordOf(const Asked& asked) const {
  if (!asked.job) return nullptr;
  const auto record = world_->disk.jobs.find(*asked.job);
  return record == world_->disk.jobs.end() ? nullptr : &record->second;
}

}  // namespace minnow::simulation
