#include "tests/common/model/models.h"

#include <cmath>

#include "common/metrics.h"
#include "common/sha256.h"
#include "tests/common/data/tables.h"
#include "worker/nn/engine.h"
#include "worker/nn/trainer.h"

namespace minnow::model {
namespace {

constexpr uint64_t kSeed = 17;

data::Part PartOf(const Model& model, std::vector<float> inputs, size_t rows) {
  data::Part part;
  part.inputs = model.shape.inputs;
  part.x = std::move(inputs);
  part.targets.task = model.preparation.task;
  part.targets.classes = static_cast<int>(model.preparation.classes.size());
  part.targets.labels.resize(model.preparation.task == Task::kClassification ? rows : 0);
  part.targets.values.resize(model.preparation.task == Task::kRegression ? rows : 0);
  return part;
}

}  // namespace

Fixture FixtureOf(std::string_view csv, const std::string& target, std::vector<int> hidden, Activation activation) {
  Fixture fixture{.table = data::TableOf(csv), .model = {}};
  Model& model = fixture.model;
  auto prepared = data::PrepareParts(csv, target);
  EXPECT_TRUE(prepared.ok()) << prepared.status();
  model.preparation = prepared->preparation;
  const Task task = model.preparation.task;
  model.shape = {.inputs = model.preparation.inputs(),
                 .hidden = std::move(hidden),
                 .outputs = OutputColumns(task, static_cast<int>(model.preparation.classes.size()))};
  model.weights = nn::InitialWeights(model.shape, InitScheme::kHe, kSeed);
  Provenance& from = model.provenance;
  from.job = "jobs/7";
  from.trial = "jobs/7/trials/203";
  from.data_file = "data.csv";
  from.metric = task == Task::kClassification ? Metric::kAccuracy : Metric::kRmse;
  from.recipe.activation = activation;
  from.validation_score = 0.75;
  from.weights_sha256 = WeightsSha256(model.weights);
  return fixture;
}

Model ModelOfTexts() {
  Model model;
  data::ColumnPreparation column;
  column.name = "kind";
  column.kind = data::ColumnKind::kCategory;
  column.categories = {"a", "b"};
  column.other = true;
  column.gap_indicator = true;
  column.inputs.resize(4);
  model.preparation = {.task = Task::kRegression, .target = "y", .columns = {column}};
  model.provenance.metric = Metric::kRmse;
  model.shape = {.inputs = 4, .outputs = 1};
  model.weights = {1, 2, 4, 8, 0};
  return model;
}

std::vector<std::vector<double>> Answers(const Model& model, const data::CsvTable& table) {
  const auto inputs = data::EncodeInputs(model.preparation, table);
  EXPECT_TRUE(inputs.ok()) << inputs.status();
  const auto rows = static_cast<size_t>(table.rows());
  const std::vector<float> outputs =
      nn::Predict(nn::MakeEngine("scalar").value(), model.shape, model.provenance.recipe.activation, model.weights,
                  PartOf(model, *inputs, rows));
  std::vector<std::vector<double>> answers;
  for (size_t row = 0; row < rows; ++row) {
    const auto width = static_cast<size_t>(model.shape.outputs);
    const std::span<const float> raw = std::span(outputs).subspan(row * width, width);
    answers.push_back(AnswerOf(model, raw));
  }
  return answers;
}

std::vector<KnownRow> KnownRowsOf(const Model& model, const data::CsvTable& table) {
  const std::vector<std::vector<double>> answers = Answers(model, table);
  std::vector<KnownRow> known;
  for (size_t row = 0; row < answers.size(); ++row) {
    KnownRow& next = known.emplace_back(KnownRow{.fields = {}, .answer = answers[row]});
    for (const data::ColumnPreparation& column : model.preparation.columns) {
      const std::string text = table.columns[data::ColumnNumber(table, column.name)].Field(static_cast<int64_t>(row));
      next.fields.push_back({.number = text.empty() ? std::nan("") : std::atof(text.c_str()), .text = text});
    }
  }
  return known;
}

}  // namespace minnow::model
