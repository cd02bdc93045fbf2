// How a job advances: the decisions that reported outcomes allow, one step at a time.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/text.h"
#include "server/core/job.h"
#include "server/search/threshold_rule.h"

namespace minnow::core {
namespace {

constexpr int kBootstrapResamples = 10'000;
constexpr uint64_t kLookKeySalt = 0x4c6f6f6b;  // keeps the resamples of looks apart from other uses of the job seed

Interval LookInterval(Metric metric, std::span<const float> outputs, const Targets& targets, double score, double level,
                      uint64_t key) {
  if (!std::isfinite(score)) return {score, score};
  if (metric != Metric::kAccuracy) return BootstrapInterval(metric, outputs, targets, kBootstrapResamples, level, key);
  const auto hits = static_cast<int64_t>(score * targets.rows() + 0.5);
  return WilsonInterval(hits, targets.rows(), level);
}

// For people: to four decimals.
std::string Rounded(double number) { return NumberText(std::round(number * 1e4) / 1e4); }

std::string Grade(Metric metric, double threshold, const Interval& interval) {
  if (!std::isfinite(interval.low) || !std::isfinite(interval.high)) return "missed";
  // All resamples scored alike, as they do when every row is right: that is no evidence of how far the score could be
  // off.
  if (interval.low == interval.high) return "consistent";
  const bool higher = HigherIsBetter(metric);
  if (higher ? interval.low >= threshold : interval.high <= threshold) return "shown";
  if (higher ? interval.high < threshold : interval.low > threshold) return "missed";
  return "consistent";
}

}  // namespace

void Job::Advance(absl::Time now, Changes& changes) {
  while (!IsFinal(record_.state) && Step(now, changes)) {
  }
  list_.ForgetDigestsBefore(folded_ - kRememberedEntries);
  for (int s : evidence_.TakeChanged()) changes.shapes.emplace_back(record_.id, DescribeShape(s));
  RecordJob(now, changes);
}

bool Job::Step(absl::Time now, Changes& changes) {
  if (prediction_) return false;
  return record_.threshold ? StepSearch(now, changes) : StepReference(now, changes);
}

bool Job::StepReference(absl::Time now, Changes& changes) {
  if (PlanReference(changes)) {
    RecordEvent("reference", "looking for a threshold: the largest networks show what can be reached", now, changes);
    return true;
  }
  if (folded_ == list_.size()) {
    RequestThreshold(now, changes);
    return false;
  }
  if (!list_.AllReported(folded_)) return false;
  SetEntryState(folded_++, EntryState::kFolded, /*evidence_trials=*/0, changes);
  return true;
}

// Issues the whole reference phase at once. Returns whether there was anything left to issue.
bool Job::PlanReference(Changes& changes) {
  std::vector<int64_t> issued(space_.shapes());
  for (const search::Bundle& bundle : list_.bundles()) issued[bundle.shape] += bundle.trials();
  bool any = false;
  while (auto bundle = reference_->Plan({evidence_, list_.bundles(), issued, /*issued_trials=*/0})) {
    issued[bundle->shape] += bundle->trials();
    AppendEntry(*bundle, EntryState::kIssued, changes);
    any = true;
  }
  return any;
}

void Job::RequestThreshold(absl::Time now, Changes& changes) {
  std::vector<search::ReferenceCandidate> candidates;
  for (int i = 0; i < list_.size(); ++i) {
    const search::Bundle& bundle = list_.bundle(i);
    for (int t = 0; t < bundle.trials(); ++t) {
      auto candidate = std::find_if(candidates.begin(), candidates.end(), [&](const search::ReferenceCandidate& known) {
        return known.shape == bundle.shape && known.recipe == bundle.recipes[t];
      });
      if (candidate == candidates.end()) {
        candidate = candidates.insert(candidates.end(), {.shape = bundle.shape, .recipe = bundle.recipes[t]});
      }
      candidate->trials.push_back(bundle.first_trial + t);
      candidate->scores.push_back(list_.reported(i)[t]->best_score);
    }
  }
  const search::ReferenceMedian median = search::BestMedian(record_.spec.goal.metric, candidates);
  if (!std::isfinite(median.score)) {
    Fail(
        "the largest networks diverged, so they show no threshold: give one with --good-enough, or smaller learning "
        "rates",
        now, changes);
    return;
  }
  prediction_ = Prediction{
      .on_test = false, .shape = median.shape, .recipe = median.recipe, .trial = median.trial, .score = median.score};
}

void Job::RecordThreshold(const std::vector<float>& outputs, absl::Time now, Changes& changes) {
  const search::ReferenceMedian median{prediction_->trial, prediction_->shape, prediction_->recipe, prediction_->score};
  prediction_.reset();
  const Metric metric = record_.spec.goal.metric;
  const search::ThresholdMarker marker =
      search::OneStandardErrorThreshold(metric, median, outputs, validation_targets_, record_.spec.seed);
  if (!std::isfinite(marker.value)) {
    return Fail(
        "the score of the largest networks is not defined on these validation rows: give a threshold with "
        "--good-enough, or another metric",
        now, changes);
  }
  record_.threshold = marker.value;
  AppendEntry(marker, EntryState::kFolded, changes);
  folded_ = segment_begin_ = list_.size();
  changes.reference_models_done.push_back(record_.id);
  RecordEvent("threshold",
              ThresholdText({metric, marker.value}) + ": one standard error of " + Rounded(marker.standard_error) +
                  " worse than " + Rounded(marker.median) + ", the lower median of the best reference candidate",
              now, changes);
}

// The order of the steps makes what is issued a function of the folded prefix alone: everything that the prefix allows
// is issued before the next bundle is folded, however early that bundle was reported.
bool Job::StepSearch(absl::Time now, Changes& changes) {
  if (searcher_->Settled(evidence_)) return Conclude(now, changes);
  if (StepIssue(now, changes)) return true;
  if (IsFinal(record_.state) || prediction_) return false;
  if (folded_ < list_.size()) return StepFold(now, changes);
  return Conclude(now, changes);
}

// The entries [0, PlanningPrefix()) are what the next entry's plan may know. A hole is a barrier: there was nothing to
// plan, or the budget had no room, until everything before it is folded.
int Job::PlanningPrefix() const {
  const int behind_window = std::max(0, list_.size() - std::min(searcher_->window(), list_.size()));
  const int behind_hole = list_.last_hole() ? *list_.last_hole() + 1 : 0;
  return std::max({behind_window, behind_hole, segment_begin_});
}

bool Job::StepIssue(absl::Time now, Changes& changes) {
  const int prefix = PlanningPrefix();
  if (all_planned_ || prefix > folded_) return false;
  AdvancePlanning(prefix);
  const std::optional<search::Bundle> plan =
      searcher_->Plan({planning_, list_.bundles().subspan(planned_), issued_, issued_trials_});
  if (!plan) {
    all_planned_ = true;
    return true;
  }
  search::Bundle bundle = CutToBudget(*plan);
  if (bundle.hole() && folded_ == list_.size()) {
    if (plan->hole()) return Conclude(now, changes);
    return Finish(JobState::kBudgetSpent, evidence_.incumbent(), now, changes);
  }
  AppendEntry(std::move(bundle), EntryState::kIssued, changes);
  return true;
}

void Job::AdvancePlanning(int end) {
  for (; planned_ < end; ++planned_) {
    const search::Bundle& bundle = list_.bundle(planned_);
    if (const auto* look = std::get_if<LookMarker>(&list_.content(planned_))) {
      if (!look->confirmed) planning_.ApplyMissedLook(look->shape);
    }
    if (bundle.hole() || bundle.phase != Phase::kSearch) continue;
    const int counted = list_.state(planned_) == EntryState::kFolded ? list_.evidence_trials(planned_) : 0;
    if (counted > 0) planning_.Fold(bundle, list_.EvidenceOutcomes(planned_));
    issued_[bundle.shape] -= bundle.trials() - counted;
    issued_trials_ -= bundle.trials() - counted;
  }
}

// What is folded and the worst case of what is issued never exceed the budget.
search::Bundle Job::CutToBudget(search::Bundle bundle) const {
  const Budget& budget = record_.spec.budget;
  int64_t room = bundle.trials();
  // For a random search the budget of trials is its length, which its plan respects.
  if (budget.trials && record_.spec.search != SearchKind::kRandom)
    room = std::min(room, *budget.trials - issued_trials_);
  if (budget.epochs) {
    const int64_t outstanding = issued_trials_ - planning_.trials();
    const int64_t left = *budget.epochs - planning_.epochs() - outstanding * record_.spec.epochs;
    room = std::min(room, left / record_.spec.epochs);
  }
  bundle.recipes.resize(static_cast<size_t>(std::max<int64_t>(room, 0)));
  return bundle;
}

bool Job::StepFold(absl::Time now, Changes& changes) {
  const search::Bundle& bundle = list_.bundle(folded_);
  if (bundle.hole() || Moot(folded_)) {
    SetEntryState(folded_++, EntryState::kSkipped, /*evidence_trials=*/0, changes);
    return true;
  }
  const std::optional<int> counted = evidence_.CompleteOutcome(list_.reported(folded_));
  if (!counted) return false;
  const std::optional<int> before = evidence_.incumbent();
  SetEntryState(folded_, EntryState::kFolded, *counted, changes);
  evidence_.Fold(bundle, list_.EvidenceOutcomes(folded_));
  changes.evidence.push_back({record_.id, bundle.first_trial, bundle.first_trial + *counted - 1});
  ++folded_;
  if (const std::optional<int> after = evidence_.incumbent(); after && after != before) {
    RecordAnswer(after);
    RecordEvent("incumbent",
                ShapeText(space_.shape(*after)) + " with " + std::to_string(space_.size(*after)) +
                    " parameters passed in trial " + std::to_string(*evidence_.shape(*after).first_pass),
                now, changes);
  }
  return true;
}

bool Job::Moot(int index) const {
  const search::Bundle& bundle = list_.bundle(index);
  return FirstPassSettles() && bundle.phase == Phase::kSearch && evidence_.Moot(bundle.shape);
}

// The search is settled, or everything that it was to train is trained.
bool Job::Conclude(absl::Time now, Changes& changes) {
  CutUnfolded(changes);
  const std::optional<int> incumbent = evidence_.incumbent();
  if (record_.spec.search == SearchKind::kLadder && incumbent) {
    const int64_t trial = *evidence_.shape(*incumbent).first_pass;
    prediction_ = Prediction{.on_test = true, .shape = *incumbent, .recipe = RecipeOf(trial), .trial = trial};
    return false;
  }
  if (incumbent) return Finish(JobState::kAnswered, incumbent, now, changes);
  // No larger shape passes: the first one that was looked at stands, unconfirmed.
  if (!looks_.empty()) return Finish(JobState::kAnswered, looks_.front().shape, now, changes);
  return Finish(JobState::kExhausted, std::nullopt, now, changes);
}

void Job::RecordLook(const std::vector<float>& outputs, absl::Time now, Changes& changes) {
  const Prediction asked = *prediction_;
  prediction_.reset();
  const Threshold threshold{record_.spec.goal.metric, *record_.threshold};
  const int look = static_cast<int>(looks_.size()) + 1;
  LookMarker marker{.shape = asked.shape, .trial = asked.trial};
  marker.score = Score(threshold.metric, outputs, test_targets_);
  marker.level = LookLevel(look);
  marker.interval = LookInterval(threshold.metric, outputs, test_targets_, marker.score, marker.level,
                                 (record_.spec.seed ^ kLookKeySalt) + static_cast<uint64_t>(look));
  marker.confirmed = Meets(threshold, marker.score);

  AppendEntry(marker, EntryState::kFolded, changes);
  folded_ = segment_begin_ = list_.size();
  looks_.push_back(marker);
  changes.looks.push_back({.job = record_.id,
                           .look = look,
                           .marker = marker,
                           .grade = Grade(threshold.metric, threshold.value, marker.interval),
                           .time = now});
  RecordEvent("look",
              "look " + std::to_string(look) + " at the test part: " + ShapeText(space_.shape(asked.shape)) +
                  " scores " + Rounded(marker.score) + (marker.confirmed ? ", confirmed" : ", not confirmed"),
              now, changes);
  if (marker.confirmed) {
    Finish(JobState::kAnswered, marker.shape, now, changes);
    return;
  }
  evidence_.ApplyMissedLook(marker.shape);
  if (look == record_.spec.confirm) Finish(JobState::kAnswered, looks_.front().shape, now, changes);
}

bool Job::Finish(JobState state, std::optional<int> shape, absl::Time now, Changes& changes) {
  CutUnfolded(changes);
  for (auto& [piece, prediction] : predictions_) prediction.held = false;
  if (!shape && !looks_.empty()) shape = looks_.front().shape;
  RecordAnswer(shape);
  if (state == JobState::kAnswered || state == JobState::kExhausted) {
    AnswerMarker marker{.shape = shape, .trial = std::nullopt};
    if (record_.answer) marker.trial = record_.answer->trial;
    AppendEntry(marker, EntryState::kFolded, changes);
    folded_ = segment_begin_ = list_.size();
  }
  if (record_.spec.search == SearchKind::kLadder && state != JobState::kFailed)
    record_.wrong_at_most = WrongAtMost(shape);
  record_.state = state;
  record_.finished = now;
  RecordJob(now, changes);
  RecordEvent("finished", std::string(Name(state)) + (shape ? ": " + ShapeText(space_.shape(*shape)) : std::string()),
              now, changes);
  return false;
}

// Of the answer `shape`, or of the whole space without one.
double Job::WrongAtMost(std::optional<int> shape) const {
  std::vector<search::ShapeEvidence> excluded;
  int missed_looks = 0;
  for (int s = 0; s < space_.shapes(); ++s) {
    if (shape && !space_.Smaller(s, *shape)) continue;
    excluded.push_back(evidence_.shape(s));
    missed_looks += evidence_.shape(s).because == search::Because::kMissedOnTest ? 1 : 0;
  }
  return search::WrongAtMost(excluded, missed_looks);
}

void Job::AppendEntry(EntryContent content, EntryState state, Changes& changes) {
  if (auto* bundle = std::get_if<search::Bundle>(&content)) {
    bundle->first_trial = next_trial_;
    next_trial_ += bundle->trials();
    if (bundle->phase == Phase::kSearch) {
      issued_[bundle->shape] += bundle->trials();
      issued_trials_ += bundle->trials();
    }
  }
  const int index = list_.Append(next_place_++, content);
  if (state == EntryState::kFolded) list_.SetFolded(index, /*evidence_trials=*/0);
  changes.entries.emplace_back(record_.id, list_.entry(index));
}

void Job::SetEntryState(int index, EntryState state, int evidence_trials, Changes& changes) {
  if (state == EntryState::kFolded) {
    list_.SetFolded(index, evidence_trials);
  } else {
    list_.SetSkipped(index);
  }
  changes.entries.emplace_back(record_.id, list_.entry(index));
}

// Forgets what was issued beyond the folded prefix. What was trained of it stays in the database, without counting.
void Job::CutUnfolded(Changes& changes) {
  for (int i = folded_; i < list_.size(); ++i) {
    const search::Bundle& bundle = list_.bundle(i);
    if (bundle.phase == Phase::kSearch) {
      issued_[bundle.shape] -= bundle.trials();
      issued_trials_ -= bundle.trials();
    }
    Entry cut = list_.entry(i);
    cut.state = EntryState::kCut;
    changes.entries.emplace_back(record_.id, std::move(cut));
  }
  list_.CutFrom(folded_);
}

}  // namespace minnow::core
