#include "common/data/columns.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/data/scan.h"
#include "common/data/wording.h"
#include "common/text.h"

namespace minnow::data {
namespace {

using Input = ColumnPreparation::Input;

Input FitInput(std::string name, std::span<const double> values) {
  const Statistics statistics = StatisticsOf(values);
  return {.name = std::move(name), .mean = statistics.mean, .scale = statistics.scale, .dropped = statistics.constant};
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto half = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), half, values.end());
  return values.size() % 2 == 1 ? *half : std::midpoint(*std::max_element(values.begin(), half), *half);
}

using Fields = std::span<const std::string_view>;  // of one column, by row

absl::Status FitNumbers(const CsvTable& table, Fields fields, const ColumnScan& scan, std::span<const int> train,
                        ColumnPreparation& fitted) {
  std::vector<double> known;
  for (const int row : train) {
    if (!std::isnan(scan.numbers[row])) known.push_back(scan.numbers[row]);
  }
  fitted.fill = Median(std::move(known));
  std::vector<double> values;
  for (const int row : train) values.push_back(std::isnan(scan.numbers[row]) ? fitted.fill : scan.numbers[row]);
  Input input = FitInput(fitted.name, values);
  if (!std::isfinite(input.mean) || !std::isfinite(input.scale)) {
    const auto magnitude = [&](int row) { return std::isnan(scan.numbers[row]) ? 0 : std::fabs(scan.numbers[row]); };
    const int row =
        *std::max_element(train.begin(), train.end(), [&](int a, int b) { return magnitude(a) < magnitude(b); });
    return absl::InvalidArgumentError(Place(table, row) + ": column " + Quoted(fitted.name) + " holds " +
                                      std::string(fields[row]) +
                                      ", too large for its mean and deviation: write the column in a larger unit");
  }
  fitted.inputs.push_back(std::move(input));
  return absl::OkStatus();
}

absl::Status RefuseTooManyCategories(const CsvTable& table, int column, const ColumnScan& scan, size_t categories) {
  if (categories <= static_cast<size_t>(kMaxCategories)) return absl::OkStatus();
  std::string hint = MostlyNumbersHint(table, column, scan);
  if (!hint.empty()) hint = " (" + hint + "; correct it if the column is meant as numbers)";
  return absl::InvalidArgumentError(
      table.file + ": column " + Quoted(table.header[column]) + " is text with " + std::to_string(categories) +
      " different values in the training rows, more than the " + std::to_string(kMaxCategories) + " that are possible" +
      hint + ": remove the column, or merge values");
}

absl::Status FitCategories(const CsvTable& table, int column, Fields fields, const ColumnScan& scan,
                           std::span<const int> train, ColumnPreparation& fitted) {
  std::set<std::string_view> categories;
  for (const int row : train) {
    if (!fields[row].empty()) categories.insert(fields[row]);
  }
  if (absl::Status few = RefuseTooManyCategories(table, column, scan, categories.size()); !few.ok()) return few;
  fitted.categories.assign(categories.begin(), categories.end());
  std::vector<double> values(train.size());
  for (const std::string& category : fitted.categories) {
    for (size_t i = 0; i < train.size(); ++i) values[i] = fields[train[i]] == category ? 1 : 0;
    fitted.inputs.push_back(FitInput(fitted.name + "=" + category, values));
  }
  return absl::OkStatus();
}

void FitGapIndicator(Fields fields, std::span<const int> train, ColumnPreparation& fitted) {
  std::vector<double> values;
  for (const int row : train) values.push_back(fields[row].empty() ? 1 : 0);
  fitted.gap_indicator = std::find(values.begin(), values.end(), 1.0) != values.end();
  if (fitted.gap_indicator) fitted.inputs.push_back(FitInput(fitted.name + " is missing", values));
}

// Writes the inputs of one column into a matrix whose rows have `stride` numbers.
class ColumnEncoder {
 public:
  ColumnEncoder(const ColumnPreparation& column, const CsvTable& table, int table_column)
      : column_(column), table_(table), fields_(table.columns[table_column].Fields()) {}

  // Writes the kept inputs of row `row` from `out` on.
  absl::Status Encode(int row, float* out) const {
    const std::string_view field = fields_[row];
    size_t input = 0;
    if (column_.kind == ColumnKind::kNumber) {
      const std::optional<double> number = field.empty() ? column_.fill : FiniteNumber(field);
      if (!number) return RefuseText(row);
      if (!Put(column_.inputs[input++], *number, out)) return RefuseFar(row);
    } else {
      for (const std::string& category : column_.categories)
        Put(column_.inputs[input++], field == category ? 1 : 0, out);
    }
    if (column_.gap_indicator) Put(column_.inputs[input], field.empty() ? 1 : 0, out);
    return absl::OkStatus();
  }

 private:
  // Returns whether the standardised number is finite as a float.
  static bool Put(const Input& input, double value, float*& out) {
    if (input.dropped) return true;
    *out = static_cast<float>((value - input.mean) / input.scale);
    return std::isfinite(*out++);
  }

