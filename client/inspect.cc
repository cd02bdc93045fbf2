// `minnow inspect`.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "client/commands.h"
#include "client/estimate.h"
#include "client/forecast.h"
#include "client/question.h"
#include "client/search_flags.h"
#include "common/cli/command_line.h"
#include "common/cli/values.h"
#include "common/data/describe.h"
#include "common/data/number_format.h"
#include "common/data/read_table.h"
#include "common/report/output.h"
#include "common/text.h"
#include "server/search/space.h"
#include "worker/local_engine.h"

namespace minnow::client {
namespace {

constexpr size_t kValuesShown = 4;  // of a text column

// What a search would have to do.
struct Plan {
  Shape smallest;
  Shape largest;
  int shapes = 0;
  int64_t recipes = 0;
  int64_t rejection_trials = 0;  // of the largest shape
  WorstCase worst;
  int threads = 1;
  std::optional<double> seconds;  // for the worst case, or its budget of seconds
};

Plan MakePlan(const Question& question, const nn::Engine& engine, int threads);
std::string ColumnsText(const std::vector<data::ColumnSummary>& columns);
std::string PlanText(const Question& question, const Plan& plan);
Json ColumnsJson(const std::vector<data::ColumnSummary>& columns);
void AddQuestion(const Question& question, const Plan& plan, Json& json);

absl::StatusOr<ExitCode> InspectTable(const std::string& file, bool json, Console& console) {
  const absl::StatusOr<data::CsvTable> table = data::ReadTable(file);
  if (!table.ok()) return table.status();
  const std::vector<data::ColumnSummary> columns = data::Summaries(*table);
  if (json) {
    console.out << JsonText({{"data", table->file},
                             {"rows", table->rows()},
                             {"notes", table->notes},
                             {"columns", ColumnsJson(columns)}})
                << "\n";
  } else {
    console.out << fmt::format("{}: {}, {}\n", table->file, Counted(table->rows(), "row"),
                               Counted(static_cast<int64_t>(columns.size()), "column"));
    for (const std::string& note : table->notes) console.out << "  " << Printable(note) << "\n";
    console.out << "\n" << ColumnsText(columns);
    console.err << fmt::format("name the column to predict for the rest: minnow inspect {} --target COLUMN\n",
                               ShellWord(file));
  }
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> InspectQuestion(const SearchRequest& request, int threads, bool json, Console& console) {
  const absl::StatusOr<nn::Engine> engine = worker::LocalEngine();
  if (!engine.ok()) return engine.status();
  const absl::StatusOr<Question> question = ReadQuestion(request);
  if (!question.ok()) return question.status();
  const std::vector<data::ColumnSummary> columns = data::Summaries(question->table, question->prepared.preparation);
  const Plan plan = MakePlan(*question, *engine, threads);
  if (json) {
    Json object = {{"data", question->data_file}, {"rows", question->table.rows()}, {"columns", ColumnsJson(columns)}};
    AddQuestion(*question, plan, object);
    console.out << JsonText(object) << "\n";
  } else {
    constexpr int kAllNotes = 1'000'000;
    console.out << DataText(*question, kAllNotes) << "\n" << ColumnsText(columns) << "\n" << PlanText(*question, plan);
  }
  return ExitCode::kDone;
}

}  // namespace

absl::StatusOr<ExitCode> Inspect(const Arguments& arguments, Console& console) {
  CommandLine line(
      "inspect", "DATA.csv [--target COLUMN] [flags]",
      "Dry run: says what each column is taken for, what the network would see, how large the search space is and "
      "about how long a search could take. Refuses whatever run would refuse; stores nothing.",
      {"minnow inspect digits.csv", "minnow inspect digits.csv --target digit",
       "minnow inspect digits.csv --target digit --good-enough \"accuracy >= 0.95\" --layers 0..1 --json"});
  const SearchFlags flags(line);
  std::optional<std::string> threads;
  bool json = false;
  line.Group("The process");
  line.Value("threads", "NUMBER", "threads to estimate for (default: one for each core)", &threads);
  line.Switch("json", "print JSON", &json);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  const absl::StatusOr<int> thread_count = ReadThreads(threads);
  if (!thread_count.ok()) return thread_count.status();
  const absl::StatusOr<SearchRequest> request = flags.Read();
  if (!request.ok()) return request.status();
  if (request->prepare.target.empty()) return InspectTable(request->data_file, json, console);
  return InspectQuestion(*request, *thread_count, json, console);
}

namespace {

Plan MakePlan(const Question& question, const nn::Engine& engine, int threads) {
  const data::TrainingData& training = question.prepared.training;
  const search::Space space(question.spec, training.inputs(), training.outputs());
  const int last = space.shapes() - 1;
  Plan plan = {.smallest = space.shape(0),
               .largest = space.shape(last),
               .shapes = space.shapes(),
               .recipes = static_cast<int64_t>(space.recipes().size()),
               .rejection_trials = RejectionTrials(space, last),
               .worst = WorstCaseOf(question.spec, space, training.train.rows()),
               .threads = threads,
               .seconds = std::nullopt};
  if (const auto speed = MeasureSpeed(engine, question.spec, space, training)) {
    plan.seconds = EstimateSeconds(plan.worst, *speed, threads);
    if (question.spec.budget.seconds) plan.seconds = std::min(*plan.seconds, *question.spec.budget.seconds);
  }
  return plan;
}

std::string_view RoleText(data::ColumnRole role) {
  switch (role) {
    case data::ColumnRole::kTarget:
      return "target";
    case data::ColumnRole::kLeftOut:
      return "split";
    case data::ColumnRole::kInput:
      break;
  }
  return "input";
}

// What a person calls it.
std::string KindText(const data::ColumnSummary& column) {
  const bool encoded = column.kind == data::ColumnKind::kNumber || column.kind == data::ColumnKind::kCategory;
  if (!encoded) return std::string(data::Name(column.kind));
  if (column.is_number && data::IsDate(column.format)) return "date";
  const bool boolean =
      column.distinct == 2 && column.values.size() == 2 && data::AreBooleans(column.values[0], column.values[1]);
  return boolean ? "boolean" : std::string(data::Name(column.kind));
}

std::string ValuesText(const data::ColumnSummary& column) {
  if (column.is_number) {
    return fmt::format("{} to {}", data::NumberAsText(column.format, column.low),
                       data::NumberAsText(column.format, column.high));
  }
  std::vector<std::string> shown(
      column.values.begin(),
      column.values.begin() + static_cast<std::ptrdiff_t>(std::min(column.values.size(), kValuesShown)));
  return Join(shown, ", ") + (static_cast<size_t>(column.distinct) > shown.size() ? ", ..." : "");
}

std::string ColumnsText(const std::vector<data::ColumnSummary>& columns) {
  Table table({{"column"},
               {"use"},
               {"kind"},
               {"gaps", Align::kRight},
               {"different", Align::kRight},
               {"values"},
               {"inputs", Align::kRight}});
  for (const data::ColumnSummary& column : columns) {
    table.AddRow({column.name, std::string(RoleText(column.role)), KindText(column), CountText(column.gaps),
                  CountText(column.distinct), ValuesText(column), column.inputs > 0 ? CountText(column.inputs) : ""});
  }
  return table.Text();
}

std::string ShapeWords(const Shape& shape) {
  return fmt::format("{} with {}", HiddenText(shape.hidden), Counted(Parameters(shape), "parameter"));
}

std::string PlanText(const Question& question, const Plan& plan) {
  const data::TrainingData& training = question.prepared.training;
  const Goal& goal = question.spec.goal;
  const std::string aim =
      goal.value
          ? ThresholdText({goal.metric, *goal.value})
          : fmt::format("{}, within one standard error of the best that the largest networks reach", Name(goal.metric));
  std::string text = fmt::format("good enough  {}\n", aim);
  text +=
      fmt::format("network      {}, {}\n", Counted(training.inputs(), "input"), Counted(training.outputs(), "output"));
  text += fmt::format("rows         {} train, {} validation, {} test\n", CountText(training.train.rows()),
                      CountText(training.validation.rows()), CountText(question.prepared.test.rows()));
  text += fmt::format("shapes       {}, from {} to {}\n", CountText(plan.shapes), ShapeWords(plan.smallest),
                      ShapeWords(plan.largest));
  text += fmt::format("recipes      {}", CountText(plan.recipes));
  if (question.spec.search == SearchKind::kLadder) {
    text += fmt::format("; {} without a pass reject a shape", Counted(plan.rejection_trials, "trial"));
  }
  text += "\n" + fmt::format("trials       at most {}, of at most {} each\n", CountText(plan.worst.trials),
                             Counted(question.spec.epochs, "epoch"));
  const std::string threads = Counted(plan.threads, "thread");
  if (!plan.seconds)
    return text + "time         could not be measured: even two epochs of a part of the rows take too long\n";
  const bool ends_early = question.spec.search == SearchKind::kLadder;
  return text +
         fmt::format("time         {} on {}{} (an estimate from a short measurement)\n", RoughDuration(*plan.seconds),
                     threads,
                     ends_early ? " if no trial passes; usually 1 to 4 % of that when a network is good enough" : "");
}

Json ColumnsJson(const std::vector<data::ColumnSummary>& columns) {
  Json list = Json::array();
  for (const data::ColumnSummary& column : columns) {
    Json json;
    json["name"] = column.name;
    json["use"] = std::string(RoleText(column.role));
    json["kind"] = std::string(data::Name(column.kind));
    json["format"] = column.is_number ? Json(std::string(data::Name(column.format))) : Json(nullptr);
    json["gaps"] = column.gaps;
    json["different"] = column.distinct;
    json["low"] = column.is_number ? JsonNumber(column.low) : Json(nullptr);
    json["high"] = column.is_number ? JsonNumber(column.high) : Json(nullptr);
    json["values"] = column.values;
    json["inputs"] = column.inputs;
    list.push_back(std::move(json));
  }
  return list;
}

void AddQuestion(const Question& question, const Plan& plan, Json& json) {
  const data::Preparation& preparation = question.prepared.preparation;
  const data::TrainingData& training = question.prepared.training;
  const Goal& goal = question.spec.goal;
  const auto shape = [](const Shape& s) { return Json{{"hidden", s.hidden}, {"parameters", Parameters(s)}}; };
  json["target"] = preparation.target;
  json["task"] = std::string(Name(preparation.task));
  json["classes"] = preparation.classes;
  json["notes"] = preparation.notes;
  json["threshold"] = {{"metric", std::string(Name(goal.metric))},
                       {"comparison", std::string(Comparison(goal.metric))},
                       {"value", goal.value ? JsonNumber(*goal.value) : Json(nullptr)}};
  json["parts"] = {{"train", training.train.rows()},
                   {"validation", training.validation.rows()},
                   {"test", question.prepared.test.rows()}};
  json["inputs"] = training.inputs();
  json["outputs"] = training.outputs();
  json["shapes"] = plan.shapes;
  json["smallest"] = shape(plan.smallest);
  json["largest"] = shape(plan.largest);
  json["recipes"] = plan.recipes;
  json["rejection_trials"] = plan.rejection_trials;
  json["most_trials"] = plan.worst.trials;
  json["threads"] = plan.threads;
  json["most_epochs"] = plan.worst.trials * question.spec.epochs;
  json["most_seconds"] = plan.seconds ? JsonNumber(*plan.seconds) : Json(nullptr);
}

}  // namespace
}  // namespace minnow::client
