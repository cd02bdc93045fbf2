// `minnow jobs` and `minnow show`.
#include "client/results.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "client/commands.h"
#include "client/result_flags.h"
#include "common/cli/command_line.h"
#include "common/cli/values.h"
#include "common/report/answer_report.h"
#include "common/report/resource_json.h"
#include "common/resource_names.h"
#include "common/text.h"

namespace minnow::client {
namespace {

int64_t CountVerdict(const std::vector<VerdictRow>& shapes, Verdict verdict) {
  return std::count_if(shapes.begin(), shapes.end(), [verdict](const auto& row) { return row.verdict == verdict; });
}

// Shapes without a verdict that no longer matter, since they are not smaller than the answer.
int64_t CountNotNeeded(const JobDetails& details) {
  const std::optional<minnow::Answer>& answer = details.summary.record.answer;
  if (!answer) return 0;
  const bool by_multiply_adds = details.summary.record.spec.order_by == SizeMeasure::kMultiplyAdds;
  const auto size = [&](const Shape& shape) { return by_multiply_adds ? MultiplyAdds(shape) : Parameters(shape); };
  return std::count_if(details.shapes.begin(), details.shapes.end(), [&](const VerdictRow& row) {
    return row.verdict == Verdict::kUndecided && size(row.shape) >= size(answer->shape);
  });
}

std::string AskedText(const JobRecord& job) {
  return fmt::format("{} for \"{}\" in {}", GoalText(job.spec.goal.metric, job.threshold), job.target, job.data_file);
}

// "jobs/2 (seed 2) ANSWERED [4], jobs/3 (seed 3) QUEUED".
std::string SplitsText(const std::vector<SplitAnswer>& splits) {
  std::vector<std::string> words;
  for (const SplitAnswer& split : splits) {
    words.push_back(fmt::format("{} (seed {}) {}{}", JobName(split.job), split.split_seed, Name(split.state),
                                split.shape ? " " + HiddenText(split.shape->hidden) : ""));
  }
  return Join(words, ", ");
}

std::string VerdictsText(const JobDetails& details) {
  const int64_t not_needed = CountNotNeeded(details);
  return fmt::format(
      "{} good enough, {} not good enough, {} undecided{}",
      CountText(CountVerdict(details.shapes, Verdict::kGoodEnough)),
      CountText(CountVerdict(details.shapes, Verdict::kNotGoodEnough)),
      CountText(CountVerdict(details.shapes, Verdict::kUndecided) - not_needed),
      not_needed == 0 ? "" : fmt::format(", {} not needed (not smaller than the answer)", CountText(not_needed)));
}

std::string ConfirmedText(const JobRecord& job) {
  const std::optional<bool> confirmed = Confirmed(job);
  if (!confirmed) return "";
  return *confirmed ? "yes" : "no";
}

absl::StatusOr<JobDetails> ReadDetails(Results& reader, int64_t job) {
  JobDetails details;
  absl::StatusOr<JobSummary> summary = reader.Job(job);
  if (!summary.ok()) return summary.status();
  details.summary = *std::move(summary);
  absl::StatusOr<std::vector<VerdictRow>> shapes = reader.Shapes(job);
  if (!shapes.ok()) return shapes.status();
  details.shapes = *std::move(shapes);
  absl::StatusOr<std::vector<EventRecord>> events = reader.Events(job);
  if (!events.ok()) return events.status();
  details.events = *std::move(events);
  if (details.summary.record.spec.splits > 1) {
    absl::StatusOr<AnswerReport> report = reader.Answer(job);
    if (!report.ok()) return report.status();
    details.splits = std::move(report->splits);
  }
  absl::StatusOr<std::string> why = reader.WhyStill(details.summary.record);
  if (!why.ok()) return why.status();
  details.why_still = *std::move(why);
  return details;
}

}  // namespace

absl::StatusOr<ExitCode> Jobs(const Arguments& arguments, Console& console) {
  CommandLine line("jobs", "[flags]", "Lists the jobs of a database or a server.",
                   {"minnow jobs", "minnow jobs --state RUNNING", "minnow jobs --label nightly --json"});
  std::optional<std::string> state_name;
  std::optional<std::string> label;
  line.Value("state", "STATE", "only jobs in this state: QUEUED, RUNNING, ANSWERED, EXHAUSTED, BUDGET_SPENT, ...",
             &state_name);
  line.Value("label", "TEXT", "only jobs with this label", &label);
  const ResultFlags flags(line);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  std::optional<JobState> state;
  if (state_name) {
    const absl::StatusOr<JobState> read = ForFlag("state", ParseJobState(UpperCase(*state_name)));
    if (!read.ok()) return read.status();
    state = *read;
  }
  const auto reader = flags.OpenReader();
  if (!reader.ok()) return reader.status();
  const absl::StatusOr<std::vector<JobSummary>> jobs = (*reader)->Jobs(state, label.value_or(""));
  if (!jobs.ok()) return jobs.status();
  if (!flags.json()) {
    console.out << JobsText(*jobs);
    if (console.out_is_terminal && !jobs->empty()) {
      console.err << fmt::format("\"minnow answer {}{}\" shows the answer of the newest\n",
                                 JobName(jobs->back().record.id), flags.NextFlag());
    }
    return ExitCode::kDone;
  }
  Json list = Json::array();
  for (const JobSummary& job : *jobs) list.push_back(JobJson(job));
  console.out << JsonText(list) << "\n";
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Show(const Arguments& arguments, Console& console) {
  CommandLine line("show", "JOB [flags]",
                   "Shows one job: its question, where it stands, what happened, and why nothing moves.",
                   {"minnow show jobs/1", "minnow show 1 --json"});
  std::optional<std::string> name;
  line.Argument("JOB", "jobs/7 or 7", &name);
  const ResultFlags flags(line);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  const absl::StatusOr<int64_t> job = RequiredJob(name, "minnow show jobs/1");
  if (!job.ok()) return job.status();
  const auto reader = flags.OpenReader();
  if (!reader.ok()) return reader.status();
  const absl::StatusOr<JobDetails> details = ReadDetails(**reader, *job);
  if (!details.ok()) return details.status();
  console.out << (flags.json() ? JsonText(DetailsJson(*details)) + "\n" : DetailsText(*details));
  return ExitCode::kDone;
}

std::string JobsText(const std::vector<JobSummary>& jobs) {
  if (jobs.empty()) return "no jobs\n";
  const bool owned =
      std::any_of(jobs.begin(), jobs.end(), [](const JobSummary& job) { return !job.record.owner.empty(); });
  std::vector<Table::Column> columns = {{"job"},       {"state"},
                                        {"name"},      {"question"},
                                        {"answer"},    {"parameters", Align::kRight},
                                        {"confirmed"}, {"trials", Align::kRight}};
  if (owned) columns.push_back({"owner"});
  Table table(columns);
  for (const JobSummary& summary : jobs) {
    const JobRecord& job = summary.record;
    std::vector<std::string> row = {
        JobName(job.id),
        std::string(Name(job.state)),
        job.spec.name,
        job.parent ? fmt::format("that of {}, its rows split by seed {}", JobName(*job.parent), job.split_seed)
                   : AskedText(job),
        job.answer ? HiddenText(job.answer->shape.hidden) : "",
        job.answer ? CountText(Parameters(job.answer->shape)) : "",
        ConfirmedText(job),
        CountText(summary.trials)};
    if (owned) row.push_back(job.owner);
    table.AddRow(row);
  }
  return table.Text();
}

std::string DetailsText(const JobDetails& details) {
  const JobRecord& job = details.summary.record;
  const std::string name = job.spec.name.empty() ? "" : fmt::format(" \"{}\"", Printable(job.spec.name));
  std::string text = fmt::format("{}{}  {}\n\n", JobName(job.id), name, Name(job.state));
  Table table({{"question"}, {AskedText(job)}});
  const auto add = [&table](const std::string& what, const std::string& value) { table.AddRow({what, value}); };
  add("data", fmt::format("{} train, {} validation, {} test; {}, {}", Counted(job.rows_train, "row"),
                          CountText(job.rows_validation), CountText(job.rows_test), Counted(job.inputs, "input"),
                          Counted(job.outputs, "output")));
  if (job.parent) {
    add("split", fmt::format("another one of the rows of {0}, by seed {1}: it asks what {0} asks, after that has its "
                             "answer, and opens no test part",
                             JobName(*job.parent), job.split_seed));
  }
  add("search", fmt::format("{}, {}, at most {}, seed {}", Name(job.spec.search),
                            Counted(static_cast<int64_t>(details.shapes.size()), "shape"),
                            Counted(job.spec.epochs, "epoch"), job.spec.seed));
  add("verdicts", VerdictsText(details));
  if (job.answer) {
    const std::optional<bool> confirmed = Confirmed(job);
    add(IsFinal(job.state) ? "answer" : "best so far",
        fmt::format("{} ({}), {}{}", HiddenText(job.answer->shape.hidden),
                    Counted(Parameters(job.answer->shape), "parameter"), TrialNameText(job.id, job.answer->trial),
                    !confirmed   ? ""
                    : *confirmed ? ", confirmed on the test part"
                                 : ", not confirmed on the test part"));
  }
  if (!details.splits.empty()) add("splits", SplitsText(details.splits));
  if (job.characterising) add("to come", StillToCome(job, details.splits));
  add("trials", fmt::format("{} that count, {} beside, {}", CountText(details.summary.trials),
                            CountText(details.summary.trained_beside), Counted(details.summary.epochs, "epoch")));
  if (!job.reason.empty()) add("reason", job.reason);
  if (!job.spec.label.empty()) add("label", job.spec.label);
  if (!job.owner.empty()) add("owner", job.owner);
  add("created", TimeText(job.created));
  if (job.finished) add("finished", TimeText(*job.finished));
  text += table.Text();
  if (!details.why_still.empty()) text += "\n" + Printable(details.why_still) + "\n";
  if (job.state == JobState::kBudgetSpent) text += "\n" + std::string(kBudgetIsSpent) + "\n";
  if (details.events.empty()) return text;
  Table events({{"time"}, {"event"}, {"what happened"}});
  for (const EventRecord& event : details.events) events.AddRow({TimeText(event.time), event.kind, event.text});
  return text + "\n" + events.Text();
}

Json DetailsJson(const JobDetails& details) {
  const JobRecord& job = details.summary.record;
  Json json = JobJson(details.summary);
  json["rows"] = {{"train", job.rows_train}, {"validation", job.rows_validation}, {"test", job.rows_test}};
  json["inputs"] = job.inputs;
  json["outputs"] = job.outputs;
  json["question"] = Json::parse(QuestionJson(job.spec), nullptr, /*allow_exceptions=*/false);
  json["shapes"] = details.shapes.size();
  const int64_t not_needed = CountNotNeeded(details);
  json["undecided"] = CountVerdict(details.shapes, Verdict::kUndecided) - not_needed;
  json["not_needed"] = not_needed;
  json["why_still"] = details.why_still.empty() ? Json(nullptr) : Json(details.why_still);
  json["splits"] = Json::array();
  for (const SplitAnswer& split : details.splits) json["splits"].push_back(SplitJson(split));
  json["events"] = Json::array();
  for (const EventRecord& event : details.events) {
    json["events"].push_back({{"time", TimeText(event.time)}, {"kind", event.kind}, {"text", event.text}});
  }
  return json;
}

}  // namespace minnow::client
