#include <spdlog/fmt/fmt.h>

#include "client/answer_report.h"
#include "common/resource_names.h"
#include "common/text.h"

namespace minnow::client {
namespace {

std::string Headline(const AnswerReport& report);
std::string QuestionText(const AnswerReport& report);
std::string NetworkText(const AnswerReport& report);
std::string TestText(const AnswerReport& report);
std::string MoreToCome(const AnswerReport& report, const std::string& why_still);
std::string SpentText(const JobSummary& job);
std::string WhatToDo(const AnswerReport& report);
std::string NextCommands(const AnswerReport& report, const std::string& place_flag);

bool Ladder(const AnswerReport& report) { return report.job.record.spec.search == SearchKind::kLadder; }

bool Unconfirmed(const AnswerReport& report) {
  const JobRecord& job = report.job.record;
  return job.state == JobState::kAnswered && job.answer && job.answer->confirmed == false;
}

std::string MetricName(const AnswerReport& report) { return std::string(Name(report.job.record.spec.goal.metric)); }

std::string Score(const AnswerReport& report, double score) {
  return ScoreText(report.job.record.spec.goal.metric, score, report.job.record.threshold);
}

}  // namespace

std::string AnswerText(const AnswerReport& report, const ReportOptions& options, const Console& console) {
  std::string text = Bold(console, Headline(report)) + "\n\n";
  text += QuestionText(report) + "\n";
  text += MoreToCome(report, options.why_still);
  if (report.trial) text += NetworkText(report) + "\n" + TestText(report);
  text += CertificateText(report, options.full) + "\n";
  text += SpentText(report.job) + "\n\n";
  const std::string advice = WhatToDo(report);
  if (!advice.empty()) text += advice + "\n\n";
  return text + NextCommands(report, options.place_flag);
}

ExitCode AnswerExitCode(const AnswerReport& report) {
  switch (report.job.record.state) {
    case JobState::kAnswered:
      return Unconfirmed(report) ? ExitCode::kNotGoodEnough : ExitCode::kDone;
    case JobState::kExhausted:
      return ExitCode::kNotGoodEnough;
    case JobState::kBudgetSpent:
      return ExitCode::kBudgetSpent;
    default:
      return ExitCode::kFailed;
  }
}

ExitCode PrintReport(const AnswerReport& report, const ReportOptions& options, Console& console) {
  console.out << (options.json ? JsonText(AnswerJson(report)) + "\n" : AnswerText(report, options, console));
  return AnswerExitCode(report);
}

std::string LabelledText(std::string_view label, const std::string& text) {
  constexpr int kColumn = 14;
  if (text.empty()) return "";
  return fmt::format("  {:<{}}{}\n", label, kColumn - 2, Paragraph(text, kColumn));
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

std::string QuestionText(const AnswerReport& report) {
  const JobRecord& job = report.job.record;
  const std::string name = job.spec.name.empty() ? "" : fmt::format(" \"{}\"", Printable(job.spec.name));
  std::string text = fmt::format("{}{}: {} for \"{}\" in {}, {} in the search space ({} search).\n", JobName(job.id),
                                 name, GoalText(job.spec.goal.metric, job.threshold), Printable(job.target),
                                 Printable(job.data_file), Counted(report.shapes, "shape"), Name(job.spec.search));
  if (!job.spec.goal.value && job.threshold) {
    text += Paragraph(
                "The threshold is one standard error below the best that the largest networks of each depth "
                "reach.") +
            "\n";
  }
  return text;
}

std::string NetworkText(const AnswerReport& report) {
  const JobRecord& job = report.job.record;
  const TrialRecord& trial = *report.trial;
  const Recipe& recipe = trial.spec.recipe;
  const std::string momentum =
      recipe.optimizer == Optimizer::kSgd ? fmt::format(" with momentum {}", NumberText(job.spec.momentum)) : "";
  const std::string decay =
      recipe.weight_decay == 0 ? "" : fmt::format(", weight decay {}", NumberText(recipe.weight_decay));
  std::string text =
      LabelledText("recipe", fmt::format("{} initial weights, {}, {}{}, learning rate {}, batches of {}{}",
                                         Name(recipe.init), Name(recipe.activation), Name(recipe.optimizer), momentum,
                                         NumberText(recipe.learning_rate), recipe.batch_size, decay));
  text += LabelledText("trial",
                       fmt::format("{}, seed {}, weights of epoch {} (at most {})", TrialNameText(job.id, trial.number),
                                   trial.spec.seed, trial.result.epoch, job.spec.epochs));
  text += CharacterText(report);
  text += LabelledText("validation",
                       fmt::format("{} {} on {}", MetricName(report), Score(report, trial.result.validation_score),
                                   Counted(job.rows_validation, "row")));
  if (report.look) {
    const LookMarker& look = report.look->marker;
    return text + LabelledText("test", fmt::format("{} {} on {}, {} interval {} to {}: {}", MetricName(report),
                                                   Score(report, look.score), Counted(job.rows_test, "row"),
                                                   PercentText(look.level), Score(report, look.interval.low),
                                                   Score(report, look.interval.high), report.look->grade));
  }
  if (!trial.result.test_score) return text;
  return text +
         LabelledText("test", fmt::format("{} {} on {}", MetricName(report), Score(report, *trial.result.test_score),
                                          Counted(job.rows_test, "row")));
}

// Of a job that is ANSWERED and goes on.
std::string MoreToCome(const AnswerReport& report, const std::string& why_still) {
  const JobRecord& job = report.job.record;
  if (!job.characterising) return "";
  const std::string more = StillToCome(job, report.splits);
  const std::string what = more.empty() ? "" : ": " + more;
  return Paragraph(fmt::format("This answer stands, and more is still being added to it{}.{}{}", what,
                               why_still.empty() ? "" : " ", Printable(why_still))) +
         "\n\n";
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
std::string LooksText(const AnswerReport& report) {
  std::string text = Paragraph(fmt::format(
                         "The test part was opened {} times (at most {}); each look widens the interval of the next:",
                         report.looks.size(), report.job.record.spec.confirm)) +
                     "\n";
  for (const LookRecord& look : report.looks) {
    text += fmt::format("  look {}: {} {}, {} ({})\n", look.look, MetricName(report), Score(report, look.marker.score),
                        LookWord(look), TrialNameText(look.job, look.marker.trial));
  }
  return text;
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

std::string TestText(const AnswerReport& report) {
  if (!Ladder(report)) {
    return Paragraph(
               "Not confirmed: this search scores every trial on the test part, so its test scores are no sealed "
               "proof.") +
           "\n\n";
  }
  if (report.job.record.parent) {
    return Paragraph(fmt::format("This is another split of the rows of {}. Its test part stays sealed.",
                                 JobName(*report.job.record.parent))) +
           "\n\n";
  }
  if (!report.look) return "Not confirmed: the sealed test part was not opened.\n\n";
  std::string text = Paragraph(fmt::format("{} {}", ConfirmedWords(report), GradeWords(*report.look))) + "\n";
  if (report.looks.size() > 1) text += LooksText(report);
  if (report.looks_by_other_jobs > 0) {
    text +=
        Paragraph(fmt::format("Other jobs of this database had looked at the same test rows {} before. Whoever chose "
                              "this question by what they said can no longer take the interval at its word.",
                              Counted(report.looks_by_other_jobs, "time"))) +
        "\n";
  }
  return text + "\n";
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
std::string SpentText(const JobSummary& job) {
  const std::string seconds = DurationText(job.record.search_seconds + job.record.characterise_seconds);
  const std::string epochs = Counted(job.epochs, "epoch");
  if (job.trained_beside == 0) return fmt::format("Spent: {}, {}, {}.", Counted(job.trials, "trial"), epochs, seconds);
  return Paragraph(
      fmt::format("Spent: {} that {} ({}), and {} beside that {} not count (other phases, speculative); {} in all.",
                  Counted(job.trials, "trial"), job.trials == 1 ? "counts" : "count", epochs,
                  CountText(job.trained_beside), job.trained_beside == 1 ? "does" : "do", seconds));
}

std::string WhatToDo(const AnswerReport& report) {
  if (report.job.record.state == JobState::kExhausted) {
    const std::string_view settle = report.undecided.empty() ? "" : "settle the open shapes with --search ladder; ";
    return Paragraph(
        fmt::format("What could help: {}ask for less{}; allow more with --units, --layers or --epochs; try other "
                    "recipes with --init, --activation, --optimizer or --learning-rate.",
                    settle, BestScore(report)));
  }
  if (report.job.record.state == JobState::kBudgetSpent) {
    return "What could help: the same command with a larger budget, or with none; it goes on\nfrom here.";
  }
  if (Unconfirmed(report)) {
    return Paragraph(
        "What could help: a network is picked by its validation score, which flatters it. Leave out the smallest "
        "shapes "
        "(--units), allow more looks (--confirm 10), bring more rows, or ask for less.");
  }
  return "";
}

std::string NextCommands(const AnswerReport& report, const std::string& place_flag) {
  const std::string job = JobName(report.job.record.id);
  Table table({{"Next:"}, {""}});
  table.AddRow({fmt::format("  minnow trials {}{}", job, place_flag), "every trial that counts as evidence"});
  if (report.trial) {
    table.AddRow(
        {fmt::format("  minnow replay {}{}", TrialNameText(report.job.record.id, report.trial->number), place_flag),
         "train this network again and compare"});
    table.AddRow({fmt::format("  minnow export {} -o model.onnx{}", job, place_flag),
                  "take this network along: ONNX, C or JSON"});
  }
  table.AddRow({fmt::format("  minnow query \"SELECT * FROM size_ladder\"{}", place_flag), "what each size can do"});
  return table.Text();
}

}  // namespace
}  // namespace minnow::client