  absl::Status RefuseText(int row) const {
    return absl::InvalidArgumentError(
        Place(table_, row) + ": column " + Quoted(column_.name) + " holds " + Quoted(fields_[row]) +
        ", but the training rows have numbers there: correct it, or leave the field empty");
  }
  absl::Status RefuseFar(int row) const {
    return absl::InvalidArgumentError(Place(table_, row) + ": column " + Quoted(column_.name) + " holds " +
                                      std::string(fields_[row]) +
                                      ", too far from the training rows to be an input: correct it, or remove the row");
  }

  const ColumnPreparation& column_;
  const CsvTable& table_;
  const std::vector<std::string_view> fields_;
};

int KeptInputs(const ColumnPreparation& column) {
  return static_cast<int>(
      std::count_if(column.inputs.begin(), column.inputs.end(), [](const Input& input) { return !input.dropped; }));
}

}  // namespace

int Preparation::inputs() const {
  int inputs = 0;
  for (const ColumnPreparation& column : columns) inputs += KeptInputs(column);
  return inputs;
}

Statistics StatisticsOf(std::span<const double> values) {
  // Asked of the values: the computed deviation of a constant 0.1 need not be 0.
  const Statistics constant{.mean = values[0], .scale = 1, .constant = true};
  if (std::all_of(values.begin(), values.end(), [&](double value) { return value == values[0]; })) return constant;
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double scale = std::sqrt(squares / static_cast<double>(values.size()));
  if (scale == 0) return constant;  // differences below 1e-162, whose squares vanish
  return {.mean = mean, .scale = scale, .constant = false};
}

absl::StatusOr<ColumnPreparation> FitColumn(const CsvTable& table, int column, std::span<const int> train) {
  const std::vector<std::string_view> fields = table.columns[column].Fields();
  const ColumnScan scan = Scan(fields);
  ColumnPreparation fitted;
  fitted.name = table.header[column];
  fitted.kind = scan.is_number() ? ColumnKind::kNumber : ColumnKind::kCategory;
  fitted.gaps = scan.gaps;
  const absl::Status fit = scan.is_number() ? FitNumbers(table, fields, scan, train, fitted)
                                            : FitCategories(table, column, fields, scan, train, fitted);
  if (!fit.ok()) return fit;
  FitGapIndicator(fields, train, fitted);
  if (KeptInputs(fitted) == 0) fitted.kind = ColumnKind::kConstant;
  return fitted;
}

absl::StatusOr<std::vector<float>> EncodeRows(const Preparation& preparation, const CsvTable& table,
                                              std::span<const int> rows) {
  const auto stride = static_cast<size_t>(preparation.inputs());
  if (static_cast<int64_t>(stride * rows.size()) > kMaxMatrixNumbers) {
    return absl::InvalidArgumentError(
        table.file + ": " + std::to_string(rows.size()) + " rows of " + std::to_string(stride) +
        " inputs are more than the " + std::to_string(kMaxMatrixNumbers) +
        " numbers that are possible: use fewer rows, or " + "remove columns with many categories");
  }
  std::vector<float> x(stride * rows.size());
  std::map<std::string_view, int> numbers;
  for (size_t c = 0; c < table.header.size(); ++c) numbers.emplace(table.header[c], static_cast<int>(c));
  size_t offset = 0;
  for (const ColumnPreparation& column : preparation.columns) {
    if (column.kind == ColumnKind::kConstant || column.kind == ColumnKind::kLeftOut) continue;
    const auto number = numbers.find(column.name);
    if (number == numbers.end()) {
      return absl::InvalidArgumentError(table.file + ": column " + Quoted(column.name) +
                                        " is missing, which the network needs: add it");
    }
    const ColumnEncoder encoder(column, table, number->second);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (absl::Status put = encoder.Encode(rows[i], &x[i * stride + offset]); !put.ok()) return put;
    }
    offset += static_cast<size_t>(KeptInputs(column));
  }
  return x;
}

absl::StatusOr<std::vector<float>> EncodeInputs(const Preparation& preparation, const CsvTable& table) {
  std::vector<int> rows(static_cast<size_t>(table.rows()));
  std::iota(rows.begin(), rows.end(), 0);
  return EncodeRows(preparation, table, rows);
}

std::vector<std::string_view> UnknownCategories(const ColumnPreparation& column, const CsvTable& table,
                                                std::span<const int> rows) {
  std::vector<std::string_view> unknown;
  if (column.kind != ColumnKind::kCategory) return unknown;
  const std::vector<std::string_view> fields = table.columns[ColumnNumber(table, column.name)].Fields();
  for (const int row : rows) {
    const bool known = std::binary_search(column.categories.begin(), column.categories.end(), fields[row]);
    if (!fields[row].empty() && !known) unknown.push_back(fields[row]);
  }
  return unknown;
}

}  // namespace minnow::data
