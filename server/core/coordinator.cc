// What the coordinator keeps: jobs, leases, and how a change of one reaches the other. People are served in
// coordinator_people.cc, workers in coordinator_work.cc.
#include "server/core/coordinator.h"

#include <algorithm>
#include <utility>

namespace minnow::core {

Counters& Counters::operator+=(const Counters& other) {
  samples += other.samples;
  leases += other.leases;
  hedges += other.hedges;
  hedges_won += other.hedges_won;
  expired += other.expired;
  late_reports += other.late_reports;
  duplicates += other.duplicates;
  mismatches += other.mismatches;
  checks += other.checks;
  return *this;
}

Coordinator::Coordinator(Options options, Snapshot snapshot, absl::Time now)
    : options_(std::move(options)),
      ticked_(now),
      leases_(std::max(snapshot.next_lease, absl::ToUnixMicros(now))),
      roster_(options_.lease, std::move(snapshot.workers)),
      requests_(std::move(snapshot.requests)),
      next_job_(snapshot.next_job) {
  for (JobRecord& record : snapshot.final_jobs) {
    by_question_[record.question_sha256] = record.id;
    if (record.parent) splits_[*record.parent].push_back(record.id);
    const JobProgress progress{
        .state = record.state, .reason = record.reason, .over = true, .threshold = record.threshold};
    ended_.insert({record.id, {std::move(record), progress}});
  }
  for (JobSnapshot& job : snapshot.jobs) Adopt(std::move(job));
  for (auto& [parent, splits] : splits_) std::sort(splits.begin(), splits.end());  // numbers follow the seeds
  for (LeaseRecord& lease : snapshot.leases) {
    const auto entrant = jobs_.find(lease.job);
    if (entrant == jobs_.end() || (options_.void_leases && !lease.ended)) {
      changes_.deleted_leases.push_back(lease.id);
      continue;
    }
    KnownLease known{.record = std::move(lease)};
    known.record.deadline = now + options_.lease;
    known.late = now + options_.lease / 2;  // when it was granted is not known any more
    entrant->second.job->Restore(known.piece(), known.record.attempt, /*held=*/!known.record.ended);
    if (!known.record.ended) workers_may_return_until_ = known.late;
    leases_.Restore(std::move(known));
  }
}

void Coordinator::Adopt(JobSnapshot snapshot) {
  const int64_t id = snapshot.record.id;
  by_question_[snapshot.record.question_sha256] = id;
  if (snapshot.record.parent && !ended_.contains(id)) splits_[*snapshot.record.parent].push_back(id);
  ended_.erase(id);
  if (IsOver(snapshot.record)) over_.insert(id);
  jobs_[id].job = std::make_unique<Job>(std::move(snapshot), options_.new_searcher);
}

void Coordinator::Tick(absl::Time now) {
  ticked_ = now;
  roster_.Tick(now);
  const std::vector<int64_t> expired = leases_.Expired(now);
  for (int64_t id : expired) {
    const KnownLease* lease = leases_.Find(id);
    if (lease == nullptr || lease->state != LeaseState::kLive) continue;  // a death before may have ended its job
    const Roster::Worker* worker = roster_.Find(lease->record.worker);
    if (worker != nullptr && worker->heard && !worker->connected) CountDeath(*lease, worker->record.id, now);
  }
  for (int64_t id : expired) {
    const KnownLease* lease = leases_.Find(id);
    if (lease == nullptr || lease->state != LeaseState::kLive) continue;
    ++counters_.expired;
    EndLease(id, /*tell=*/true);
  }
  while (!by_end_.empty() && by_end_.begin()->first <= now) {
    Entrant& entrant = jobs_.at(by_end_.begin()->second);
    entrant.job->StopForTime(now, changes_);
    Update(entrant);
  }
  MoveFamilies(now);
}

absl::Time Coordinator::NextTick() const {
  const absl::Time silent = roster_.FirstQuietAfter(ticked_ - SilentAfter()) + SilentAfter();
  const absl::Time end = by_end_.empty() ? absl::InfiniteFuture() : by_end_.begin()->first;
  return std::min({leases_.EarliestDeadline(), leases_.FirstLateAfter(ticked_), silent, end});
}

std::vector<int64_t> Coordinator::UnfinishedJobs() const {
  std::vector<int64_t> unfinished;
  for (const auto& [id, entrant] : jobs_) {
    if (!IsOver(entrant.job->record())) unfinished.push_back(id);
  }
  return unfinished;
}

void Coordinator::Resume(std::span<const int64_t> jobs, absl::Time now) {
  for (int64_t id : jobs) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) continue;
    Job& job = *found->second.job;
    const bool waits = job.record().state == JobState::kPaused || job.record().state == JobState::kQueued;
    if (IsOver(job.record()) || waits || !job.trainable()) continue;
    job.Start(now, changes_);
    found->second.moved = now;
    Update(found->second);
  }
  MoveFamilies(now);
}

std::map<JobState, int64_t> Coordinator::JobStates() const {
  std::map<JobState, int64_t> states;
  for (const auto& [id, entrant] : jobs_) ++states[entrant.job->record().state];
  for (const auto& [id, ended] : ended_) ++states[ended.record.state];
  return states;
}

