// `minnow compare`.
#include "client/compare.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <functional>

#include "client/commands.h"
#include "client/result_flags.h"
#include "common/cli/command_line.h"
#include "common/report/answer_report.h"
#include "common/resource_names.h"
#include "common/text.h"

namespace minnow::client {
namespace {

constexpr size_t kMostJobs = 16;  // that stand side by side
constexpr char kNothing[] = "-";  // where a job has no such value

struct Field {
  std::string_view label;
  std::function<std::string(const AnswerReport&)> text;
};

template <class Value, class Write>
std::string ListText(const std::vector<Value>& values, Write write) {
  std::vector<std::string> words;
  for (const Value& value : values) words.emplace_back(write(value));
  return Join(words, ",");
}

template <class Enum>
std::string NamesText(const std::vector<Enum>& values) {
  return ListText(values, [](Enum value) { return Name(value); });
}

std::string NumbersText(const std::vector<double>& values) { return ListText(values, NumberText); }

std::string IntegersText(const std::vector<int>& values) {
  return ListText(values, [](int value) { return std::to_string(value); });
}

std::string OnOff(bool on) { return on ? "on" : "off"; }

const JobRecord& Of(const AnswerReport& report) { return report.job.record; }

std::string RowsText(const JobRecord& job) {
  return fmt::format("{}/{}/{}", CountText(job.rows_train), CountText(job.rows_validation), CountText(job.rows_test));
}

std::string SearchText(const JobSpec& spec) {
  const std::string name(Name(spec.search));
  return spec.search == SearchKind::kGrid ? fmt::format("{}, {}", name, Counted(spec.grid_seeds, "seed")) : name;
}

const Field kQuestion[] = {
    {"data", [](const AnswerReport& r) { return Printable(Of(r).data_file); }},
    {"target", [](const AnswerReport& r) { return Printable(Of(r).target); }},
    {"task", [](const AnswerReport& r) { return std::string(Name(Of(r).task)); }},
    {"good enough", [](const AnswerReport& r) { return GoalText(Of(r).spec.goal.metric, Of(r).threshold); }},
    {"threshold from",
     [](const AnswerReport& r) { return std::string(Of(r).spec.goal.value ? "the question" : "one standard error"); }},
    {"pass", [](const AnswerReport& r) { return std::string(Name(Of(r).spec.pass)); }},
    {"rows", [](const AnswerReport& r) { return RowsText(Of(r)); }},
    {"split seed", [](const AnswerReport& r) { return std::to_string(Of(r).split_seed); }},
    {"training data", [](const AnswerReport& r) { return Of(r).data_sha256.substr(0, 12); }},
    {"test data", [](const AnswerReport& r) { return Of(r).test_sha256.substr(0, 12); }},
    {"inputs", [](const AnswerReport& r) { return CountText(Of(r).inputs); }},
    {"layers",
     [](const AnswerReport& r) { return fmt::format("{}..{}", Of(r).spec.min_layers, Of(r).spec.max_layers); }},
    {"units", [](const AnswerReport& r) { return IntegersText(Of(r).spec.units); }},
    {"init", [](const AnswerReport& r) { return NamesText(Of(r).spec.inits); }},
    {"activation", [](const AnswerReport& r) { return NamesText(Of(r).spec.activations); }},
    {"optimizer", [](const AnswerReport& r) { return NamesText(Of(r).spec.optimizers); }},
    {"momentum", [](const AnswerReport& r) { return NumberText(Of(r).spec.momentum); }},
    {"learning rate", [](const AnswerReport& r) { return NumbersText(Of(r).spec.learning_rates); }},
    {"batch size", [](const AnswerReport& r) { return IntegersText(Of(r).spec.batch_sizes); }},
    {"weight decay", [](const AnswerReport& r) { return NumbersText(Of(r).spec.weight_decays); }},
    {"epochs", [](const AnswerReport& r) { return CountText(Of(r).spec.epochs); }},
    {"search", [](const AnswerReport& r) { return SearchText(Of(r).spec); }},
    {"order by", [](const AnswerReport& r) { return std::string(Name(Of(r).spec.order_by)); }},
    {"early stop", [](const AnswerReport& r) { return OnOff(Of(r).spec.early_stop); }},
    {"confirm", [](const AnswerReport& r) { return CountText(Of(r).spec.confirm); }},
    {"require shown", [](const AnswerReport& r) { return OnOff(Of(r).spec.require_shown); }},
    {"characterise", [](const AnswerReport& r) { return OnOff(Of(r).spec.characterise); }},
    {"splits", [](const AnswerReport& r) { return CountText(Of(r).spec.splits); }},
    {"seed", [](const AnswerReport& r) { return std::to_string(Of(r).spec.seed); }},
    {"numerics", [](const AnswerReport& r) { return fmt::format("version {}", Of(r).numerics_version); }},
};

// What is said of a job's answer; kNothing without one.
template <class Write>
std::function<std::string(const AnswerReport&)> OfAnswer(Write write) {
  return [write](const AnswerReport& report) {
    return Of(report).answer && report.trial ? std::string(write(report)) : kNothing;
  };
}

const Recipe& RecipeOf(const AnswerReport& report) { return report.trial->spec.recipe; }

std::string ValidationText(const AnswerReport& report) {
  const JobRecord& job = Of(report);
  return ScoreText(job.spec.goal.metric, report.trial->result.validation_score, job.threshold);
}

std::string TestText(const AnswerReport& report) {
  const JobRecord& job = Of(report);
  const auto text = [&](double score) { return ScoreText(job.spec.goal.metric, score, job.threshold); };
  if (report.look) return text(report.look->marker.score);
  return report.trial->result.test_score ? text(*report.trial->result.test_score) : kNothing;
}

std::string IntervalText(const AnswerReport& report) {
  if (!report.look) return kNothing;
  const Metric metric = Of(report).spec.goal.metric;
  const LookMarker& marker = report.look->marker;
  return fmt::format("{} to {} ({})", ScoreText(metric, marker.interval.low), ScoreText(metric, marker.interval.high),
                     PercentText(marker.level));
}

std::string ConfirmedText(const AnswerReport& report) {
  const std::optional<bool> confirmed = Of(report).answer->confirmed;
  if (!confirmed) return kNothing;
  return fmt::format("{}{}", *confirmed ? "yes" : "no", report.look ? ", " + report.look->grade : "");
}

std::string RateText(const JobRecord& job) {
  if (!job.pass_rate) return kNothing;
  return fmt::format("{} of {} seeds", CountText(job.pass_rate->passes), CountText(job.pass_rate->tries));
}

std::string ReliableText(const JobRecord& job) {
  if (!job.reliable) return kNothing;
  return fmt::format("{} ({})", HiddenText(job.reliable->shape.hidden),
                     Counted(Parameters(job.reliable->shape), "parameter"));
}

std::string RejectedText(const AnswerReport& report) {
  const size_t rejected = report.certificate.size();
  return fmt::format("{} of {}", CountText(static_cast<int64_t>(rejected)),
                     CountText(static_cast<int64_t>(rejected + report.undecided.size())));
}

const Field kAnswer[] = {
    {"state", [](const AnswerReport& r) { return std::string(Name(Of(r).state)); }},
    {"hidden layers", OfAnswer([](const AnswerReport& r) { return HiddenText(Of(r).answer->shape.hidden); })},
    {"parameters", OfAnswer([](const AnswerReport& r) { return CountText(Parameters(Of(r).answer->shape)); })},
    {"multiply-adds", OfAnswer([](const AnswerReport& r) { return CountText(MultiplyAdds(Of(r).answer->shape)); })},
    {"init", OfAnswer([](const AnswerReport& r) { return Name(RecipeOf(r).init); })},
    {"activation", OfAnswer([](const AnswerReport& r) { return Name(RecipeOf(r).activation); })},
    {"optimizer", OfAnswer([](const AnswerReport& r) { return Name(RecipeOf(r).optimizer); })},
    {"learning rate", OfAnswer([](const AnswerReport& r) { return NumberText(RecipeOf(r).learning_rate); })},
    {"batch size", OfAnswer([](const AnswerReport& r) { return CountText(RecipeOf(r).batch_size); })},
    {"weight decay", OfAnswer([](const AnswerReport& r) { return NumberText(RecipeOf(r).weight_decay); })},
    {"epoch", OfAnswer([](const AnswerReport& r) { return CountText(r.trial->result.epoch); })},
    {"validation", OfAnswer(ValidationText)},
    {"test", OfAnswer(TestText)},
    {"test interval", OfAnswer(IntervalText)},
    {"confirmed", OfAnswer(ConfirmedText)},
    {"pass rate", [](const AnswerReport& r) { return RateText(Of(r)); }},
    {"reliable", [](const AnswerReport& r) { return ReliableText(Of(r)); }},
    {"smaller rejected", RejectedText},
    {"wrong at most",
     [](const AnswerReport& r) { return Of(r).wrong_at_most ? WholePercent(*Of(r).wrong_at_most) : kNothing; }},
    {"trials", [](const AnswerReport& r) { return CountText(r.job.trials); }},
    {"epochs in all", [](const AnswerReport& r) { return CountText(r.job.epochs); }},
    {"time", [](const AnswerReport& r) { return DurationText(Of(r).search_seconds + Of(r).characterise_seconds); }},
    {"trial", OfAnswer([](const AnswerReport& r) { return TrialNameText(Of(r).id, Of(r).answer->trial); })},
};

template <size_t kCount>
std::vector<ComparedLine> LinesOf(const Field (&fields)[kCount], const std::vector<AnswerReport>& reports) {
  std::vector<ComparedLine> lines;
  for (const Field& field : fields) {
    ComparedLine line = {.label = std::string(field.label)};
    for (const AnswerReport& report : reports) line.values.push_back(field.text(report));
    lines.push_back(std::move(line));
  }
  return lines;
}

// "accuracy and auc": what the jobs have, each once.
template <class Write>
std::vector<std::string> DifferentValues(const std::vector<AnswerReport>& reports, Write write) {
  std::vector<std::string> values;
  for (const AnswerReport& report : reports) {
    const std::string value(write(Of(report)));
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  }
  return values;
}

int64_t RowsOf(const JobRecord& job) { return int64_t{job.rows_train} + job.rows_validation + job.rows_test; }

std::string TableText(const std::vector<AnswerReport>& reports, const std::vector<ComparedLine>& lines) {
  std::vector<Table::Column> columns = {{""}};
  for (const AnswerReport& report : reports) columns.push_back({JobName(Of(report).id)});
  Table table(std::move(columns));
  for (const ComparedLine& line : lines) {
    std::vector<std::string> cells = {line.label};
    cells.insert(cells.end(), line.values.begin(), line.values.end());
    table.AddRow(std::move(cells));
  }
  return table.Text(/*indent=*/2);
}

absl::StatusOr<std::vector<AnswerReport>> ReadReports(Results& results, const std::vector<std::string>& names) {
  std::vector<AnswerReport> reports;
  for (const std::string& name : names) {
    const absl::StatusOr<int64_t> job = ParseJobName(name);
    if (!job.ok()) return job.status();
    const auto same = [&](const AnswerReport& report) { return Of(report).id == *job; };
    if (std::any_of(reports.begin(), reports.end(), same)) {
      return absl::InvalidArgumentError(fmt::format("{} is there twice; name different jobs", JobName(*job)));
    }
    absl::StatusOr<AnswerReport> report = results.Answer(*job);
    if (!report.ok()) return report.status();
    reports.push_back(*std::move(report));
  }
  return reports;
}

}  // namespace

bool ComparedLine::differs() const {
  return std::any_of(values.begin(), values.end(), [&](const std::string& value) { return value != values[0]; });
}

std::vector<ComparedLine> QuestionLines(const std::vector<AnswerReport>& reports) {
  return LinesOf(kQuestion, reports);
}

std::vector<ComparedLine> AnswerLines(const std::vector<AnswerReport>& reports) { return LinesOf(kAnswer, reports); }

Comparability ComparabilityOf(const std::vector<AnswerReport>& reports) {
  Comparability result;
  const auto refuse = [&](std::string_view what, const std::vector<std::string>& values) {
    result.comparable = false;
    result.remarks.push_back(fmt::format("These answers cannot be compared: {} ({}).", what, Join(values, ", ")));
  };
  const auto metrics = DifferentValues(reports, [](const JobRecord& job) { return Name(job.spec.goal.metric); });
  if (metrics.size() > 1) refuse("their scores are of different metrics", metrics);
  const auto targets = DifferentValues(
      reports, [](const JobRecord& job) { return fmt::format("{} of \"{}\"", Name(job.task), Printable(job.target)); });
  if (targets.size() > 1) refuse("they predict different things", targets);
  const auto data = DifferentValues(reports, [](const JobRecord& job) {
    return fmt::format("{} with {}", Printable(job.data_file), Counted(RowsOf(job), "row"));
  });
  const auto test = DifferentValues(reports, [](const JobRecord& job) { return job.test_sha256; });
  const auto rows = DifferentValues(reports, [](const JobRecord& job) { return std::to_string(RowsOf(job)); });
  if (rows.size() > 1) refuse("they are about different data", data);
  if (!result.comparable || test.size() < 2) return result;
  result.remarks.push_back(
      data.size() > 1
          ? "Their test rows differ, and so do the names of their tables: compare the scores only if these hold the "
            "same data."
          : "Their test rows differ (another split): differences of scores within the intervals say nothing.");
  return result;
}

std::string CompareText(const std::vector<AnswerReport>& reports) {
  std::string text;
  for (const std::string& remark : ComparabilityOf(reports).remarks) text += Paragraph(remark) + "\n\n";
  std::vector<ComparedLine> questions = QuestionLines(reports);
  std::erase_if(questions, [](const ComparedLine& line) { return !line.differs(); });
  if (questions.empty()) {
    text += "They were asked the same question of the same data.\n\n";
  } else {
    text += "What differs in the questions:\n\n" + TableText(reports, questions) + "\n";
  }
  return text + "The answers:\n\n" + TableText(reports, AnswerLines(reports));
}

Json CompareJson(const std::vector<AnswerReport>& reports) {
  const Comparability comparability = ComparabilityOf(reports);
  Json json;
  json["jobs"] = Json::array();
  for (const AnswerReport& report : reports) json["jobs"].push_back(JobName(Of(report).id));
  json["comparable"] = comparability.comparable;
  json["remarks"] = comparability.remarks;
  json["differences"] = Json::array();
  for (const ComparedLine& line : QuestionLines(reports)) {
    if (line.differs()) json["differences"].push_back({{"field", line.label}, {"values", line.values}});
  }
  json["answers"] = Json::array();
  for (const AnswerReport& report : reports) json["answers"].push_back(AnswerJson(report));
  return json;
}

absl::StatusOr<ExitCode> Compare(const Arguments& arguments, Console& console) {
  CommandLine line("compare", "JOB JOB [JOB...] [flags]",
                   "Puts the answers of jobs side by side: first what differs in the questions, then size, recipe, "
                   "scores with their intervals, and what it took. Says when they cannot be compared.",
                   {"minnow compare jobs/1 jobs/2", "minnow compare 1 2 3 --db minnow.db --json"});
  std::vector<std::string> names;
  line.Arguments("JOB", "two or more: jobs/7 or 7", &names);
  const ResultFlags flags(line);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;
  if (names.size() < 2) {
    return absl::InvalidArgumentError("name two jobs or more; write for example \"minnow compare jobs/1 jobs/2\"");
  }
  if (names.size() > kMostJobs) {
    return absl::InvalidArgumentError(
        fmt::format("{} jobs do not fit side by side; name at most {}", names.size(), kMostJobs));
  }
  const auto results = flags.OpenReader();
  if (!results.ok()) return results.status();
  const absl::StatusOr<std::vector<AnswerReport>> reports = ReadReports(**results, names);
  if (!reports.ok()) return reports.status();
  console.out << (flags.json() ? JsonText(CompareJson(*reports)) + "\n" : CompareText(*reports));
  return ExitCode::kDone;
}

}  // namespace minnow::client
