#include "server/core/job.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "server/core/pace.h"

namespace minnow::core {
namespace {

std::string BecauseText(const search::ShapeEvidence& evidence, const search::Space& space) {
  switch (evidence.because) {
    case search::Because::kNothing:
      return "";
    case search::Because::kDirect:
      return "direct";
    case search::Because::kContained:
      return "contained in " + HiddenText(space.shape(*evidence.inherits_from).hidden);
    case search::Because::kConvex:
      return "convex";
    case search::Because::kSymmetry:
      return "symmetry";
    case search::Because::kMissedOnTest:
      return "missed on test";
  }
  return "";
}

}  // namespace

Job::Job(JobSnapshot snapshot, SearcherFactory new_searcher)
    : record_(std::move(snapshot.record)),
      validation_targets_(std::move(snapshot.validation_targets)),
      test_targets_(std::move(snapshot.test_targets)),
      space_(record_.spec, record_.inputs, record_.outputs),
      new_searcher_(std::move(new_searcher)),
      reference_(search::NewReference(&space_)),
      search_(Phase::kSearch, new_searcher_(record_.spec, &space_), record_.spec, &space_, /*begin=*/0),
      next_trial_(snapshot.next_trial),
      next_place_(snapshot.next_place),
      seconds_before_(record_.characterising ? record_.characterise_seconds : record_.search_seconds) {
  SetBudget();
  if (!record_.spec.characterise) phases_ended_ = {Phase::kPassRate, Phase::kReliable};
  Replay(snapshot);
  for (const Entry& entry : snapshot.beside) {
    if (entry.state == EntryState::kMemo) memo_.emplace(entry.place, entry.content);
  }
  if (!memo_.empty()) memo_outcomes_.insert(snapshot.outcomes.lower_bound(next_trial_), snapshot.outcomes.end());
}

void Job::Replay(const JobSnapshot& snapshot) {
  for (const Entry& entry : snapshot.entries) {
    const int index = list_.Append(entry.place, entry.content);
    const search::Bundle& bundle = list_.bundle(index);
    for (int t = 0; t < bundle.trials(); ++t) {
      const auto outcome = snapshot.outcomes.find(bundle.first_trial + t);
      if (outcome == snapshot.outcomes.end()) continue;
      list_.SetOutcome(index, t, outcome->second);
      // A slice is stored as a whole, so one of its trials stands for all.
      list_.SetReported({entry.place, t / kMaxSliceTrials});
      ++trials_reported_;
    }
    Course* course = bundle.hole() ? nullptr : CourseOf(bundle.phase);
    if (course != nullptr) course->Issue(bundle);
    if (entry.state == EntryState::kIssued) continue;
    if (entry.state == EntryState::kSkipped) list_.SetSkipped(index);
    if (entry.state == EntryState::kFolded) list_.SetFolded(index, entry.evidence_trials);
    if (course != nullptr && entry.evidence_trials > 0) course->evidence.Fold(bundle, list_.EvidenceOutcomes(index));
    folded_ = index + 1;
    ReplayMarker(entry.content);
  }
  search_.evidence.TakeChanged();  // stored already
}

void Job::ReplayMarker(const EntryContent& content) {
  if (std::holds_alternative<search::Bundle>(content)) return;
  segment_begin_ = folded_;
  if (std::holds_alternative<search::ThresholdMarker>(content)) search_.begin = folded_;
  if (const auto* look = std::get_if<LookMarker>(&content)) {
    looks_.push_back(*look);
    if (!look->confirmed) search_.evidence.ApplyMissedLook(look->shape);
  }
  if (const auto* end = std::get_if<PhaseEndMarker>(&content)) {
    phases_ended_.insert(end->phase);
    if (end->phase == Phase::kPassRate) BeginReliable();
  }
}

void Job::SetBudget() {
  // For a random search the budget of trials is its length, which its plan respects.
  const bool is_length = record_.spec.search == SearchKind::kRandom;
  search_.most_trials = is_length ? std::nullopt : record_.spec.budget.trials;
  search_.most_epochs = record_.spec.budget.epochs;
}

Course* Job::CourseOf(Phase phase) {
  if (phase == Phase::kSearch) return &search_;
  return phase == Phase::kReliable && reliable_ ? &*reliable_ : nullptr;
}

JobProgress Job::Progress() const {
  JobProgress progress{.state = record_.state,
                       .reason = record_.reason,
                       .why_still = {},
                       .in_reference = !record_.threshold,
                       .over = IsOver(record_),
                       .threshold = record_.threshold,
                       .trials_reported = trials_reported_,
                       .trials = search_.evidence.trials(),
                       .epochs = search_.evidence.epochs(),
                       .shapes = space_.shapes(),
                       .shapes_open = 0,
                       .incumbent = std::nullopt,
                       .looks = static_cast<int>(looks_.size()),
                       .workers = 0,
                       .adding = Adding()};
  for (int s = 0; s < space_.shapes(); ++s) progress.shapes_open += search_.evidence.Open(s) ? 1 : 0;
  if (const std::optional<int> incumbent = search_.evidence.incumbent()) progress.incumbent = space_.shape(*incumbent);
  if (IsFinal(record_.state) && record_.answer) progress.incumbent = record_.answer->shape;
  return progress;
}

void Job::Create(absl::Time now, Changes& changes) const {
  changes.jobs.push_back(record_);
  RecordEvent("submitted",
              std::to_string(space_.shapes()) + " shapes, " + std::to_string(space_.recipes().size()) + " recipes", now,
              changes);
  for (int s = 0; s < space_.shapes(); ++s) changes.shapes.emplace_back(record_.id, DescribeShape(s));
}

void Job::Start(absl::Time now, Changes& changes) {
  if (!record_.characterising) {
    record_.state = JobState::kRunning;
    record_.reason.clear();
    record_.finished.reset();
    record_.wrong_at_most.reset();
  }
  if (!running_since_) running_since_ = now;  // it may be asked for again while it runs
  Advance(now, changes);
}

void Job::StartSplit(double threshold, absl::Time now, Changes& changes) {
  record_.threshold = threshold;
  Start(now, changes);
}

void Job::WaitAgain(const JobSpec& spec, absl::Time now, Changes& changes) {
  TakeOver(spec);
  record_.state = JobState::kQueued;
  record_.reason.clear();
  record_.finished.reset();
  record_.wrong_at_most.reset();
  RecordJob(now, changes);
}

void Job::TakeOver(const JobSpec& spec) {
  record_.spec.budget = spec.budget;
  record_.spec.route = spec.route;
  search_.searcher = new_searcher_(record_.spec, &space_);
  search_.all_planned = false;
  SetBudget();
}

void Job::TakeUp(const JobSpec& spec, absl::Time now, Changes& changes) {
  TakeOver(spec);
  const Budget& budget = spec.budget;
  const bool no_time_left = budget.seconds && *budget.seconds <= record_.search_seconds + record_.characterise_seconds;
  if (no_time_left && IsOver(record_)) {
    RecordJob(now, changes);
    return;
  }
  RecordEvent("resumed", "goes on where it was", now, changes);
  const bool adds = record_.state == JobState::kAnswered && record_.spec.search == SearchKind::kLadder;
  if (adds && !record_.characterising) BeginCharacterising(now);
  Start(now, changes);
  if (no_time_left && !IsOver(record_)) StopForTime(now, changes);
}

void Job::Pause(absl::Time now, Changes& changes) {
  if (IsFinal(record_.state) || record_.state == JobState::kPaused) return;
  record_.state = JobState::kPaused;
  RecordJob(now, changes);
  RecordEvent("paused", "nothing is given out until it is resumed", now, changes);
}

void Job::Resume(absl::Time now, Changes& changes) {
  RecordEvent("resumed", "goes on where it was", now, changes);
  Start(now, changes);
}

void Job::Cancel(const std::string& why, absl::Time now, Changes& changes) {
  if (record_.characterising) return EndCharacterising(why, now, changes);
  if (IsFinal(record_.state)) return;
  RecordEvent("cancelled", why, now, changes);
  prediction_.reset();
  Finish(JobState::kCancelled, search_.evidence.incumbent(), now, changes);
}

void Job::Fail(const std::string& reason, absl::Time now, Changes& changes) {
  if (record_.characterising) return EndCharacterising("failed: " + reason, now, changes);
  if (IsFinal(record_.state)) return;
  prediction_.reset();
  record_.reason = reason;
  Finish(JobState::kFailed, search_.evidence.incumbent(), now, changes);
}

absl::Time Job::OutOfTime() const {
  if (!record_.spec.budget.seconds || !running_since_) return absl::InfiniteFuture();
  const double before = seconds_before_ + (record_.characterising ? record_.search_seconds : 0);
  return *running_since_ + absl::Seconds(*record_.spec.budget.seconds - before);
}

void Job::StopForTime(absl::Time now, Changes& changes) {
  if (record_.characterising) return EndCharacterising("the budget of seconds was spent", now, changes);
  prediction_.reset();
  Finish(JobState::kBudgetSpent, search_.evidence.incumbent(), now, changes);
}

std::optional<Job::Taken> Job::TakeWork() {
  if (!running()) return std::nullopt;
  if (prediction_) {
    if (free_pieces() == 0) return std::nullopt;
    return TakeAgain(PredictionPiece());
  }
  const std::optional<Piece> piece =
      list_.FirstFree([this](int index, int slice) { return PieceNeeded(index, slice); });
  if (!piece) return std::nullopt;
  return TakeAgain(*piece);
}

std::optional<Job::Taken> Job::TakeSuspect() {
  if (!has_suspects()) return std::nullopt;
  const std::optional<Piece> piece =
      list_.FirstSuspect([this](int index, int slice) { return PieceNeeded(index, slice); });
  return piece ? std::optional(TakeAgain(*piece)) : std::nullopt;
}

Job::Taken Job::TakeAgain(Piece piece) {
  Taken taken = DescribeWork(piece);
  if (piece.place == kPredictionPlace) {
    PredictionState& state = predictions_[piece];
    state.held = true;
    taken.lease.attempt = ++state.taken;
  } else {
    taken.lease.attempt = list_.Take(piece);
  }
  return taken;
}

void Job::GiveBack(Piece piece) {
  if (piece.place == kPredictionPlace) {
    predictions_[piece].held = false;
  } else {
    list_.GiveBack(piece);
  }
}

void Job::Restore(Piece piece, int attempt, bool held) {
  if (piece.place == kPredictionPlace) {
    PredictionState& state = predictions_[piece];
    state.taken = std::max(state.taken, attempt);
    state.held |= held;
  } else {
    list_.Restore(piece, attempt, held);
  }
}

int64_t Job::free_pieces() const {
  if (!running()) return 0;
  if (!prediction_) return list_.free();
  const auto state = predictions_.find(PredictionPiece());
  return state != predictions_.end() && state->second.held ? 0 : 1;
}

bool Job::AwaitsPrediction(Piece piece) const { return prediction_ && piece == PredictionPiece(); }

Piece Job::PredictionPiece() const {
  return {.place = kPredictionPlace, .slice = prediction_->on_test ? static_cast<int>(looks_.size()) + 1 : 0};
}

std::optional<Shape> Job::ShapeOf(Piece piece) const {
  if (AwaitsPrediction(piece)) return space_.shape(prediction_->shape);
  const std::optional<int> index = list_.IndexOf(piece.place);
  return index ? std::optional<Shape>(space_.shape(list_.bundle(*index).shape)) : std::nullopt;
}

int64_t Job::first_open_place() const { return folded_ < list_.size() ? list_.place(folded_) : next_place_; }

int64_t Job::first_remembered_place() const {
  const int index = std::max(0, folded_ - kRememberedEntries);
  return index < list_.size() ? list_.place(index) : next_place_;
}

int Job::SliceEnd(int index, int slice) const {
  return std::min(list_.bundle(index).trials(), SliceBegin(slice) + kMaxSliceTrials);
}

bool Job::Needed(Piece piece) const {
  if (!running()) return false;
  if (piece.place == kPredictionPlace) return AwaitsPrediction(piece);
  const std::optional<int> index = list_.IndexOf(piece.place);
  return index && !list_.IsReported(piece) && PieceNeeded(*index, piece.slice);
}

bool Job::PieceNeeded(int index, int slice) const {
  if (index < folded_) return false;
  const search::Bundle& bundle = list_.bundle(index);
  const Course* course = CourseOf(bundle.phase);
  if (course == nullptr) return true;
  if (course->Moot(bundle.shape)) return false;
  if (!course->FirstPassSettles()) return !course->evidence.CompleteOutcome(bundle, list_.reported(index));
  if (PassedBefore(index, SliceBegin(slice))) return false;
  // A pass that is reported but not folded yet will moot what is not smaller when its turn comes.
  for (int earlier = folded_; earlier < index; ++earlier) {
    const search::Bundle& other = list_.bundle(earlier);
    if (!other.hole() && PassedBefore(earlier, other.trials()) && !space_.Smaller(bundle.shape, other.shape)) {
      return false;
    }
  }
  return true;
}

// True when one of the bundle's trials before `trial` is known to have passed.
bool Job::PassedBefore(int index, int trial) const {
  const auto reported = list_.reported(index).first(static_cast<size_t>(trial));
  return std::any_of(reported.begin(), reported.end(),
                     [](const std::optional<search::TrialOutcome>& outcome) { return outcome && outcome->passed(); });
}

int Job::RecipeOf(int64_t trial) const {
  for (int i = 0; i < list_.size(); ++i) {
    const search::Bundle& bundle = list_.bundle(i);
    if (trial >= bundle.first_trial && trial < bundle.first_trial + bundle.trials()) {
      return bundle.recipes[trial - bundle.first_trial];
    }
  }
  return 0;
}

Job::Taken Job::DescribeWork(Piece piece) const {
  Taken taken{.piece = piece, .lease = {.job = record_.id, .bundle = piece.place, .slice_number = piece.slice}};
  if (piece.place == kPredictionPlace) {
    taken.lease.prediction = DescribePrediction();
    const int rows = prediction_->on_test ? record_.rows_test : record_.rows_validation;
    taken.units = Pace::Units(taken.lease.prediction->shape, /*epochs=*/1, rows);
    return taken;
  }
  taken.lease.slice = DescribeSlice(*list_.IndexOf(piece.place), piece.slice);
  taken.epochs = static_cast<int64_t>(taken.lease.slice->trials.size()) * record_.spec.epochs;
  taken.units = Pace::Units(taken.lease.slice->shape, taken.epochs, record_.rows_train);
  return taken;
}

SliceWork Job::DescribeSlice(int index, int slice) const {
  const search::Bundle& bundle = list_.bundle(index);
  const bool in_search = bundle.phase == Phase::kSearch;
  const Course* course = CourseOf(bundle.phase);
  const bool ladder = record_.spec.search == SearchKind::kLadder;
  SliceWork work{.shape = space_.shape(bundle.shape),
                 .phase = bundle.phase,
                 .metric = record_.spec.goal.metric,
                 .threshold = bundle.phase == Phase::kReference ? std::nullopt : record_.threshold,
                 .epochs = record_.spec.epochs,
                 .momentum = record_.spec.momentum,
                 .job_seed = record_.spec.seed,
                 .train_on = in_search && !ladder,
                 .first_pass_settles = course != nullptr && course->FirstPassSettles(),
                 .data_sha256 = record_.data_sha256,
                 .test_sha256 = in_search && !ladder ? record_.test_sha256 : "",
                 .trials = {},
                 .route = record_.spec.route};
  work.standard_error = record_.spec.early_stop && in_search && record_.spec.goal.metric != Metric::kAccuracy &&
                        bundle.stop_bounds.empty();
  for (int t = SliceBegin(slice); t < SliceEnd(index, slice); ++t) {
    work.trials.push_back({.recipe = space_.recipes()[bundle.recipes[t]],
                           .seed = bundle.first_seed + t,
                           .stop = search::StopRuleOf(record_.spec.seed, bundle, t)});
  }
  return work;
}

PredictionWork Job::DescribePrediction() const {
  return {.trial = prediction_->trial,
          .shape = space_.shape(prediction_->shape),
          .activation = space_.recipes()[prediction_->recipe].activation,
          .weights = {},
          .on_test = prediction_->on_test,
          .data_sha256 = prediction_->on_test ? record_.test_sha256 : record_.data_sha256};
}

ShapeRecord Job::DescribeShape(int s) const {
  const search::ShapeEvidence& evidence = search_.evidence.shape(s);
  return {.number = s, .shape = space_.shape(s), .evidence = evidence, .because = BecauseText(evidence, space_)};
}

void Job::RecordAnswer(std::optional<int> shape) {
  record_.answer.reset();
  if (!shape) return;
  Answer answer{
      .shape = space_.shape(*shape), .trial = *search_.evidence.shape(*shape).first_pass, .confirmed = std::nullopt};
  for (const LookMarker& look : looks_) {
    if (look.shape == *shape) answer.confirmed = look.confirmed;
  }
  record_.answer = answer;
}

void Job::RecordJob(absl::Time now, Changes& changes) {
  double& seconds = record_.characterising ? record_.characterise_seconds : record_.search_seconds;
  if (running_since_) seconds = seconds_before_ + absl::ToDoubleSeconds(now - *running_since_);
  if (record_.state != JobState::kRunning && !record_.characterising) {
    seconds_before_ = record_.search_seconds;
    running_since_.reset();
  }
  // A job that runs moves with every report; of a group of them the last is stored.
  if (!changes.jobs.empty() && changes.jobs.back().id == record_.id) {
    changes.jobs.back() = record_;
  } else {
    changes.jobs.push_back(record_);
  }
}

void Job::RecordEvent(std::string kind, std::string text, absl::Time now, Changes& changes) const {
  changes.events.push_back({.job = record_.id, .time = now, .kind = std::move(kind), .text = std::move(text)});
}

}  // namespace minnow::core