Changes Coordinator::TakeChanges() { return std::exchange(changes_, {}); }

void Coordinator::LetGoOfEnded() {
  for (auto next = over_.begin(); next != over_.end();) {
    const int64_t id = *next;
    if (!MayLetGo(id)) {
      ++next;
      continue;
    }
    const auto entrant = jobs_.find(id);
    ended_.insert({id, {entrant->second.job->record(), entrant->second.job->Progress()}});
    free_pieces_ -= entrant->second.free_pieces;
    jobs_.erase(entrant);
    next = over_.erase(next);
  }
}

// While somebody trains a part of it once more, or another split of its rows is still to be ended, a job is needed.
bool Coordinator::MayLetGo(int64_t id) const {
  const Piece first{.place = kPredictionPlace, .slice = 0};
  const Piece end{.place = jobs_.at(id).job->end_place(), .slice = 0};
  return checks_.OfJob(id).empty() && leases_.OpenWithin(id, first, end).empty() && SplitsOpen(id) == 0;
}

void Coordinator::CountDeath(const KnownLease& lease, const WorkerId& worker, absl::Time now) {
  if (lease.purpose == Purpose::kCheck) return;
  Entrant& entrant = jobs_.at(lease.record.job);
  entrant.job->ReportDeath(lease.piece(), worker, lease.purpose == Purpose::kAlone, now, changes_);
  if (IsOver(entrant.job->record())) Update(entrant);
}

void Coordinator::EndLease(int64_t id, bool tell) {
  Refund(*leases_.Find(id));
  const KnownLease& lease = leases_.End(id);
  if (tell) roster_.Tell(lease.record.worker, id);
  if (lease.purpose == Purpose::kCheck) {
    Checks::Check* check = checks_.Find({lease.record.job, lease.piece()});
    if (check != nullptr && check->lease == id) check->lease.reset();
    return;
  }
  changes_.leases.push_back(lease.record);
  Entrant& entrant = jobs_.at(lease.record.job);
  GiveBackUnlessHeld(*entrant.job, lease.piece());
  Update(entrant);
}

void Coordinator::SettleLease(int64_t id, bool tell) {
  const KnownLease& lease = *leases_.Find(id);
  if (lease.state == LeaseState::kSettled) return;
  if (lease.state == LeaseState::kLive) {
    Refund(lease);
    if (tell) roster_.Tell(lease.record.worker, id);
  }
  if (lease.purpose != Purpose::kCheck) changes_.deleted_leases.push_back(id);
  leases_.Settle(id);
}

// What a lease was charged is given back when it ends; a report is charged by itself.
void Coordinator::Refund(const KnownLease& lease) { share_.Charge(lease.record.job, -lease.charged_epochs); }

void Coordinator::GiveBackUnlessHeld(Job& job, Piece piece) {
  if (leases_.HoldersOf(job.record().id, piece).empty()) job.GiveBack(piece);
}

void Coordinator::EndLeasesOf(const Job& job) {
  const Piece first{.place = kPredictionPlace, .slice = 0};
  for (int64_t id : leases_.OpenWithin(job.record().id, first, {.place = job.end_place(), .slice = 0})) {
    if (leases_.Find(id)->state == LeaseState::kLive) EndLease(id, /*tell=*/true);
  }
}

void Coordinator::Update(Entrant& entrant) {
  const Job& job = *entrant.job;
  const int64_t id = job.record().id;
  moved_families_.insert(job.record().parent.value_or(id));
  SettleDecided(job);
  free_pieces_ += job.free_pieces() - entrant.free_pieces;
  entrant.free_pieces = job.free_pieces();
  if (job.running()) {
    share_.Enter(id, job.record().spec.priority, job.record().owner);
    share_.SetReady(id, entrant.free_pieces > 0);
  } else {
    share_.Leave(id);
  }
  if (job.has_suspects()) {
    with_suspects_.insert(id);
  } else {
    with_suspects_.erase(id);
  }
  if (IsOver(job.record())) {
    over_.insert(id);
  } else {
    over_.erase(id);
  }
  by_end_.erase({entrant.out_of_time, id});
  entrant.out_of_time = job.OutOfTime();
  if (entrant.out_of_time < absl::InfiniteFuture()) by_end_.insert({entrant.out_of_time, id});
}

// Settles the leases of everything that is decided, and forgets those whose results are not compared any more.
void Coordinator::SettleDecided(const Job& job) {
  const int64_t id = job.record().id;
  const Piece first{.place = kPredictionPlace, .slice = 0};
  const bool final = IsOver(job.record());
  const Piece open{.place = final ? job.end_place() : job.first_open_place(), .slice = 0};
  for (int64_t lease : leases_.OpenWithin(id, first, open)) {
    const KnownLease& known = *leases_.Find(lease);
    if (known.purpose == Purpose::kCheck || job.AwaitsPrediction(known.piece())) continue;
    SettleLease(lease, /*tell=*/true);
  }
  leases_.ForgetWithin(id, first, {.place = final ? job.end_place() : job.first_remembered_place(), .slice = 0});
}

}  // namespace minnow::core
