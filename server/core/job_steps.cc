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
  while (!IsOver(record_) && Step(now, changes)) {
  }
  list_.ForgetDigestsBefore(folded_ - kRememberedEntries);
  for (int s : search_.evidence.TakeChanged()) changes.shapes.emplace_back(record_.id, DescribeShape(s));
  RecordJob(now, changes);
}

bool Job::Step(absl::Time now, Changes& changes) {
  if (prediction_) return false;
  if (record_.characterising) return StepCharacterise(now, changes);
  return record_.threshold ? StepCourse(search_, now, changes) : StepReference(now, changes);
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
  while (auto bundle =
             reference_->Plan({.evidence = search_.evidence, .outstanding = list_.bundles(), .issued = issued})) {
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
  folded_ = segment_begin_ = search_.begin = list_.size();
  changes.reference_models_done.push_back(record_.id);
  RecordEvent("threshold",
              ThresholdText({metric, marker.value}) + ": one standard error of " + Rounded(marker.standard_error) +
                  " worse than " + Rounded(marker.median) + ", the lower median of the best reference candidate",
              now, changes);
}

// The order of the steps makes what is issued a function of the folded prefix alone: everything that the prefix allows
// is issued before the next bundle is folded, however early that bundle was reported.
bool Job::StepCourse(Course& course, absl::Time now, Changes& changes) {
  if (course.searcher->Settled(course.evidence)) return Conclude(course, /*for_want_of_budget=*/false, now, changes);
  const int prefix = PlanningPrefix(course);
  if (!course.all_planned && prefix <= folded_) {
    AdvancePlanning(course, prefix);
    return StepIssue(course, now, changes);
  }
  if (folded_ < list_.size()) return StepFold(course, now, changes);
  return Conclude(course, /*for_want_of_budget=*/false, now, changes);
}

// The entries [0, PlanningPrefix()) are what the next entry's plan may know. A hole is a barrier: there was nothing to
// plan, or the budget had no room, until everything before it is folded. So is the end of the pilot.
int Job::PlanningPrefix(const Course& course) const {
  const int behind_window = std::max(0, list_.size() - std::min(course.searcher->window(), list_.size()));
  const int behind_hole = list_.last_hole() ? *list_.last_hole() + 1 : 0;
  const int pilot_end = course.begin + course.searcher->pilot();
  const int behind_pilot = list_.size() < pilot_end ? 0 : pilot_end;
  return std::max({behind_window, behind_hole, behind_pilot, segment_begin_});
}

bool Job::StepIssue(Course& course, absl::Time now, Changes& changes) {
  const std::optional<search::Bundle> plan = course.searcher->Plan(View(course, course.planning, course.planned));
  if (!plan) {
    course.all_planned = true;
    return true;
  }
  search::Bundle bundle = CutToBudget(course, *plan);
  if (bundle.hole() && folded_ == list_.size()) return Conclude(course, !plan->hole(), now, changes);
  AppendEntry(std::move(bundle), EntryState::kIssued, changes);
  return true;
}

// What is known when `evidence` holds the entries before `begin`.
search::PlanningView Job::View(const Course& course, const search::Evidence& evidence, int begin) const {
  return {.threshold = *record_.threshold,
          .validation_rows = record_.rows_validation,
          .evidence = evidence,
          .outstanding = list_.bundles().subspan(begin),
          .issued = course.issued,
          .issued_trials = course.issued_trials};
}

void Job::AdvancePlanning(Course& course, int end) const {
  for (; course.planned < end; ++course.planned) {
    const int index = course.planned;
    const search::Bundle& bundle = list_.bundle(index);
    if (const auto* look = std::get_if<LookMarker>(&list_.content(index))) {
      if (!look->confirmed) course.planning.ApplyMissedLook(look->shape);
    }
    if (bundle.hole() || bundle.phase != course.phase) continue;
    const int counted = list_.state(index) == EntryState::kFolded ? list_.evidence_trials(index) : 0;
    if (counted > 0) course.planning.Fold(bundle, list_.EvidenceOutcomes(index));
    course.TakeBack(bundle, counted);
  }
}

// What is folded and the worst case of what is issued never exceed the budget.
search::Bundle Job::CutToBudget(const Course& course, search::Bundle bundle) const {
  const int64_t outstanding = list_.TrialsFrom(course.planned);
  int64_t room = bundle.trials();
  if (course.most_trials) room = std::min(room, *course.most_trials - course.planning.trials() - outstanding);
  if (course.most_epochs) {
    const int64_t left = *course.most_epochs - course.planning.epochs() - outstanding * record_.spec.epochs;
    room = std::min(room, left / record_.spec.epochs);
  }
  bundle.recipes.resize(static_cast<size_t>(std::max<int64_t>(room, 0)));
  std::erase_if(bundle.guarded, [&](int index) { return index >= bundle.trials(); });
  return bundle;
}

bool Job::StepFold(Course& course, absl::Time now, Changes& changes) {
  const search::Bundle& bundle = list_.bundle(folded_);
  if (bundle.hole() || Moot(folded_)) {
    SetEntryState(folded_++, EntryState::kSkipped, /*evidence_trials=*/0, changes);
    return true;
  }
  const std::optional<int> needed = course.evidence.CompleteOutcome(bundle, list_.reported(folded_));
  if (!needed) return false;
  const std::optional<int> before = course.evidence.incumbent();
  SetEntryState(folded_, EntryState::kFolded, *needed, changes);
  const std::vector<int> counted = course.evidence.Fold(bundle, list_.EvidenceOutcomes(folded_));
  ++folded_;
  if (course.phase != Phase::kSearch) return true;
  for (int index : counted) {
    const int64_t trial = bundle.first_trial + index;
    const bool goes_on = !changes.evidence.empty() && changes.evidence.back().job == record_.id &&
                         changes.evidence.back().last == trial - 1;
    if (!goes_on) changes.evidence.push_back({record_.id, trial, trial});
    changes.evidence.back().last = trial;
  }
  if (const std::optional<int> after = course.evidence.incumbent(); after && after != before) {
    RecordAnswer(after);
    RecordEvent("incumbent",
                ShapeText(space_.shape(*after)) + " with " + std::to_string(Parameters(space_.shape(*after))) +
                    " parameters passed in trial " + std::to_string(*course.evidence.shape(*after).first_pass),
                now, changes);
  }
  return true;
}

bool Job::Moot(int index) const {
  const search::Bundle& bundle = list_.bundle(index);
  const Course* course = CourseOf(bundle.phase);
  return course != nullptr && course->Moot(bundle.shape);
}

// The course is settled, or everything that it was to train is trained, or its budget has no room for more.
bool Job::Conclude(Course& course, bool for_want_of_budget, absl::Time now, Changes& changes) {
  CutUnfolded(changes);
  if (course.phase == Phase::kReliable) return ConcludeReliable(for_want_of_budget, now, changes);
  return ConcludeSearch(for_want_of_budget, now, changes);
}

bool Job::ConcludeSearch(bool for_want_of_budget, absl::Time now, Changes& changes) {
  const std::optional<int> incumbent = search_.evidence.incumbent();
  if (for_want_of_budget) return Finish(JobState::kBudgetSpent, incumbent, now, changes);
  const bool looks = record_.spec.search == SearchKind::kLadder && !record_.parent;
  if (looks && incumbent) {
    const int64_t trial = *search_.evidence.shape(*incumbent).first_pass;
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
  const std::string grade = Grade(threshold.metric, threshold.value, marker.interval);
  marker.confirmed = Meets(threshold, marker.score) && (grade == "shown" || !record_.spec.require_shown);

  AppendEntry(marker, EntryState::kFolded, changes);
  folded_ = segment_begin_ = list_.size();
  looks_.push_back(marker);
  changes.looks.push_back({.job = record_.id, .look = look, .marker = marker, .grade = grade, .time = now});
  RecordEvent("look",
              "look " + std::to_string(look) + " at the test part: " + ShapeText(space_.shape(asked.shape)) +
                  " scores " + Rounded(marker.score) + (marker.confirmed ? ", confirmed" : ", not confirmed"),
              now, changes);
  if (marker.confirmed) {
    Finish(JobState::kAnswered, marker.shape, now, changes);
    return;
  }
  search_.evidence.ApplyMissedLook(marker.shape);
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
  const bool ladder = record_.spec.search == SearchKind::kLadder;
  if (ladder && state != JobState::kFailed) record_.wrong_at_most = WrongAtMost(shape);
  record_.state = state;
  record_.finished = now;
  RecordJob(now, changes);
  RecordEvent("finished", std::string(Name(state)) + (shape ? ": " + ShapeText(space_.shape(*shape)) : std::string()),
              now, changes);
  if (state == JobState::kAnswered && ladder && !record_.parent && AddsToTheAnswer()) BeginCharacterising(now);
  return record_.characterising;
}

// Of the answer `shape`, or of the whole space without one.
double Job::WrongAtMost(std::optional<int> shape) const {
  std::vector<search::ShapeEvidence> excluded;
  int missed_looks = 0;
  for (int s = 0; s < space_.shapes(); ++s) {
    if (shape && !space_.Smaller(s, *shape)) continue;
    excluded.push_back(search_.evidence.shape(s));
    missed_looks += search_.evidence.shape(s).because == search::Because::kMissedOnTest ? 1 : 0;
  }
  return search::WrongAtMost(excluded, missed_looks);
}

void Job::AppendEntry(EntryContent content, EntryState state, Changes& changes) {
  if (auto* bundle = std::get_if<search::Bundle>(&content)) {
    bundle->first_trial = next_trial_;
    next_trial_ += bundle->trials();
    if (Course* course = CourseOf(bundle->phase); course != nullptr && !bundle->hole()) course->Issue(*bundle);
  }
  const int index = list_.Append(next_place_++, content);
  if (state == EntryState::kFolded) list_.SetFolded(index, /*evidence_trials=*/0);
  if (!memo_.empty()) Remember(index, changes);
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
    if (Course* course = CourseOf(bundle.phase); course != nullptr && !bundle.hole()) course->TakeBack(bundle);
    Entry cut = list_.entry(i);
    cut.state = EntryState::kCut;
    changes.entries.emplace_back(record_.id, std::move(cut));
  }
  list_.CutFrom(folded_);
}

}  // namespace minnow::core
