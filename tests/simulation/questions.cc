#include "tests/simulation/questions.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "common/random.h"
#include "common/text.h"
#include "server/search/searcher.h"
#include "tests/support/shuffled_ladder.h"
#include "tests/support/toy_job.h"

namespace minnow::simulation {
namespace {

constexpr core::ToyRule kRule{.start = 20, .end = 120, .most = 0.2};
// Questions of these seeds are planned in no sensible order.
constexpr uint64_t kFirstShuffledSeed = 100;

JobSpec Ladder(uint64_t seed) {
  JobSpec spec;
  spec.goal.value = 0.95;
  spec.units = {1, 2, 4, 8};
  spec.seed = seed;
  spec.max_layers = 1;
  return spec;
}

Question Ask(std::string name, JobSpec spec) {
  const bool anew = spec.characterise || spec.splits > 1 || spec.early_stop;
  return {.name = std::move(name), .request = core::ToyRequest(std::move(spec)), .asked_anew = anew};
}

std::vector<Question> MakeQuestions() {
  std::vector<Question> questions;
  questions.push_back(Ask("ladder", Ladder(1)));
  JobSpec spec = Ladder(2);
  spec.max_layers = 2;
  spec.early_stop = true;
  questions.push_back(Ask("ladder with early stop", spec));
  spec = Ladder(3);
  spec.early_stop = spec.characterise = true;
  questions.push_back(Ask("ladder with pass rate and reliable shape", spec));
  spec = Ladder(4);
  spec.splits = 3;
  spec.units = {1, 2, 4};
  questions.push_back(Ask("ladder on three splits", spec));
  spec = Ladder(5);
  spec.budget.trials = 150;
  questions.push_back(Ask("ladder with a budget of trials", spec));
  spec = Ladder(6);
  spec.max_layers = 2;
  spec.budget.epochs = 6000;
  questions.push_back(Ask("ladder with a budget of epochs", spec));
  spec = Ladder(7);
  spec.search = SearchKind::kGrid;
  spec.grid_seeds = 2;
  questions.push_back(Ask("grid", spec));
  spec = Ladder(8);
  spec.search = SearchKind::kRandom;
  spec.budget.trials = 120;
  questions.push_back(Ask("random", spec));
  spec = Ladder(9);
  spec.goal.value.reset();
  questions.push_back(Ask("ladder without a threshold", spec));
  spec = Ladder(kFirstShuffledSeed + 5);
  spec.max_layers = 2;
  questions.push_back(Ask("shuffled ladder", spec));
  spec = Ladder(kFirstShuffledSeed + 6);
  spec.max_layers = 2;
  spec.budget.trials = 400;
  questions.push_back(Ask("shuffled ladder with a budget of trials", spec));
  return questions;
}

SliceWork WorkOf(const JobRecord& job, const search::Bundle& bundle, const Shape& shape) {
  const bool whole = bundle.phase == Phase::kSearch && job.spec.search != SearchKind::kLadder;
  return {.shape = shape,
          .phase = bundle.phase,
          .metric = job.spec.goal.metric,
          .threshold = job.threshold,
          .epochs = job.spec.epochs,
          .job_seed = job.spec.seed,
          .train_on = whole,
          .test_sha256 = whole ? job.test_sha256 : ""};
}

std::string RatioText(int64_t part, int64_t whole) { return std::to_string(part) + " of " + std::to_string(whole); }

void AddVerdicts(const core::StoredState& stored, int64_t job, std::string* text) {
  for (auto row = stored.shapes.lower_bound({job, 0}); row != stored.shapes.end() && row->first.first == job; ++row) {
    const core::ShapeRecord& shape = row->second;
    const search::ShapeEvidence& evidence = shape.evidence;
    *text += ShapeText(shape.shape) + " " + std::string(minnow::Name(evidence.verdict)) + " " + shape.because + " " +
             RatioText(evidence.passes, evidence.tries) + ", " + std::to_string(evidence.finished) + " finished, " +
             std::to_string(evidence.audited) + " audited, best " + NumberText(evidence.best_score.value_or(0)) + "\n";
  }
}

void AddLooks(const core::StoredState& stored, int64_t job, std::map<int64_t, std::string>& names, std::string* text) {
  for (const LookRecord& look : stored.looks) {
    if (look.job != job) continue;
    *text += "look " + std::to_string(look.look) + " at trial " + names[look.marker.trial] + " " +
             NumberText(look.marker.score) + " [" + NumberText(look.marker.interval.low) + ", " +
             NumberText(look.marker.interval.high) + "] " + look.grade + "\n";
  }
}

}  // namespace

const std::vector<Question>& Questions() {
  static const std::vector<Question> questions = MakeQuestions();
  return questions;
}

core::SearcherFactory Searchers() {
  const core::SearcherFactory shuffled = core::ShuffledLadder(/*seed=*/5);
  return [shuffled](const JobSpec& spec, const search::Space* space) -> std::unique_ptr<search::Searcher> {
    if (spec.seed >= kFirstShuffledSeed) return shuffled(spec, space);
    return search::NewSearcher(spec, space);
  };
}

LeaseReport Train(const Lease& lease) {
  LeaseReport report{.lease = lease.id};
  if (lease.prediction) {
    const bool right = !lease.prediction->on_test || LookScore(lease.prediction->shape) > 0.5;
    report.outputs = core::ToyOutputs(right);
    return report;
  }
  report.trials = core::ToyResults(*lease.slice, kRule);
  for (TrialResult& trial : report.trials) {
    trial.train_seconds = core::ToySeconds(lease.slice->shape, trial.epochs);
    if (!KeepsWeights(lease.slice->phase, trial.state)) trial.weights.clear();
  }
  return report;
}

double SecondsOf(const Lease& lease) {
  if (!lease.slice) return 1e-3;
  return core::ToySeconds(lease.slice->shape, static_cast<int64_t>(lease.slice->trials.size()) * lease.slice->epochs);
}

TrialResult Recompute(const JobRecord& job, const search::Space& space, const search::Bundle& bundle, int index) {
  SliceWork work = WorkOf(job, bundle, space.shape(bundle.shape));
  work.trials = {{.recipe = space.recipes()[bundle.recipes[index]],
                  .seed = bundle.first_seed + index,
                  .stop = search::StopRuleOf(job.spec.seed, bundle, index)}};
  TrialResult result = core::ToyResults(work, kRule).front();
  if (!KeepsWeights(bundle.phase, result.state)) result.weights.clear();
  return result;
}

bool SameResult(const TrialResult& a, const TrialResult& b) {
  return a.state == b.state && a.epochs == b.epochs && a.epoch == b.epoch && a.pass_epoch == b.pass_epoch &&
         a.validation_score == b.validation_score && a.best_score == b.best_score &&
         a.would_stop_epoch == b.would_stop_epoch && a.test_score == b.test_score && a.scores == b.scores &&
         a.weights_sha256 == b.weights_sha256;
}

double LookScore(const Shape& shape) {
  return PhiloxStream(static_cast<uint64_t>(Parameters(shape)), /*stream=*/7).Below(3) > 0 ? 1 : 1.0 / 3;
}

bool WasInterrupted(const core::StoredState& stored, int64_t job) {
  const std::string& reason = stored.jobs.at(job).reliable_reason;
  if (reason.starts_with("It was cancelled") || reason.starts_with("It failed")) return true;
  return std::any_of(stored.events.begin(), stored.events.end(), [&](const EventRecord& event) {
    if (!event.job || !stored.jobs.contains(*event.job)) return false;
    const bool is_split = stored.jobs.at(*event.job).parent == job;
    if (*event.job != job && !is_split) return false;
    // Splits for which an answer has no use are cancelled as a matter of course.
    return (event.kind == "cancelled" && !is_split) || (event.kind == "finished" && event.text.starts_with("FAILED"));
  });
}

std::string AnswerOf(const core::StoredState& stored, int64_t job, bool with_numbers) {
  const JobRecord& record = stored.jobs.at(job);
  std::map<int64_t, std::string> names;  // of trials that count: by number, or by what they are
  std::string text;
  for (const auto& [key, trial] : stored.trials) {
    if (key.first != job || !stored.evidence.contains(key)) continue;
    const std::string number = with_numbers ? std::to_string(key.second) : std::to_string(names.size() + 1) + "th";
    names[key.second] = number;
    text += number + " " + ShapeText(trial.shape) + " " + RecipeText(trial.spec.recipe) + " seed " +
            std::to_string(trial.spec.seed) + " " + std::string(minnow::Name(trial.result.state)) + " " +
            NumberText(trial.result.best_score) + " after " + std::to_string(trial.result.epochs) + " " +
            trial.result.weights_sha256 + "\n";
  }
  AddVerdicts(stored, job, &text);
  AddLooks(stored, job, names, &text);
  text += std::string(minnow::Name(record.state));
  if (record.answer) text += " " + ShapeText(record.answer->shape) + " trial " + names[record.answer->trial];
  if (record.answer && record.answer->confirmed) text += *record.answer->confirmed ? " confirmed" : " unconfirmed";
  if (record.pass_rate) text += " pass rate " + RatioText(record.pass_rate->passes, record.pass_rate->tries);
  if (record.reliable) {
    text += " reliable " + ShapeText(record.reliable->shape) + " " + RecipeText(record.reliable->recipe) + " " +
            RatioText(record.reliable->passes, record.reliable->tries);
  }
  text += " " + record.reliable_reason;
  if (record.threshold) text += " threshold " + NumberText(*record.threshold);
  if (record.wrong_at_most) text += " wrong at most " + NumberText(*record.wrong_at_most);
  text += "\n";
  for (const auto& [id, split] : stored.jobs) {
    if (split.parent != job) continue;
    text += "split " + std::to_string(split.split_seed) + "\n" + AnswerOf(stored, id, with_numbers);
  }
  return text;
}

}  // namespace minnow::simulation
