#include "bench/coverage/judge_looks.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/data/dataset.h"
#include "common/data/prepare.h"
#include "common/metrics.h"
#include "common/recipe.h"
#include "common/shape.h"
#include "worker/nn/trainer.h"

namespace minnow::bench {
namespace {

constexpr char kLooks[] = R"sql(
    SELECT l.score, l.low, l.high, l.confirmed, t.hidden, t.activation, m.weights
    FROM test_looks AS l
    JOIN trials AS t ON t.job = l.job AND t.trial = l.trial
    JOIN models AS m ON m.job = l.job AND m.trial = l.trial
    ORDER BY l.look)sql";

// The one job's preparation.
absl::StatusOr<data::Preparation> ReadPreparation(SQLite::Database& database) {
  SQLite::Statement job(database, "SELECT state FROM jobs ORDER BY job");
  if (!job.executeStep()) return absl::FailedPreconditionError("the database holds no job");
  const std::string state = job.getColumn(0).getString();
  if (state != "ANSWERED" && state != "EXHAUSTED") {
    return absl::FailedPreconditionError("the job is " + state + ", not at its end");
  }
  SQLite::Statement query(database, "SELECT preparation FROM preparations ORDER BY job");
  if (!query.executeStep()) return absl::FailedPreconditionError("the job has no preparation");
  const std::string json = query.getColumn(0).getString();
  if (query.executeStep()) return absl::FailedPreconditionError("the database holds more than one job");
  return data::PreparationFromJson(json);
}

absl::StatusOr<data::Part> PreparedRows(const data::Preparation& preparation, const data::CsvTable& table) {
  if (preparation.task != Task::kClassification) return absl::FailedPreconditionError("the job is no classification");
  absl::StatusOr<std::vector<float>> inputs = data::EncodeInputs(preparation, table);
  if (!inputs.ok()) return inputs.status();
  data::Part part{.inputs = preparation.inputs(), .x = *std::move(inputs)};
  part.targets.classes = static_cast<int>(preparation.classes.size());
  const int target = data::ColumnNumber(table, preparation.target);
  if (target < 0) return absl::FailedPreconditionError("the fresh rows have no column " + preparation.target);
  for (const std::string& name : table.columns[target].Fields()) {
    const auto found = std::find(preparation.classes.begin(), preparation.classes.end(), name);
    if (found == preparation.classes.end()) {
      return absl::FailedPreconditionError("the job knows no class " + name);
    }
    part.targets.labels.push_back(static_cast<int32_t>(found - preparation.classes.begin()));
  }
  return part;
}

std::vector<float> ReadWeights(const SQLite::Column& blob) {
  std::vector<float> weights(blob.getBytes() / sizeof(float));
  std::memcpy(weights.data(), blob.getBlob(), weights.size() * sizeof(float));
  return weights;
}

absl::StatusOr<double> TrueScore(SQLite::Statement& look, const data::Part& fresh, const nn::Engine& engine) {
  const absl::StatusOr<std::vector<int>> hidden = ParseHidden(look.getColumn(4).getString());
  if (!hidden.ok()) return hidden.status();
  const absl::StatusOr<Activation> activation = ParseActivation(look.getColumn(5).getString());
  if (!activation.ok()) return activation.status();
  const Shape shape{fresh.inputs, *hidden, OutputColumns(fresh.targets.task, fresh.targets.classes)};
  const std::vector<float> weights = ReadWeights(look.getColumn(6));
  if (static_cast<int64_t>(weights.size()) != Parameters(shape)) {
    return absl::FailedPreconditionError("the weights of a look do not fit its shape " + ShapeText(shape));
  }
  return Score(Metric::kAccuracy, nn::Predict(engine, shape, *activation, weights, fresh), fresh.targets);
}

}  // namespace

absl::StatusOr<std::vector<JudgedLook>> JudgeLooks(const std::string& database, const data::CsvTable& fresh,
                                                   const nn::Engine& engine) try {
  SQLite::Database stored(database, SQLite::OPEN_READONLY);
  const absl::StatusOr<data::Preparation> preparation = ReadPreparation(stored);
  if (!preparation.ok()) return preparation.status();
  const absl::StatusOr<data::Part> rows = PreparedRows(*preparation, fresh);
  if (!rows.ok()) return rows.status();
  std::vector<JudgedLook> looks;
  SQLite::Statement look(stored, kLooks);
  while (look.executeStep()) {
    const absl::StatusOr<double> truth = TrueScore(look, *rows, engine);
    if (!truth.ok()) return truth.status();
    const Interval interval{look.getColumn(1).getDouble(), look.getColumn(2).getDouble()};
    looks.push_back({look.getColumn(0).getDouble(), interval, look.getColumn(3).getInt() == 1, *truth});
  }
  return looks;
} catch (const SQLite::Exception& e) {
  return absl::InternalError(database + ": " + e.what());
}

}  // namespace minnow::bench
