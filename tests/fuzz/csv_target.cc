#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/data/csv.h"
#include "common/data/dataset.h"
#include "common/data/describe.h"
#include "common/data/prepare.h"
#include "tests/fuzz/targets.h"

namespace minnow::fuzz {
namespace {

constexpr std::string_view kFile = "f.csv";

void RequireRefusal(const absl::Status& status) {
  Require(absl::IsInvalidArgument(status), "a table is refused as what it is: " + status.ToString());
  Require(!status.message().empty(), "a refusal says why");
}

void AppendQuoted(std::string_view field, std::string& text) {
  text += '"';
  for (const char c : field) text.append(c == '"' ? 2 : 1, c);
  text += '"';
}

std::string Written(const data::CsvTable& table) {
  std::string text;
  const auto end_field = [&](size_t column) { text += column + 1 == table.columns.size() ? '\n' : ','; };
  for (size_t c = 0; c < table.header.size(); ++c) {
    AppendQuoted(table.header[c], text);
    end_field(c);
  }
  for (int64_t row = 0; row < table.rows(); ++row) {
    for (size_t c = 0; c < table.columns.size(); ++c) {
      AppendQuoted(table.columns[c].Field(row), text);
      end_field(c);
    }
  }
  return text;
}

void CheckTable(const data::CsvTable& table) {
  Require(table.rows() > 0 && !table.header.empty(), "a table has rows and columns");
  Require(table.columns.size() == table.header.size(), "every column has a name");
  Require(std::set(table.header.begin(), table.header.end()).size() == table.header.size(), "names differ");
  for (int64_t row = 1; row < table.rows(); ++row) Require(table.lines[row - 1] < table.lines[row], "lines ascend");
  for (const data::Column& column : table.columns) Require(column.rows() == table.rows(), "every row has every field");
  const std::string text = Written(table);
  const absl::StatusOr<data::CsvTable> again = data::ParseCsv(std::string(kFile), text);
  Require(again.ok(), "a table that is written is read again: " + again.status().ToString());
  Require(again->header == table.header && Written(*again) == text, "a table that is written reads back alike");
  data::Summaries(table);
}

void CheckPart(const data::Part& part, int inputs) {
  Require(part.inputs == inputs, "all parts have the same inputs");
  Require(part.x.size() == static_cast<size_t>(part.rows()) * inputs, "every row has every input");
  Require(std::all_of(part.x.begin(), part.x.end(), [](float x) { return std::isfinite(x); }), "inputs are finite");
}

void CheckPrepared(const data::CsvTable& table, const data::Prepared& prepared) {
  const data::Part& train = prepared.training.train;
  const data::Part& validation = prepared.training.validation;
  const int inputs = prepared.preparation.inputs();
  for (const data::Part* part : {&train, &validation, &prepared.test}) CheckPart(*part, inputs);
  Require(train.rows() + validation.rows() + prepared.test.rows() == table.rows(), "every row is in one part");

  const std::string json = data::PreparationToJson(prepared.preparation);
  const absl::StatusOr<data::Preparation> read = data::PreparationFromJson(json);
  Require(read.ok(), "a preparation reads back: " + read.status().ToString());
  Require(data::PreparationToJson(*read) == json, "a preparation reads back alike");
  const absl::StatusOr<std::vector<float>> x = data::EncodeInputs(*read, table);
  Require(x.ok(), "the rows of the table are prepared again: " + x.status().ToString());
  Require(x->size() == static_cast<size_t>(table.rows()) * inputs, "every row has every input again");

  const std::string bytes = data::EncodeTrainingData(prepared.training);
  const auto decoded = data::DecodeTrainingData(std::string(bytes));
  Require(decoded.ok() && data::EncodeTrainingData(*decoded) == bytes, "training data read back alike");
  data::Summaries(table, prepared.preparation);
}

}  // namespace

// The last column is the target, as what it looks like, as classes and as numbers; one called "part" says the split.
void Csv(std::string_view bytes) {
  const absl::StatusOr<data::CsvTable> table = data::ParseCsv(std::string(kFile), bytes);
  if (!table.ok()) {
    RequireRefusal(table.status());
    Require(std::string(table.status().message()).starts_with(kFile),
            "the file is named: " + table.status().ToString());
    return;
  }
  CheckTable(*table);
  for (const std::optional<Task> task :
       {std::optional<Task>(), std::optional(Task::kClassification), std::optional(Task::kRegression)}) {
    data::PrepareOptions options = {.target = table->header.back(), .task = task};
    if (data::ColumnNumber(*table, "part") >= 0) options.split_column = "part";
    const absl::StatusOr<data::Prepared> prepared = data::Prepare(*table, nullptr, options);
    if (prepared.ok()) {
      CheckPrepared(*table, *prepared);
    } else {
      RequireRefusal(prepared.status());
    }
  }
}

}  // namespace minnow::fuzz
