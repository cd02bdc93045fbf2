// How workers are served.
#include <algorithm>
#include <utility>

#include "server/core/coordinator.h"

namespace minnow::core {
namespace {

// A worker is late beyond so many times what its work should take, and a moment for the network.
constexpr double kLateFactor = 2;
constexpr absl::Duration kLateGrace = absl::Milliseconds(500);

// Where everybody is late, an idle worker chooses among so many leases, and so many silent workers.
constexpr size_t kMostLateLeases = 256;
constexpr size_t kMostSilentWorkers = 16;

// Where so many pieces are free for each thread nobody goes hungry for what waits at another worker.
constexpr int64_t kPlentyOfAThread = 6;

// Few workers beat often, since they learn by it what is not needed. All of a crowd together beat so often a second at
// most, as far as none of them seems silent.
constexpr int kHeartbeatsPerSecond = 500;
constexpr absl::Duration kLongestShortPause = absl::Milliseconds(500);

}  // namespace

absl::StatusOr<WorkerTerms> Coordinator::Register(const WorkerInfo& worker, absl::Time now) {
  if (absl::Status status = CheckWorker(worker); !status.ok()) return status;
  const Roster::Worker* known = roster_.Find(worker.id.name);
  const WorkerId before = known == nullptr ? worker.id : known->record.id;
  const absl::StatusOr<bool> takes_over = roster_.Register(worker, now);
  if (!takes_over.ok()) return takes_over.status();
  if (*takes_over) {
    // It did not hand them back, so it did not stop of its own will.
    const std::vector<int64_t> leases = leases_.OfWorker(worker.id.name);
    for (int64_t id : leases) {
      const KnownLease* lease = leases_.Find(id);
      if (lease != nullptr && lease->state == LeaseState::kLive) CountDeath(*lease, before, now);
    }
    for (int64_t id : leases_.OfWorker(worker.id.name)) EndLease(id, /*tell=*/false);
  }
  changes_.workers.push_back(roster_.Find(worker.id.name)->record);
  return WorkerTerms{.lease = options_.lease, .heartbeat = HeartbeatPause()};
}

absl::Duration Coordinator::HeartbeatPause() const {
  const absl::Duration shortest = std::min(options_.lease / 20, kLongestShortPause);
  return std::clamp(absl::Seconds(roster_.connected()) / kHeartbeatsPerSecond, shortest, SilentAfter() / 2);
}

absl::Status Coordinator::Hear(const WorkerId& worker, absl::Time now) {
  if (absl::Status status = roster_.Check(worker); !status.ok()) return status;
  roster_.Hear(worker.name, now);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Lease>> Coordinator::LeaseWork(const WorkRequest& request, std::optional<int64_t> only_job,
                                                          absl::Time now) {
  const std::string& worker = request.worker.name;
  if (absl::Status status = roster_.Check(request.worker); !status.ok()) return status;
  std::vector<Lease> leases;
  if (only_job) only_job = AtWorkOf(*only_job);
  const Roster::Worker& known = *roster_.Find(worker);
  const bool silent = !known.heard || now - *known.heard >= options_.lease / 2;
  const Standing standing = roster_.StandingOf(known, now);
  const int64_t held = leases_.CountOfWorker(worker);
  const int64_t room = std::min<int64_t>(kMaxLeasesOfACall, kMaxLeasesOfAWorker - held);
  if (disk_low_ || silent || standing == Standing::kPausing) return leases;
  if (held == 1 && leases_.Find(leases_.OfWorker(worker).front())->purpose == Purpose::kAlone) return leases;

  if (held > 0 && standing == Standing::kGood && EmptiesItsHands(worker, only_job)) return leases;

  const int64_t idle = std::min<int64_t>(std::max(request.idle_threads, 0), room);
  const bool on_probation = standing == Standing::kOnProbation;
  if (on_probation && (held > 0 || idle == 0)) return leases;
  if (held == 0) {  // also where no thread is idle yet: one that has just reported its last work is about to be
    // Who is on probation tries what others died with only where there is nothing else: nobody else may be left.
    std::optional<Lease> first = on_probation ? LeaseFree(worker, only_job, now) : std::nullopt;
    if (!first) first = LeaseAlone(worker, only_job, now);
    const bool given = first.has_value();
    if (given) leases.push_back(*std::move(first));
    if (given || on_probation) return leases;
  }
  if (idle > 0) {
    if (std::optional<Lease> check = LeaseCheck(worker, only_job, now)) leases.push_back(*std::move(check));
  }
  const int64_t most = std::clamp(ShareOf(request, only_job), idle, std::max(room, idle));
  const auto count = [&leases] { return static_cast<int64_t>(leases.size()); };
  double seconds = 0;
  // Before the pace is known each thread may have one piece in training and one that waits, where there is plenty.
  const int64_t blind = HasPlenty(only_job) ? 2 * known.record.threads - held : 0;
  const auto wants_more = [&] { return KnowsThePaceOf(only_job) ? seconds < request.seconds : count() < blind; };
  while (count() < idle || (count() < most && wants_more())) {
    std::optional<Lease> lease = LeaseFree(worker, only_job, now);
    if (!lease) break;
    seconds += lease->expected_seconds;
    leases.push_back(*std::move(lease));
    if (leases.back().prediction) return leases;  // its weights may fill a message
  }
  while (count() < idle) {
    std::optional<Lease> lease = LeaseLate(worker, only_job, now);
    if (!lease) break;
    leases.push_back(*std::move(lease));
  }
  return leases;
}

bool Coordinator::MayHaveWork(absl::Time now) const {
  if (disk_low_) return false;
  if (free_pieces_ > 0 || !with_suspects_.empty() || checks_.AnyWaits() || !leases_.Late(now, 1).empty()) return true;
  const std::vector<std::string> silent = roster_.QuietSince(now - SilentAfter(), kMostSilentWorkers);
  return std::any_of(silent.begin(), silent.end(),
                     [this](const std::string& worker) { return leases_.CountOfWorker(worker) > 0; });
}

// Of the job whose turn it is. Work that may take who knows how long is not given to threads that are busy, or one
// piece each where there is plenty.
bool Coordinator::KnowsThePaceOf(std::optional<int64_t> only_job) const {
  const std::optional<int64_t> id = only_job ? only_job : share_.Next();
  const auto entrant = id ? jobs_.find(*id) : jobs_.end();
  return entrant != jobs_.end() && entrant->second.pace.learned();
}

// Not of a ladder, whose evidence may decide at any moment that a piece which waits is not needed.
bool Coordinator::HasPlenty(std::optional<int64_t> only_job) const {
  const std::optional<int64_t> id = only_job ? only_job : share_.Next();
  const auto entrant = id ? jobs_.find(*id) : jobs_.end();
  if (entrant == jobs_.end() || entrant->second.job->record().spec.search == SearchKind::kLadder) return false;
  return entrant->second.free_pieces >= kPlentyOfAThread * std::max<int64_t>(roster_.connected_threads(), 1);
}

// So many of the free pieces as the worker has of all threads.
int64_t Coordinator::ShareOf(const WorkRequest& request, std::optional<int64_t> only_job) const {
  int64_t free = free_pieces_;
  if (only_job) {
    const auto entrant = jobs_.find(*only_job);
    free = entrant == jobs_.end() ? 0 : entrant->second.free_pieces;
  }
  const int64_t threads = roster_.Find(request.worker.name)->record.threads;
  const int64_t all_threads = std::max(roster_.connected_threads(), threads);
  return (free * threads + all_threads - 1) / all_threads;
}

// Work that is given out alone would wait for ever where nobody is ever idle: one worker gets nothing more until it has
// nothing left.
bool Coordinator::EmptiesItsHands(const std::string& worker, std::optional<int64_t> only_job) {
  if (with_suspects_.empty() || (only_job && !with_suspects_.contains(*only_job))) return false;
  const Roster::Worker* chosen = roster_.Find(empties_its_hands_);
  if (chosen == nullptr || !chosen->connected || leases_.CountOfWorker(empties_its_hands_) == 0) {
    empties_its_hands_ = worker;
  }
  return worker == empties_its_hands_;
}

// A piece that workers have died with, for one who has nothing else.
std::optional<Lease> Coordinator::LeaseAlone(const std::string& worker, std::optional<int64_t> only_job,
                                             absl::Time now) {
  for (int64_t id : std::vector<int64_t>(with_suspects_.begin(), with_suspects_.end())) {
    if (only_job && *only_job != id) continue;
    Entrant& entrant = jobs_.at(id);
    std::optional<Job::Taken> taken = entrant.job->TakeSuspect();
    if (taken) return Grant(entrant, *std::move(taken), worker, Purpose::kAlone, now);
    Update(entrant);
  }
  return std::nullopt;
}

std::optional<Lease> Coordinator::LeaseFree(const std::string& worker, std::optional<int64_t> only_job,
                                            absl::Time now) {
  while (const std::optional<int64_t> id = only_job ? only_job : share_.Next()) {
    const auto entrant = jobs_.find(*id);
    if (entrant == jobs_.end()) return std::nullopt;
    std::optional<Job::Taken> taken = entrant->second.job->TakeWork();
    if (taken) return Grant(entrant->second, *std::move(taken), worker, Purpose::kWork, now);
    Update(entrant->second);  // what it had free was not needed
    if (only_job) return std::nullopt;
  }
  return std::nullopt;
}

// The oldest work that another worker is late with.
std::optional<Lease> Coordinator::LeaseLate(const std::string& worker, std::optional<int64_t> only_job,
                                            absl::Time now) {
  std::optional<int64_t> oldest;
  const auto consider = [&](int64_t id) {
    if ((!oldest || id < *oldest) && MayHedge(*leases_.Find(id), worker, only_job)) oldest = id;
  };
  for (int64_t id : leases_.Late(now, kMostLateLeases)) {
    if (IsLate(*leases_.Find(id), now)) consider(id);
  }
  for (const std::string& silent : roster_.QuietSince(now - SilentAfter(), kMostSilentWorkers)) {
    for (int64_t id : leases_.OfWorker(silent)) consider(id);
  }
  if (!oldest) return std::nullopt;
  ++counters_.hedges;
  const KnownLease& late = *leases_.Find(*oldest);
  Entrant& entrant = jobs_.at(late.record.job);
  return Grant(entrant, entrant.job->TakeAgain(late.piece()), worker, Purpose::kHedge, now);
}

// A worker shares what it holds evenly among its threads, and a thread trains slices of one group together, so that the
// first may end with the last. Therefore nothing is late before the worker should have done all that it holds, and what
// it was given since counts as well. One thread that hangs is found out all the same: the others keep the worker's
// holdings small.
bool Coordinator::IsLate(const KnownLease& lease, absl::Time now) {
  const double beside = leases_.ExpectedSecondsOf(lease.record.worker) - lease.expected_seconds;
  const absl::Time late = lease.granted + LateAfter(lease, beside);
  if (late <= now) return true;
  leases_.Postpone(lease.record.id, late);
  return false;
}

// Of one who holds work of so many seconds beside this lease.
absl::Duration Coordinator::LateAfter(const KnownLease& lease, double beside) const {
  const Roster::Worker* worker = roster_.Find(lease.record.worker);
  const int threads = worker == nullptr ? 1 : worker->record.threads;
  return absl::Seconds(kLateFactor * (beside / threads + lease.expected_seconds)) + kLateGrace;
}

bool Coordinator::MayHedge(const KnownLease& lease, const std::string& worker, std::optional<int64_t> only_job) const {
  if (only_job && *only_job != lease.record.job) return false;
  if (lease.purpose == Purpose::kAlone || lease.purpose == Purpose::kCheck) return false;
  if (!jobs_.at(lease.record.job).job->Needed(lease.piece())) return false;
  const std::vector<int64_t> holders = leases_.HoldersOf(lease.record.job, lease.piece());
  return static_cast<int>(holders.size()) < kMaxHolders &&
         std::none_of(holders.begin(), holders.end(),
                      [&](int64_t id) { return leases_.Find(id)->record.worker == worker; });
}

Lease Coordinator::Grant(Entrant& entrant, Job::Taken taken, const std::string& worker, Purpose purpose,
                         absl::Time now) {
  KnownLease lease{.record = {.id = 0,
                              .job = taken.lease.job,
                              .entry = taken.piece.place,
                              .slice = taken.piece.slice,
                              .attempt = taken.lease.attempt,
                              .worker = worker,
                              .deadline = now + options_.lease},
                   .purpose = purpose,
                   .expected_seconds = entrant.pace.Seconds(taken.units),
                   .charged_epochs = taken.epochs,
                   .granted = now};
  const double beside = leases_.ExpectedSecondsOf(worker);
  lease.late = now + (entrant.pace.learned() ? LateAfter(lease, beside) : options_.lease / 2);
  const KnownLease& granted = leases_.Grant(std::move(lease));
  ++counters_.leases;
  if (purpose != Purpose::kCheck) changes_.leases.push_back(granted.record);
  share_.Charge(taken.lease.job, taken.epochs);
  roster_.GiveWork(worker, now);
  entrant.moved = now;
  Update(entrant);
  taken.lease.id = granted.record.id;
  taken.lease.expected_seconds = granted.expected_seconds;
  return std::move(taken.lease);
}

ReportResponse Coordinator::Report(const WorkerId& worker, std::span<const LeaseReport> reports, absl::Time now) {
  ReportResponse response;
  if (roster_.IsQuarantined(worker.name)) {
    response.statuses.assign(reports.size(), Hear(worker, now));
    return response;
  }
  const bool current = Hear(worker, now).ok();
  for (const LeaseReport& report : reports) response.statuses.push_back(TakeReport(worker.name, report, now));
  MoveFamilies(now);
  if (!current) return response;
  // What was reported may have decided other work in the worker's hands.
  for (int64_t id : leases_.OfWorker(worker.name)) {
    const KnownLease& lease = *leases_.Find(id);
    if (jobs_.at(lease.record.job).job->running() && !Needed(lease)) SettleLease(id, /*tell=*/true);
  }
  const std::set<int64_t> ended = roster_.TakeToTell(worker.name);
  response.not_needed.assign(ended.begin(), ended.end());
  return response;
}

absl::Status Coordinator::TakeReport(const std::string& worker, const LeaseReport& report, absl::Time now) {
  const KnownLease* known = leases_.Find(report.lease);
  if (known == nullptr) {
    if (leases_.WasGranted(report.lease)) return absl::OkStatus();
    return absl::NotFoundError("there is no lease " + std::to_string(report.lease));
  }
  if (known->record.worker != worker) {
    return absl::InvalidArgumentError("lease " + std::to_string(report.lease) + " is not of worker " + worker);
  }
  const KnownLease lease = *known;  // the table changes below
  if (lease.reported) return absl::OkStatus();
  if (report.failure.empty()) return TakeResult(lease, report, now);
  if (lease.state == LeaseState::kLive) TakeFailure(lease, report.failure, now);
  return absl::OkStatus();
}

absl::Status Coordinator::TakeResult(const KnownLease& lease, const LeaseReport& report, absl::Time now) {
  if (lease.purpose == Purpose::kCheck) return TakeOpinion(lease, report, now);
  Entrant& entrant = jobs_.at(lease.record.job);
  const Piece piece = lease.piece();
  const bool prediction = piece.place == kPredictionPlace;
  if (prediction && !report.outputs) return absl::InvalidArgumentError("the report of a prediction has no outputs");
  const absl::StatusOr<Job::Reception> reception =
      prediction ? entrant.job->ReportOutputs(piece, *report.outputs, now, changes_)
                 : entrant.job->ReportTrials(piece, report.trials, lease.record, now, changes_);
  if (!reception.ok()) return reception.status();

  leases_.SetReported(lease.record.id);
  counters_.duplicates += reception->duplicates;
  counters_.mismatches += reception->mismatches;
  entrant.pace.Learn(reception->units, reception->seconds);
  entrant.moved = now;
  SettleLease(lease.record.id, /*tell=*/false);
  if (!reception->taken) GiveBackUnlessHeld(*entrant.job, piece);
  if (reception->taken) {
    if (lease.state != LeaseState::kLive) ++counters_.late_reports;
    if (lease.purpose == Purpose::kHedge) ++counters_.hedges_won;
    share_.Charge(lease.record.job, reception->epochs);
    const int rows = entrant.job->record().rows_train;
    for (const TrialResult& trial : report.trials) {
      if (trial.state == TrialState::kCancelled) continue;
      roster_.Count(lease.record.worker, trial, rows);
      counters_.samples += int64_t{trial.epochs} * rows;
    }
    for (int64_t other : leases_.OpenOf(lease.record.job, piece)) SettleLease(other, /*tell=*/true);
    if (!prediction) MaybeCheck(*entrant.job, piece, report.trials, lease.record.worker);
  }
  if (reception->mismatches == 0) CountSuccess(lease.record.worker, now);
  Update(entrant);
  if (reception->mismatches > 0) OpenDispute(*entrant.job, lease, report, now);
  return absl::OkStatus();
}

void Coordinator::TakeFailure(const KnownLease& lease, const std::string& why, absl::Time now) {
  Entrant& entrant = jobs_.at(lease.record.job);
  CountFailure(lease.record.worker, why, now);
  if (lease.purpose == Purpose::kCheck) return EndLease(lease.record.id, /*tell=*/false);
  entrant.job->ReportFailure(lease.piece(), lease.record.worker, why, roster_.connected(), now, changes_);
  if (IsOver(entrant.job->record())) return Update(entrant);
  SettleLease(lease.record.id, /*tell=*/false);
  GiveBackUnlessHeld(*entrant.job, lease.piece());
  Update(entrant);
}

absl::StatusOr<HeartbeatResponse> Coordinator::Heartbeat(const WorkerId& worker, std::span<const int64_t> leases,
                                                         absl::Time now) {
  if (absl::Status status = Hear(worker, now); !status.ok()) return status;
  std::set<int64_t> not_needed = roster_.TakeToTell(worker.name);
  for (int64_t id : leases) {
    const KnownLease* lease = leases_.Find(id);
    if (lease == nullptr || lease->state != LeaseState::kLive || lease->record.worker != worker.name) {
      not_needed.insert(id);
      continue;
    }
    const Job& job = *jobs_.at(lease->record.job).job;
    if (Needed(*lease)) {
      leases_.Renew(id, now + options_.lease);
      continue;
    }
    not_needed.insert(id);
    if (job.running() || lease->purpose == Purpose::kCheck) {
      SettleLease(id, /*tell=*/false);
    } else {
      EndLease(id, /*tell=*/false);  // it is needed when the job goes on
    }
  }
  return HeartbeatResponse{.not_needed = {not_needed.begin(), not_needed.end()}, .pause = HeartbeatPause()};
}

absl::Status Coordinator::ReleaseWorker(const WorkerId& worker, absl::Time now) {
  if (absl::Status status = Hear(worker, now); !status.ok()) return status;
  for (int64_t lease : leases_.OfWorker(worker.name)) EndLease(lease, /*tell=*/false);
  roster_.Disconnect(worker.name);
  return absl::OkStatus();
}

}  // namespace minnow::core
