#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>
#include <set>

#include "common/report/answer_report.h"
#include "common/report/answer_words.h"
#include "common/report/resource_json.h"
#include "common/statistics.h"
#include "web/documents.h"
#include "web/table_reader.h"
#include "web/trial_tables.h"

namespace minnow::web {
namespace {

constexpr int64_t kMaxCurveRows = 100'000;  // before thinning

// Adds the parts of one document to it.
class JobPages {
 public:
  JobPages(Results& results, AnswerReport report, const Reading& reading)
      : results_(results), why_still_(reading.why_still), reader_(results, reading), report_(std::move(report)) {}

  absl::StatusOr<Json> Document();

 private:
  absl::Status AddWords();
  void AddQuestion();
  absl::Status AddShapes();
  absl::Status AddEvents();
  absl::Status AddWorkers();
  absl::Status AddMedians();
  absl::Status AddSpreads();
  absl::Status AddDots();
  absl::Status AddCurves();

  // Adds rows of SQL as objects; leaves them out when there is no time for them.
  absl::Status AddRows(const std::string& key, const std::string& part, const std::string& sql, int64_t max_rows,
                       const std::vector<std::string>& keys);

  const JobRecord& job() const { return report_.job.record; }
  int64_t one_in() const { return (report_.job.trials + kMaxRanked - 1) / kMaxRanked; }
  TrialsOf all_trials() const { return {job().id, job().spec.goal.metric, "", one_in()}; }
  TrialsOf shown_trials() const { return {job().id, job().spec.goal.metric, shown_shapes_, one_in()}; }

