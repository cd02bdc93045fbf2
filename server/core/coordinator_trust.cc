// How far workers are trusted: pauses after failures, second opinions, quarantine.
#include <algorithm>
#include <limits>
#include <utility>

#include "common/random.h"
#include "common/resource_names.h"
#include "server/core/coordinator.h"

namespace minnow::core {
namespace {

// A grid whose free work lasts for so few pieces a thread is done before its spot checks are: they come soon then, to
// threads that have nothing else to do, and nobody waits for them.
constexpr int64_t kLastPiecesOfAThread = 16;

constexpr uint64_t kCheckStream = 0x436865636b;  // keeps the draws apart from other uses of the job seed

std::string InSeconds(absl::Duration duration) {
  return std::to_string(absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1)))) + " s";
}

// Of the first trial about which the last opinion differs from the first, what each has: "a (weights 12ab...), b ...".
std::string DifferenceText(const Checks::Check& check) {
  const auto& first = check.opinions.front().trials;
  const auto& last = check.opinions.back().trials;
  size_t trial = 0;
  while (trial + 1 < first.size() && !(first[trial] && last[trial] && !SameResult(*first[trial], *last[trial]))) {
    ++trial;
  }
  std::string text;
  for (const Opinion& opinion : check.opinions) {
    text += (text.empty() ? "" : ", ") + opinion.worker;
    if (opinion.trials[trial]) text += " (weights " + opinion.trials[trial]->weights_sha256 + ")";
  }
  return text;
}

}  // namespace

void Coordinator::NoteForAll(std::string kind, std::string text, absl::Time now) {
  changes_.events.push_back({.job = std::nullopt, .time = now, .kind = std::move(kind), .text = std::move(text)});
}

void Coordinator::CountFailure(const std::string& worker, const std::string& why, absl::Time now) {
  const int failures = roster_.CountFailure(worker, now) + 1;
  const Roster::Worker* known = roster_.Find(worker);
  if (known == nullptr) return;
  NoteForAll("worker_paused",
             "worker " + worker + " gets no work for " + InSeconds(known->pauses_until - now) +
                 ", since its work failed" + (failures > 1 ? ", " + std::to_string(failures) + " times in a row" : "") +
                 ": " + why,
             now);
}

void Coordinator::CountSuccess(const std::string& worker, absl::Time now) {
  const int failures = roster_.CountSuccess(worker);
  if (failures > 0) NoteForAll("worker_back", "worker " + worker + " works again, and gets its share", now);
}

std::string Coordinator::TroubleOf(const Roster::Worker& worker, absl::Time now) const {
  switch (roster_.StandingOf(worker, now)) {
    case Standing::kGood:
      return "";
    case Standing::kPausing:
      return "Its work failed; it gets none for " + InSeconds(worker.pauses_until - now) + " more.";
    case Standing::kOnProbation:
      return "Its work failed; it gets one piece at a time until one succeeds.";
    case Standing::kQuarantined:
      return worker.record.quarantine->reason;
  }
  return "";
}

// --- Second opinions ---

// A share of the slices is done twice. The draw is a function of the slice, and decides nothing but who works.
void Coordinator::MaybeCheck(const Job& job, Piece piece, const std::vector<TrialResult>& results,
                             const std::string& worker) {
  if (options_.check_one_in <= 0 || roster_.connected() < 2) return;
  PhiloxStream stream(job.record().spec.seed ^ kCheckStream, static_cast<uint64_t>(piece.place));
  uint32_t drawn = 0;
  for (int slice = 0; slice <= piece.slice; ++slice) drawn = stream.Below(static_cast<uint32_t>(options_.check_one_in));
  if (drawn != 0) return;
  if (std::optional<Job::Taken> work = job.WorkToCheck(piece)) {
    checks_.Open(*std::move(work), {OpinionOf(results, worker)});
  }
}

