// `minnow predict`.
#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "client/commands.h"
#include "client/result_flags.h"
#include "client/row_writer.h"
#include "client/trained_model.h"
#include "common/cli/command_line.h"
#include "common/data/read_table.h"
#include "common/data/target.h"
#include "common/metrics.h"
#include "common/sha256.h"
#include "common/text.h"
#include "worker/local_engine.h"

namespace minnow::client {
namespace {

absl::StatusOr<model::Model> ReadModel(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(fmt::format("\"{}\" is a folder; name a file that minnow export wrote", path));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return absl::NotFoundError(fmt::format(
        "\"{}\" cannot be read; name a file that \"minnow export jobs/1 --format json -o FILE\" wrote", path));
  }
  const auto size = std::filesystem::file_size(path, error);
  if (!error && static_cast<int64_t>(size) > model::kMaxModelBytes) {
    return absl::InvalidArgumentError(fmt::format("\"{}\" has {} bytes, more than any model", path, size));
  }
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  absl::StatusOr<model::Model> model = model::ModelFromJson(text);
  if (model.ok()) return model;
  return absl::InvalidArgumentError(fmt::format("\"{}\" {}", path, std::string(model.status().message())));
}

void WritePredictions(const model::Model& model, std::span<const float> outputs, RowWriter& writer) {
  std::vector<std::string> header = {"prediction"};
  const data::Preparation& preparation = model.preparation;
  for (const std::string& name : preparation.classes) header.push_back("probability_" + name);
  writer.Header(header);
  const auto width = static_cast<size_t>(model.shape.outputs);
  for (size_t at = 0; at < outputs.size(); at += width) {
    const std::span<const float> row = outputs.subspan(at, width);
    std::vector<Cell> cells;
    if (preparation.task == Task::kClassification) cells.emplace_back(preparation.classes[PredictedClass(row)]);
    for (const double number : model::AnswerOf(model, row)) cells.emplace_back(number);
    writer.Row(cells);
  }
  writer.End();
}

// The truth of the rows, where the table has it.
absl::StatusOr<Targets> TruthOf(const data::Preparation& preparation, const data::CsvTable& table, int column) {
  const data::TargetKind kind = {
      .task = preparation.task, .classes = preparation.classes, .format = preparation.target_format, .note = ""};
  const absl::StatusOr<data::TargetRows> rows = data::ReadTarget(table, column, kind, "the training rows");
  if (!rows.ok()) return rows.status();
  Targets targets = {.task = preparation.task,
                     .classes = static_cast<int>(preparation.classes.size()),
                     .target_mean = preparation.target_mean,
                     .target_scale = preparation.target_scale};
  if (targets.task == Task::kClassification) {
    targets.labels.assign(rows->labels.begin(), rows->labels.end());
    return targets;
  }
  for (const double value : rows->values) {
    targets.values.push_back(static_cast<float>((value - targets.target_mean) / targets.target_scale));
  }
  return targets;
}

// Whether the rows are those of the sealed test part, in its order.
bool AreTestRows(const model::Model& model, const std::vector<float>& inputs, const Targets& targets) {
  data::Part part;
  part.inputs = model.shape.inputs;
  part.x = std::vector<float>(inputs);
  part.targets = targets;
  return Sha256Hex(data::EncodePart(part)) == model.provenance.test_sha256;
}

// How good the predictions are, when the table has the target.
void TellScore(const model::Model& model, const data::CsvTable& table, const std::vector<float>& inputs,
               std::span<const float> outputs, std::ostream& talk) {
  const int column = data::ColumnNumber(table, model.preparation.target);
  if (column < 0) return;
  const absl::StatusOr<Targets> targets = TruthOf(model.preparation, table, column);
  if (!targets.ok()) {
    talk << "not scored: " << std::string(targets.status().message()) << "\n";
    return;
  }
  const model::Provenance& from = model.provenance;
  const double score = Score(from.metric, outputs, *targets);
  talk << fmt::format("{} {} on {}", Name(from.metric), NumberText(score), Counted(table.rows(), "row"));
  if (from.test_score && AreTestRows(model, inputs, *targets)) {
    talk << fmt::format(": the test rows of {}, where {} is recorded", from.job, NumberText(*from.test_score));
  }
  talk << "\n";
}

absl::StatusOr<ExitCode> PredictRows(const std::string& model_file, const std::string& data_file, Format format,
                                     Console& console) {
  const absl::StatusOr<nn::Engine> engine = worker::LocalEngine();
  if (!engine.ok()) return engine.status();
  const absl::StatusOr<model::Model> model = ReadModel(model_file);
  if (!model.ok()) return model.status();
  const absl::StatusOr<data::CsvTable> table =
      data::ReadTable(data_file, {.formats = data::FormatsOf(model->preparation)});
  if (!table.ok()) return table.status();
  const absl::StatusOr<std::vector<float>> inputs = data::EncodeInputs(model->preparation, *table);
  if (!inputs.ok()) return inputs.status();
  const std::vector<float> outputs = RawOutputs(*engine, *model, *inputs);
  WritePredictions(*model, outputs, *NewRowWriter(format, console.out));
  console.out.flush();
  if (model->provenance.numerics_version != kNumericsVersion) {
    console.err << fmt::format(
        "the model was trained under numerics version {}, and this program has version {}: the last digits may "
        "differ\n",
        model->provenance.numerics_version, kNumericsVersion);
  }
  TellScore(*model, *table, *inputs, outputs, console.err);
  return ExitCode::kDone;
}

}  // namespace

absl::StatusOr<ExitCode> Predict(const Arguments& arguments, Console& console) {
  CommandLine line("predict", "MODEL.json DATA.csv [--json]",
                   "Predicts raw rows with an exported network, and prints CSV: the prediction, then the probability "
                   "of each class. Columns are found by name; others may be there. When the target is among them, the "
                   "score of the predictions goes to stderr.",
                   {"minnow export jobs/1 --format json -o digits.json", "minnow predict digits.json new_digits.csv",
                    "zcat new_digits.csv.gz | minnow predict digits.json - --json"});
  std::optional<std::string> model, data;
  bool json = false;
  line.Argument("MODEL.json", "what minnow export --format json wrote", &model);
  line.Argument("DATA.csv", "the rows; - is standard input", &data);
  line.Switch("json", "print JSON", &json);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  constexpr char kExample[] = "minnow predict model.json rows.csv";
  const absl::StatusOr<std::string> model_file = Required(model, "the model", kExample);
  if (!model_file.ok()) return model_file.status();
  const absl::StatusOr<std::string> data_file = Required(data, "the file of rows", kExample);
  if (!data_file.ok()) return data_file.status();
  return PredictRows(*model_file, *data_file, json ? Format::kJson : Format::kCsv, console);
}

}  // namespace minnow::client