  Results& results_;
  const std::function<absl::StatusOr<std::string>(const JobRecord&)> why_still_;
  TableReader reader_;
  const AnswerReport report_;
  Json document_;
  std::string shown_shapes_;  // their numbers where not all are shown
  std::vector<Row> dots_;     // by shape and rank
};

}  // namespace

absl::StatusOr<Json> JobDocument(Results& results, int64_t job, const Reading& reading) {
  absl::StatusOr<AnswerReport> report = results.Answer(job);
  if (!report.ok()) return report.status();
  return JobPages(results, *std::move(report), reading).Document();
}

namespace {

// The cheap parts come first.
absl::StatusOr<Json> JobPages::Document() {
  document_["job"] = JobJson(report_.job);
  AddQuestion();
  if (absl::Status status = AddWords(); !status.ok()) return status;
  if (absl::Status status = AddShapes(); !status.ok()) return status;
  if (absl::Status status = AddEvents(); !status.ok()) return status;
  if (absl::Status status = AddDots(); !status.ok()) return status;
  if (absl::Status status = AddCurves(); !status.ok()) return status;
  if (absl::Status status = AddMedians(); !status.ok()) return status;
  if (absl::Status status = AddSpreads(); !status.ok()) return status;
  if (absl::Status status = AddWorkers(); !status.ok()) return status;
  document_["left_out"] = reader_.left_out();
  return std::move(document_);
}

void JobPages::AddQuestion() {
  const JobSpec& spec = job().spec;
  const Metric metric = spec.goal.metric;
  document_["goal"] = {{"metric", std::string(Name(metric))},
                       {"text", GoalText(metric, job().threshold)},
                       {"value", job().threshold ? JsonNumber(*job().threshold) : Json(nullptr)},
                       {"higher_is_better", HigherIsBetter(metric)},
                       {"pass", std::string(Name(spec.pass))},
                       {"order_by", std::string(Name(spec.order_by))}};
  document_["epochs"] = spec.epochs;
  const Budget& budget = spec.budget;
  document_["budget"] = {{"trials", budget.trials ? Json(*budget.trials) : Json(nullptr)},
                         {"epochs", budget.epochs ? Json(*budget.epochs) : Json(nullptr)},
                         {"seconds", budget.seconds ? JsonNumber(*budget.seconds) : Json(nullptr)}};
  Json answer = AnswerJson(report_);
  for (const char* long_list : {"certificate", "undecided"}) answer.erase(long_list);
  document_["answer"] = std::move(answer);
}

Json WordsJson(const std::vector<Labelled>& words) {
  Json list = Json::array();
  for (const Labelled& word : words) list.push_back({{"label", word.label}, {"text", word.text}});
  return list;
}

absl::Status JobPages::AddWords() {
  const absl::StatusOr<std::string> why = why_still_ ? why_still_(job()) : results_.WhyStill(job());
  if (!why.ok()) return why.status();
  const AnswerWords words = WordsOf(report_, *why);
  Json test = Json::array();
  for (const Passage& passage : words.test) test.push_back({{"text", passage.text}, {"lines", passage.lines}});
  document_["words"] = {{"headline", words.headline},
                        {"question", words.question},
                        {"threshold_rule", words.threshold_rule},
                        {"more_to_come", words.more_to_come},
                        {"network", WordsJson(words.network)},
                        {"test", std::move(test)},
                        {"certificate", words.certificate},
                        {"meanings", WordsJson(words.meanings)},
                        {"spent", words.spent},
                        {"advice", words.advice}};
  document_["why_still"] = *why;
  return absl::OkStatus();
}

// A bound for a fixed number of tries says too little of a test that stops where it likes.
Json RateUpper(const JobRecord& job, const Json& shape) {
  const auto tries = shape["tries"].get<int64_t>();
  if (tries == 0 || job.spec.pass == PassPolicy::kReliable) return nullptr;
  return JsonNumber(ClopperPearsonUpper(shape["passes"].get<int64_t>(), tries, kPassRateLevel));
}

absl::Status JobPages::AddShapes() {
  const std::string select = fmt::format(
      "WITH answer AS (SELECT s.shape, s.parameters, s.multiply_adds FROM shapes AS s JOIN jobs AS j ON j.job = s.job"
      " WHERE s.job = {0} AND s.hidden = j.answer_hidden),"
      " shown AS (SELECT s.* FROM shapes AS s WHERE s.job = {0}"
      " ORDER BY s.tries = 0, abs(s.shape - coalesce((SELECT shape FROM answer), 0)), s.shape LIMIT {1})"
      " SELECT s.shape, s.hidden, s.parameters, s.multiply_adds, s.verdict, s.because, s.tries, s.passes, s.finished,"
      " s.audited, s.best_score, coalesce(s.{2} < (SELECT {2} FROM answer), 1) FROM shown AS s ORDER BY s.shape",
      job().id, kMaxShownShapes, job().spec.order_by == SizeMeasure::kParameters ? "parameters" : "multiply_adds");
  absl::Status shapes = AddRows("shapes", "The shapes", select, kMaxShownShapes,
                                {"shape", "hidden", "parameters", "multiply_adds", "verdict", "because", "tries",
                                 "passes", "finished", "audited", "best_score", "smaller"});
  if (!shapes.ok()) return shapes;
  for (Json& shape : document_["shapes"]) {
    shape["pass_rate_upper"] = RateUpper(job(), shape);
    shape["smaller"] = shape["smaller"] != 0;
  }
  document_["shape_count"] = report_.shapes;
  if (report_.shapes > kMaxShownShapes) {
    for (const Json& shape : document_["shapes"]) {
      shown_shapes_ += fmt::format("{}{}", shown_shapes_.empty() ? "" : ",", shape["shape"].get<int64_t>());
    }
    reader_.LeaveOut(fmt::format("Shown are {} of {} shapes: those that were tried, and those next to the answer.",
                                 CountText(kMaxShownShapes), CountText(report_.shapes)));
  }
  return absl::OkStatus();
}

absl::Status JobPages::AddEvents() {
  const std::string select = fmt::format(
      "SELECT event_time, kind, text FROM events WHERE job = {} ORDER BY event DESC LIMIT {}", job().id, kMaxEvents);
  absl::Status events = AddRows("events", "The events", select, kMaxEvents, {"time", "kind", "text"});
  if (!events.ok()) return events;
  if (document_["events"].size() == static_cast<size_t>(kMaxEvents)) {
    reader_.LeaveOut(fmt::format("Shown are the {} newest events.", kMaxEvents));
  }
  return absl::OkStatus();
}

absl::Status JobPages::AddWorkers() {
  const std::string select = fmt::format(
      "SELECT t.worker, count(*), sum(t.epochs), sum(t.train_seconds), max(t.finished_time),"
      " (SELECT count(*) FROM leases AS l WHERE l.job = {0} AND l.worker = t.worker AND l.ended = 0)"
      " FROM trials AS t WHERE t.job = {0} GROUP BY t.worker ORDER BY count(*) DESC, t.worker LIMIT {1}",
      job().id, kMaxWorkers);
  return AddRows("workers", "What each worker did", select, kMaxWorkers,
                 {"worker", "trials", "epochs", "train_seconds", "last_time", "leases"});
}

// Where the middle of each shape's trials stands.
absl::Status JobPages::AddMedians() {
  const absl::StatusOr<std::vector<Row>> rows =
      reader_.ReadPart("The medians of the shapes", SpreadSql(shown_trials(), "t.shape"), kMaxShownShapes);
  if (!rows.ok()) return rows.status();
  std::map<int64_t, Json> medians;
  for (const Row& row : *rows) medians[IntegerOf(row[0])] = ValueJson(row[6]);
  for (Json& shape : document_["shapes"]) {
    const auto found = medians.find(shape["shape"].get<int64_t>());
    shape["median"] = found == medians.end() ? Json(nullptr) : found->second;
  }
  return absl::OkStatus();
}

// What SpreadSql says behind its keys.
std::vector<std::string> WithSpread(std::vector<std::string> keys) {
  for (const char* key : {"tries", "passes", "no_score", "worst", "low", "median", "high", "best"}) keys.push_back(key);
  return keys;
}

absl::Status JobPages::AddSpreads() {
  const std::string recipe = "t.init, t.activation, t.optimizer, t.learning_rate, t.batch_size, t.weight_decay";
  absl::Status inits = AddRows("inits", "The comparison of initial weights", SpreadSql(all_trials(), "t.init"), 100,
                               WithSpread({"init"}));
  if (!inits.ok()) return inits;
  // Of the shapes with the most trials, as many as there is room for.
  const std::string most_tried = fmt::format(
      "SELECT * FROM ({}) AS r ORDER BY (SELECT s.tries FROM shapes AS s WHERE s.job = {} AND s.shape = r.shape) DESC,"
      " r.shape LIMIT {}",
      SpreadSql(shown_trials(), "t.shape, " + recipe), job().id, kMaxRecipeRows);
  absl::Status recipes =
      AddRows("recipes", "The spread over seeds", most_tried, kMaxRecipeRows,
              WithSpread({"shape", "init", "activation", "optimizer", "learning_rate", "batch_size", "weight_decay"}));
  if (!recipes.ok()) return recipes;
  if (document_["recipes"].size() == static_cast<size_t>(kMaxRecipeRows)) {
    reader_.LeaveOut(fmt::format("The spread over seeds is shown for {} recipes, of the shapes with the most trials.",
                                 CountText(kMaxRecipeRows)));
  }
  return absl::OkStatus();
}

absl::Status JobPages::AddDots() {
  const auto tried = std::count_if(document_["shapes"].begin(), document_["shapes"].end(),
                                   [](const Json& shape) { return shape["tries"] > 0; });
  const int per_shape = static_cast<int>(std::clamp<int64_t>(kMaxDots / std::max<int64_t>(tried, 1) - 3, 2, 200));
  absl::StatusOr<std::vector<Row>> rows = reader_.ReadPart(
      "The dots of single trials", SampleSql(shown_trials(), per_shape), kMaxDots + 3 * kMaxShownShapes);
  if (!rows.ok()) return rows.status();
  dots_ = *std::move(rows);
  Json dots = Json::array();
  for (const Row& row : dots_) {
    Json dot = Json::array();
    for (size_t column = 0; column <= 6; ++column) dot.push_back(ValueJson(row[column]));
    dots.push_back(std::move(dot));
  }
  if (static_cast<int64_t>(dots_.size()) < report_.job.trials && !dots_.empty()) {
    reader_.LeaveOut(fmt::format(
        "Shown are {} of {}: at most about {} of each shape, evenly over its ranks, the best and the worst among them.",
        CountText(static_cast<int64_t>(dots_.size())), Counted(report_.job.trials, "trial"), per_shape));
  }
  if (one_in() > 1) {
    reader_.LeaveOut(
        fmt::format("Of {} the dots, medians and ranges, and the counts beside ranges, are of an even sample, 1 in {}.",
                    Counted(report_.job.trials, "trial"), CountText(one_in())));
  }
  document_["dots"] = std::move(dots);
  return absl::OkStatus();
}

// Epochs, scores and losses of one trial, thinned evenly, the last point kept.
Json CurveJson(const std::vector<Row>& points) {
  Json curve = {{"epochs", Json::array()}, {"scores", Json::array()}, {"losses", Json::array()}};
  const size_t step = (points.size() + kMaxCurvePoints - 1) / kMaxCurvePoints;
  for (size_t i = 0; i < points.size(); ++i) {
    if (i % step != 0 && i + 1 != points.size()) continue;
    curve["epochs"].push_back(ValueJson(points[i][1]));
    curve["losses"].push_back(ValueJson(points[i][2]));
    curve["scores"].push_back(ValueJson(points[i][3]));
  }
  return curve;
}

// Of the best and the median trial of each shape, and of the answer's.
absl::Status JobPages::AddCurves() {
  std::map<int64_t, Json> curves;  // by trial
  const auto add = [&curves](int64_t trial, const Json& shape, const char* kind) {
    if (curves.size() >= static_cast<size_t>(kMaxCurves) && !curves.contains(trial)) return;
    Json& curve = curves[trial];
    curve["trial"] = trial;
    curve["shape"] = shape;
    curve["kinds"].push_back(kind);
  };
  if (report_.trial) {
    for (const Json& shape : document_["shapes"]) {
      if (shape["hidden"] == HiddenText(report_.trial->shape.hidden))
        add(report_.trial->number, shape["shape"], "answer");
    }
  }
  for (const Row& dot : dots_) {
    const int64_t rank = IntegerOf(dot[7]);
    if (rank == 1) add(IntegerOf(dot[1]), ValueJson(dot[0]), "best");
    if (rank == (IntegerOf(dot[8]) + 1) / 2) add(IntegerOf(dot[1]), ValueJson(dot[0]), "median");
  }
  std::string numbers;
  for (const auto& [trial, curve] : curves) numbers += fmt::format("{}{}", numbers.empty() ? "" : ",", trial);
  const absl::StatusOr<std::vector<Row>> rows = reader_.ReadPart(
      "The learning curves",
      fmt::format("SELECT trial, epoch, train_loss, validation_score FROM scores WHERE job = {} AND trial IN ({})"
                  " ORDER BY trial, epoch",
                  job().id, numbers),
      kMaxCurveRows);
  if (!rows.ok()) return rows.status();
  document_["curves"] = Json::array();
  for (auto begin = rows->begin(); begin != rows->end();) {
    const int64_t trial = IntegerOf((*begin)[0]);
    const auto end = std::find_if(begin, rows->end(), [trial](const Row& row) { return IntegerOf(row[0]) != trial; });
    Json curve = curves[trial];
    curve.update(CurveJson({begin, end}));
    document_["curves"].push_back(std::move(curve));
    begin = end;
  }
  return absl::OkStatus();
}

absl::Status JobPages::AddRows(const std::string& key, const std::string& part, const std::string& sql,
                               int64_t max_rows, const std::vector<std::string>& keys) {
  const absl::StatusOr<std::vector<Row>> rows = reader_.ReadPart(part, sql, max_rows);
  if (!rows.ok()) return rows.status();
  document_[key] = RowsJson(*rows, keys);
  return absl::OkStatus();
}

}  // namespace
}  // namespace minnow::web