void Coordinator::OpenDispute(const Job& job, const KnownLease& lease, const LeaseReport& report, absl::Time now) {
  std::optional<Job::Taken> work = job.WorkToCheck(lease.piece());
  if (!work) return;
  Opinion first{.worker = "", .trials = job.DigestsOf(lease.piece())};
  for (const std::optional<TrialDigest>& digest : first.trials) {
    if (digest) first.worker = digest->worker;
  }
  if (roster_.IsQuarantined(first.worker)) return;
  const Checks::Key key{lease.record.job, lease.piece()};
  if (Checks::Check* open = checks_.Find(key)) {
    open->opinions.push_back(OpinionOf(report.trials, lease.record.worker));
    return JudgeCheck(key, now);
  }
  if (checks_.Open(*std::move(work), {first, OpinionOf(report.trials, lease.record.worker)})) JudgeCheck(key, now);
}

std::optional<Lease> Coordinator::LeaseCheck(const std::string& worker, std::optional<int64_t> only_job,
                                             absl::Time now) {
  Checks::Check* check = checks_.NextFor(worker, only_job, [this](int64_t job) { return ChecksWait(job); });
  if (check == nullptr) return std::nullopt;
  const auto entrant = jobs_.find(check->work.lease.job);
  if (entrant == jobs_.end() || entrant->second.job->record().state == JobState::kPaused) return std::nullopt;
  Job::Taken work = check->work;
  work.lease.attempt = static_cast<int>(check->opinions.size()) + 1;
  Lease lease = Grant(entrant->second, std::move(work), worker, Purpose::kCheck, now);
  check->lease = lease.id;
  return lease;
}

// A ladder ends when its evidence says so, so nobody knows how near its end is.
bool Coordinator::ChecksWait(int64_t job) const {
  const auto entrant = jobs_.find(job);
  if (entrant == jobs_.end() || entrant->second.job->record().spec.search == SearchKind::kLadder) return false;
  const int64_t free = entrant->second.free_pieces;
  return free > 0 && free <= kLastPiecesOfAThread * roster_.connected_threads();
}

absl::Status Coordinator::TakeOpinion(const KnownLease& lease, const LeaseReport& report, absl::Time now) {
  const Checks::Key key{lease.record.job, lease.piece()};
  Checks::Check* check = checks_.Find(key);
  if (check != nullptr && report.trials.size() != check->work.lease.slice->trials.size()) {
    return absl::InvalidArgumentError("the report does not fit lease " + std::to_string(lease.record.id) + ": it has " +
                                      std::to_string(report.trials.size()) + " trials");
  }
  leases_.SetReported(lease.record.id);
  SettleLease(lease.record.id, /*tell=*/false);
  if (check == nullptr) return absl::OkStatus();
  if (check->lease == lease.record.id) check->lease.reset();
  check->opinions.push_back(OpinionOf(report.trials, lease.record.worker));
  ++counters_.checks;
  if (!Agree(check->opinions.front(), check->opinions.back())) ++counters_.mismatches;
  JudgeCheck(key, now);
  return absl::OkStatus();
}

void Coordinator::JudgeCheck(const Checks::Key& key, absl::Time now) {
  const Checks::Check& check = *checks_.Find(key);
  const Job& job = *jobs_.at(key.first).job;
  const std::string what = job.TrialsText(key.second);
  const Checks::Outcome outcome = Checks::OutcomeOf(check);
  if (!outcome.settled) {
    const bool somebody = std::any_of(roster_.workers().begin(), roster_.workers().end(), [&](const auto& worker) {
      return worker.second.connected && IsReferee(check, worker.first);
    });
    NoteForAll("disputed",
               what + " ended differently on workers " + DifferenceText(check) + "; " +
                   (somebody ? "another worker trains them again, and decides"
                             : "no other worker is connected, so it stays open which of them computes wrongly until "
                               "one is"),
               now);
    return;
  }
  const std::vector<std::string> minority = outcome.minority;
  if (minority.empty() && check.opinions.size() >= kMaxOpinions) {
    NoteForAll("disputed", what + " ended differently on every worker that trained them: nobody can be believed", now);
  }
  CloseCheck(key);
  for (const std::string& worker : minority) {
    if (!roster_.IsQuarantined(worker)) {
      Quarantine(worker, what + " ended differently on it than on two other workers: it computes wrongly.", now);
    }
  }
}

