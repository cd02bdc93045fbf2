#include "common/report/answer_words.h"

#include <spdlog/fmt/fmt.h>

#include "common/report/answer_report.h"
#include "common/report/output.h"
#include "common/resource_names.h"
#include "common/text.h"

namespace minnow {
namespace {

std::string Headline(const AnswerReport& report);
std::string Unfinished(const AnswerReport& report);
std::string Question(const JobRecord& job, int64_t shapes);
std::string ThresholdRule(const JobRecord& job);
std::vector<Labelled> Network(const AnswerReport& report);
std::vector<Passage> Test(const AnswerReport& report);
std::string MoreToCome(const AnswerReport& report, const std::string& why_still);
std::string Spent(const JobSummary& job);
std::string Advice(const AnswerReport& report);

bool Ladder(const AnswerReport& report) { return report.job.record.spec.search == SearchKind::kLadder; }

std::string MetricName(const AnswerReport& report) { return std::string(Name(report.job.record.spec.goal.metric)); }

std::string Score(const AnswerReport& report, double score) {
  return ScoreText(report.job.record.spec.goal.metric, score, report.job.record.threshold);
}

}  // namespace

AnswerWords WordsOf(const AnswerReport& report, const std::string& why_still) {
  AnswerWords words;
  words.headline = IsFinal(report.job.record.state) ? Headline(report) : Unfinished(report);
  words.question = Question(report.job.record, report.shapes);
  words.threshold_rule = ThresholdRule(report.job.record);
  words.more_to_come = MoreToCome(report, why_still);
  if (report.trial) {
    words.network = Network(report);
    if (IsFinal(report.job.record.state)) words.test = Test(report);
  }
  words.certificate = CertificateHeading(report);
  words.meanings = CertificateMeanings(report);
  words.spent = Spent(report.job);
  words.advice = Advice(report);
  return words;
}

bool Unconfirmed(const AnswerReport& report) {
  const JobRecord& job = report.job.record;
  return job.state == JobState::kAnswered && job.answer && job.answer->confirmed == false;
}

std::string HiddenWords(const std::vector<int>& hidden) {
  if (hidden.empty()) return "no hidden layer (a linear model)";
  if (hidden.size() == 1) return fmt::format("one hidden layer of {}", Counted(hidden[0], "unit"));
  std::vector<std::string> units;
  for (int u : hidden) units.push_back(std::to_string(u));
  const std::string last = units.back();
  units.pop_back();
  return fmt::format("{} hidden layers of {} and {} units", hidden.size(), Join(units, ", "), last);
}

namespace {

std::string ExhaustedText(const AnswerReport& report) {
  if (report.undecided.empty()) return "No network of the search space is good enough.";
  const auto undecided = static_cast<int64_t>(report.undecided.size());
  const std::string trained = report.job.trials == 1 ? "The one network trained is not good enough"
                                                     : fmt::format("None of the {} trained is good enough",
                                                                   Counted(report.job.trials, "network"));
  return fmt::format("{}; {} {} undecided.", trained, Counted(undecided, "shape"), undecided == 1 ? "stays" : "stay");
}

std::string Headline(const AnswerReport& report) {
  const JobRecord& job = report.job.record;
  const std::string network =
      report.trial ? fmt::format("{}, {} ({})", HiddenWords(report.trial->shape.hidden),
                                 SizeText(job.spec.order_by, report.trial->shape), ShapeText(report.trial->shape))
                   : "";
  const std::string so_far = report.trial ? "The smallest good one so far: " + network : "None was good enough so far.";
  switch (job.state) {
    case JobState::kExhausted:
      return ExhaustedText(report);
    case JobState::kBudgetSpent:
      return "The budget was spent before the answer was settled. " + so_far;
    case JobState::kCancelled:
      return "The job was cancelled. " + so_far;
    case JobState::kFailed:
      return fmt::format("The job failed: {}", Printable(job.reason));
    default:
      break;
  }
  if (Unconfirmed(report)) return "No network was confirmed on the test part. The first one looked at: " + network;
  if (job.spec.pass == PassPolicy::kReliable) {
    return fmt::format("The smallest network that is good enough for nearly every seed: {}", network);
  }
  return fmt::format("The smallest network {}that is good enough: {}", Ladder(report) ? "" : "of those trained ",
                     network);
}

std::string Question(const JobRecord& job, int64_t shapes) {
  const std::string name = job.spec.name.empty() ? "" : fmt::format(" \"{}\"", Printable(job.spec.name));
  return fmt::format("{}{}: {} for \"{}\" in {}, {} in the search space ({} search).", JobName(job.id), name,
                     GoalText(job.spec.goal.metric, job.threshold), Printable(job.target), Printable(job.data_file),
                     Counted(shapes, "shape"), Name(job.spec.search));
}

std::string ThresholdRule(const JobRecord& job) {
  if (job.spec.goal.value || !job.threshold) return "";
  return "The threshold is one standard error below the best that the largest networks of each depth reach.";
}

std::vector<Labelled> Network(const AnswerReport& report) {
  const JobRecord& job = report.job.record;
  const TrialRecord& trial = *report.trial;
  const Recipe& recipe = trial.spec.recipe;
  const std::string momentum =
      recipe.optimizer == Optimizer::kSgd ? fmt::format(" with momentum {}", NumberText(job.spec.momentum)) : "";
  const std::string decay =
      recipe.weight_decay == 0 ? "" : fmt::format(", weight decay {}", NumberText(recipe.weight_decay));
  std::vector<Labelled> words = {
      {"recipe", fmt::format("{} initial weights, {}, {}{}, learning rate {}, batches of {}{}", Name(recipe.init),
                             Name(recipe.activation), Name(recipe.optimizer), momentum,
                             NumberText(recipe.learning_rate), recipe.batch_size, decay)},
      {"trial", fmt::format("{}, seed {}, weights of epoch {} (at most {})", TrialNameText(job.id, trial.number),
                            trial.spec.seed, trial.result.epoch, job.spec.epochs)}};
  for (Labelled& character : CharacterWords(report)) words.push_back(std::move(character));
  words.push_back(
      {"validation", fmt::format("{} {} on {}", MetricName(report), Score(report, trial.result.validation_score),
                                 Counted(job.rows_validation, "row"))});
  if (report.look) {
    const LookMarker& look = report.look->marker;
    words.push_back(
        {"test", fmt::format("{} {} on {}, {} interval {} to {}: {}", MetricName(report), Score(report, look.score),
                             Counted(job.rows_test, "row"), PercentText(look.level), Score(report, look.interval.low),
                             Score(report, look.interval.high), report.look->grade)});
  } else if (trial.result.test_score) {
    words.push_back({"test", fmt::format("{} {} on {}", MetricName(report), Score(report, *trial.result.test_score),
                                         Counted(job.rows_test, "row"))});
  }
  return words;
}

// Of a job that is ANSWERED and goes on.
std::string MoreToCome(const AnswerReport& report, const std::string& why_still) {
  const JobRecord& job = report.job.record;
  if (!job.characterising) return "";
  const std::string more = StillToCome(job, report.splits);
  const std::string what = more.empty() ? "" : ": " + more;
  return fmt::format("This answer stands, and more is still being added to it{}.{}{}", what,
                     why_still.empty() ? "" : " ", Printable(why_still));
}

std::string GradeWords(const LookRecord& look) {
  const std::string& grade = look.grade;
  if (grade == "shown") return "The whole interval lies on the good side of the threshold: the test part shows it.";
  if (grade == "missed") return "The whole interval lies on the wrong side of the threshold.";
  if (look.marker.interval.low == look.marker.interval.high) {
    return "The interval has no width, so it tells nothing about other rows: the test part is too small or too "
           "uniform.";
  }
  return "The threshold lies inside the interval: the test rows agree with either side and are too few to tell them "
         "apart.";
}

std::string_view LookWord(const LookRecord& look) {
  if (look.marker.confirmed) return "confirmed";
  return look.grade == "missed" ? "missed" : "not confirmed";
}

// All looks in their order; the answer of a job without a confirmed look is the first of them.
Passage Looks(const AnswerReport& report) {
  Passage passage = {fmt::format(
      "The test part was opened {} times (at most {}); each look widens the interval of the next:", report.looks.size(),
      report.job.record.spec.confirm)};
  for (const LookRecord& look : report.looks) {
    passage.lines.push_back(fmt::format("look {}: {} {}, {} ({})", look.look, MetricName(report),
                                        Score(report, look.marker.score), LookWord(look),
                                        TrialNameText(look.job, look.marker.trial)));
  }
  return passage;
}

std::string ConfirmedWords(const AnswerReport& report) {
  const JobRecord& job = report.job.record;
  const LookMarker& look = report.look->marker;
  if (look.confirmed) return "Confirmed: on the sealed test part its score meets the threshold.";
  if (job.spec.require_shown && job.threshold && Meets({job.spec.goal.metric, *job.threshold}, look.score)) {
    return "Not confirmed: on the sealed test part its score meets the threshold, but its interval does not lie wholly "
           "on the good side (--require-shown).";
  }
  return "Not confirmed: on the sealed test part its score does not meet the threshold.";
}

std::vector<Passage> Test(const AnswerReport& report) {
  if (!Ladder(report)) {
    return {
        {"Not confirmed: this search scores every trial on the test part, so its test scores are no sealed proof."}};
  }
  if (report.job.record.parent) {
    return {{fmt::format("This is another split of the rows of {}. Its test part stays sealed.",
                         JobName(*report.job.record.parent))}};
  }
  if (!report.look) return {{"Not confirmed: the sealed test part was not opened."}};
  std::vector<Passage> test = {{fmt::format("{} {}", ConfirmedWords(report), GradeWords(*report.look))}};
  if (report.looks.size() > 1) test.push_back(Looks(report));
  if (report.looks_by_other_jobs > 0) {
    test.push_back(
        {fmt::format("Other jobs of this database had looked at the same test rows {} before. Whoever chose this "
                     "question by what they said can no longer take the interval at its word.",
                     Counted(report.looks_by_other_jobs, "time"))});
  }
  return test;
}

std::string BestScore(const AnswerReport& report) {
  const Metric metric = report.job.record.spec.goal.metric;
  const VerdictRow* best = nullptr;
  for (const VerdictRow& row : report.certificate) {
    if (row.best_score && (best == nullptr || Better(metric, *row.best_score, *best->best_score))) best = &row;
  }
  if (best == nullptr) return "";
  return fmt::format(" (the best seen at two epochs running: {}, hidden {})", Score(report, *best->best_score),
                     HiddenText(best->shape.hidden));
}

// Trials and epochs are the search's evidence, the seconds are those of all.
std::string Spent(const JobSummary& job) {
  const std::string seconds = DurationText(job.record.search_seconds + job.record.characterise_seconds);
  const std::string epochs = Counted(job.epochs, "epoch");
  if (job.trained_beside == 0) return fmt::format("Spent: {}, {}, {}.", Counted(job.trials, "trial"), epochs, seconds);
  return fmt::format("Spent: {} that {} ({}), and {} beside that {} not count (other phases, speculative); {} in all.",
                     Counted(job.trials, "trial"), job.trials == 1 ? "counts" : "count", epochs,
                     CountText(job.trained_beside), job.trained_beside == 1 ? "does" : "do", seconds);
}

std::string Advice(const AnswerReport& report) {
  if (report.job.record.state == JobState::kExhausted) {
    const std::string_view settle = report.undecided.empty() ? "" : "settle the open shapes with --search ladder; ";
    return fmt::format(
        "What could help: {}ask for less{}; allow more with --units, --layers or --epochs; try other recipes with "
        "--init, --activation, --optimizer or --learning-rate.",
        settle, BestScore(report));
  }
  if (report.job.record.state == JobState::kBudgetSpent) {
    return "What could help: the same command with a larger budget, or with none; it goes on from here.";
  }
  if (!Unconfirmed(report)) return "";
  return "What could help: a network is picked by its validation score, which flatters it. Leave out the smallest "
         "shapes (--units), allow more looks (--confirm 10), bring more rows, or ask for less.";
}

// How far a job is that has no answer yet.
std::string Unfinished(const AnswerReport& report) {
  const JobRecord& job = report.job.record;
  const std::string text = fmt::format("{} has not ended yet: it is {}, {} and {} in", JobName(job.id), Name(job.state),
                                       Counted(report.job.trials, "trial"), Counted(report.job.epochs, "epoch"));
  if (job.answer) {
    return text + fmt::format("; the smallest good network so far has hidden layers {} ({}), {} smaller undecided",
                              HiddenText(job.answer->shape.hidden), Counted(Parameters(job.answer->shape), "parameter"),
                              Counted(static_cast<int64_t>(report.undecided.size()), "shape"));
  }
  return text + fmt::format("; {} of {} decided and none good so far",
                            CountText(static_cast<int64_t>(report.certificate.size())),
                            Counted(report.shapes, "shape"));
}

}  // namespace
}  // namespace minnow