bool Coordinator::IsReferee(const Checks::Check& check, const std::string& worker) {
  return std::none_of(check.opinions.begin(), check.opinions.end(),
                      [&](const Opinion& opinion) { return opinion.worker == worker; });
}

void Coordinator::CloseCheck(const Checks::Key& key) {
  checks_.Close(key);
  for (int64_t id : leases_.OpenOf(key.first, key.second)) {
    if (leases_.Find(id)->purpose == Purpose::kCheck) SettleLease(id, /*tell=*/true);
  }
}

// Whether what comes of the lease can matter still.
bool Coordinator::Needed(const KnownLease& lease) {
  if (lease.purpose == Purpose::kCheck) return checks_.Find({lease.record.job, lease.piece()}) != nullptr;
  return jobs_.at(lease.record.job).job->Needed(lease.piece());
}

// --- Quarantine ---

void Coordinator::Quarantine(const std::string& worker, const std::string& reason, absl::Time now) {
  for (int64_t lease : leases_.OfWorker(worker)) EndLease(lease, /*tell=*/false);
  checks_.Disregard(worker);
  roster_.Quarantine(worker, {.since = now, .reason = reason});
  changes_.workers.push_back(roster_.Find(worker)->record);
  NoteForAll("quarantined", "worker " + worker + " gets no work any more, and what it reported is forgotten: " + reason,
             now);
}

absl::Status Coordinator::Forgive(const std::string& worker, absl::Time now) {
  const bool quarantined = roster_.IsQuarantined(worker);
  if (absl::Status status = roster_.Forgive(worker); !status.ok()) return status;
  changes_.workers.push_back(roster_.Find(worker)->record);
  if (quarantined) NoteForAll("forgiven", "worker " + worker + " may work again", now);
  return absl::OkStatus();
}

std::set<int64_t> Coordinator::FamilyOf(int64_t job) const {
  const JobRecord* record = RecordOf(job);
  if (record == nullptr) return {};
  const int64_t parent = record->parent.value_or(job);
  std::set<int64_t> family = {parent};
  if (const auto splits = splits_.find(parent); splits != splits_.end()) {
    family.insert(splits->second.begin(), splits->second.end());
  }
  return family;
}

void Coordinator::FoldOut(const std::string& worker, std::vector<JobSnapshot> rewound, absl::Time now) {
  const std::string why = "evidence came from worker " + worker +
                          ", which computes wrongly: it is forgotten, and the evidence is folded again from the start";
  for (JobSnapshot& snapshot : rewound) {
    const int64_t id = snapshot.record.id;
    ForgetLeasesOf(id);
    if (const auto entrant = jobs_.find(id); entrant != jobs_.end()) {
      entrant->second.job = std::make_unique<Job>(std::move(snapshot), options_.new_searcher);
    } else {
      Adopt(std::move(snapshot));
    }
    Entrant& entrant = jobs_.at(id);
    entrant.job->BeginAgain(why, worker, now, changes_);
    entrant.moved = now;
    Update(entrant);
  }
  MoveFamilies(now);
  roster_.SetFoldedOut(worker);
  changes_.workers.push_back(roster_.Find(worker)->record);
}

// What its workers have in hand may be about entries that are issued no more, or differently.
void Coordinator::ForgetLeasesOf(int64_t job) {
  for (const Checks::Key& key : checks_.OfJob(job)) CloseCheck(key);
  const Piece first{.place = kPredictionPlace, .slice = 0};
  const Piece end{.place = std::numeric_limits<int64_t>::max(), .slice = 0};
  for (int64_t lease : leases_.OpenWithin(job, first, end)) SettleLease(lease, /*tell=*/true);
  leases_.ForgetWithin(job, first, end);
}

}  // namespace minnow::core
