#include "common/data/columns.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/data/encode_column.h"
#include "common/data/number_format.h"
#include "common/data/scan.h"
#include "common/data/wording.h"
#include "common/text.h"

namespace minnow::data {
namespace {

using Input = ColumnPreparation::Input;

constexpr size_t kMaxUnknownValues = 1000;  // as many as are kept to be named

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

absl::Status FitNumbers(const CsvTable& table, int column, const ColumnScan& scan, std::span<const int> train,
                        ColumnPreparation& fitted) {
  std::vector<double> known;
  for (const int row : train) {
    if (!std::isnan(scan.numbers[row])) known.push_back(scan.numbers[row]);
  }
  fitted.format = scan.format;
  fitted.fill = Median(std::move(known));
  std::vector<double> values;
  for (const int row : train) values.push_back(std::isnan(scan.numbers[row]) ? fitted.fill : scan.numbers[row]);
  Input input = FitInput(fitted.name, values);
  if (!std::isfinite(input.mean) || !std::isfinite(input.scale)) {
    const auto magnitude = [&](int row) { return std::isnan(scan.numbers[row]) ? 0 : std::fabs(scan.numbers[row]); };
    const int row =
        *std::max_element(train.begin(), train.end(), [&](int a, int b) { return magnitude(a) < magnitude(b); });
    return absl::InvalidArgumentError(Place(table, row) + ": column " + Quoted(fitted.name) + " holds " +
                                      table.columns[column].Field(row) +
                                      ", too large for its mean and deviation: write the column in a larger unit");
  }
  fitted.inputs.push_back(std::move(input));
  return absl::OkStatus();
}

// How many training rows have each spelling.
std::vector<int64_t> TrainCounts(const Column& column, std::span<const int> train) {
  std::vector<int64_t> counts(column.spellings().size());
  for (const int row : train) ++counts[column.code(row)];
  return counts;
}

// The codes of the values that get an input of their own, by their text.
std::vector<uint32_t> ListedCodes(const Column& column, const std::vector<int64_t>& counts, size_t train_rows) {
  const Spellings& spellings = column.spellings();
  const int64_t least = std::clamp<int64_t>(static_cast<int64_t>(train_rows) / 1000, 1, kCategoryRows);
  std::vector<uint32_t> codes;
  const auto list = [&](int64_t rows) {
    for (uint32_t code = 0; code < counts.size(); ++code) {
      if (counts[code] >= rows && !spellings[code].empty()) codes.push_back(code);
    }
  };
  list(least);
  if (codes.empty()) list(1);  // all are rare
  const auto by_text = [&](uint32_t a, uint32_t b) { return spellings[a] < spellings[b]; };
  if (codes.size() > static_cast<size_t>(kCategoryLimit)) {
    std::nth_element(codes.begin(), codes.begin() + kCategoryLimit, codes.end(), [&](uint32_t a, uint32_t b) {
      return counts[a] != counts[b] ? counts[a] > counts[b] : by_text(a, b);
    });
    codes.resize(kCategoryLimit);
  }
  std::sort(codes.begin(), codes.end(), by_text);
  return codes;
}

void FitCategories(const Column& column, std::span<const int> train, ColumnPreparation& fitted) {
  const std::vector<int64_t> counts = TrainCounts(column, train);
  std::vector<bool> is_other(counts.size());
  for (uint32_t code = 0; code < counts.size(); ++code) is_other[code] = !column.spellings()[code].empty();
  std::vector<double> values(train.size());
  for (const uint32_t listed : ListedCodes(column, counts, train.size())) {
    is_other[listed] = false;
    fitted.categories.emplace_back(column.spellings()[listed]);
    for (size_t i = 0; i < train.size(); ++i) values[i] = column.code(train[i]) == listed ? 1 : 0;
    fitted.inputs.push_back(FitInput(fitted.name + "=" + fitted.categories.back(), values));
  }
  for (size_t i = 0; i < train.size(); ++i) values[i] = is_other[column.code(train[i])] ? 1 : 0;
  fitted.other = std::find(values.begin(), values.end(), 1.0) != values.end();
  if (fitted.other) {
    fitted.inputs.push_back(FitInput(fitted.name + " is another", values));
  } else if (fitted.categories.size() == 2 && AreBooleans(fitted.categories[0], fitted.categories[1])) {
    fitted.inputs[0].dropped = true;
  }
}

// In `is_gap`, by row.
void FitGapIndicator(const std::vector<bool>& is_gap, std::span<const int> train, ColumnPreparation& fitted) {
  std::vector<double> values;
  for (const int row : train) values.push_back(is_gap[row] ? 1 : 0);
  fitted.gap_indicator = std::find(values.begin(), values.end(), 1.0) != values.end();
  if (fitted.gap_indicator) fitted.inputs.push_back(FitInput(fitted.name + " is missing", values));
}

std::vector<bool> Gaps(const Column& column, const ColumnScan& scan) {
  std::vector<bool> gaps(scan.numbers.size());
  for (size_t row = 0; row < gaps.size(); ++row) {
    gaps[row] = scan.is_number() ? std::isnan(scan.numbers[row])
                                 : column.spellings()[column.code(static_cast<int64_t>(row))].empty();
  }
  return gaps;
}

}  // namespace

int Preparation::inputs() const {
  int inputs = 0;
  for (const ColumnPreparation& column : columns) inputs += KeptInputs(column);
  return inputs;
}

std::map<std::string, NumberFormat> FormatsOf(const Preparation& preparation) {
  std::map<std::string, NumberFormat> formats = {{preparation.target, preparation.target_format}};
  for (const ColumnPreparation& column : preparation.columns) {
    if (column.kind == ColumnKind::kNumber) formats.emplace(column.name, column.format);
  }
  return formats;
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

bool NamesRows(const Column& column, const ColumnScan& scan) {
  if (column.storage() == Column::Storage::kNothing) return true;
  if (scan.is_number() || scan.texts < kIdRows) return false;
  const auto different = static_cast<int64_t>(column.spellings().size()) - (scan.gaps > 0 ? 1 : 0);
  return different == column.rows() - scan.gaps;
}

absl::StatusOr<ColumnPreparation> FitColumn(const CsvTable& table, int column, std::span<const int> train) {
  const Column& fields = table.columns[column];
  const ColumnScan scan = Scan(fields);
  ColumnPreparation fitted;
  fitted.name = table.header[column];
  fitted.kind = scan.is_number() ? ColumnKind::kNumber : ColumnKind::kCategory;
  fitted.gaps = scan.gaps;
  if (scan.gaps == fields.rows() || NamesRows(fields, scan)) {
    fitted.kind = ColumnKind::kLeftOut;
    return fitted;
  }
  if (scan.is_number()) {
    if (absl::Status fit = FitNumbers(table, column, scan, train, fitted); !fit.ok()) return fit;
  } else {
    FitCategories(fields, train, fitted);
  }
  FitGapIndicator(Gaps(fields, scan), train, fitted);
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
        " numbers that are possible: use fewer rows, or remove columns with many categories");
  }
  std::vector<float> x(stride * rows.size());
  std::map<std::string_view, int> numbers;
  for (size_t c = 0; c < table.header.size(); ++c) numbers.emplace(table.header[c], static_cast<int>(c));
  size_t offset = 0;
  for (const ColumnPreparation& column : preparation.columns) {
    if (KeptInputs(column) == 0) continue;
    const auto number = numbers.find(column.name);
    if (number == numbers.end()) {
      return absl::InvalidArgumentError(table.file + ": column " + Quoted(column.name) +
                                        " is missing, which the network needs: add it");
    }
    if (absl::Status put = EncodeColumn(column, table, number->second, rows, {x.data() + offset, stride}); !put.ok())
      return put;
    offset += static_cast<size_t>(KeptInputs(column));
  }
  return x;
}

absl::StatusOr<std::vector<float>> EncodeInputs(const Preparation& preparation, const CsvTable& table) {
  std::vector<int> rows(static_cast<size_t>(table.rows()));
  std::iota(rows.begin(), rows.end(), 0);
  return EncodeRows(preparation, table, rows);
}

void AddUnknownValues(const ColumnPreparation& column, const CsvTable& table, std::span<const int> rows,
                      UnknownValues& unknown) {
  if (column.kind != ColumnKind::kCategory || column.other) return;
  const Column& fields = table.columns[ColumnNumber(table, column.name)];
  for (const int row : rows) {
    std::string field = fields.Field(row);
    if (field.empty() || std::binary_search(column.categories.begin(), column.categories.end(), field)) continue;
    ++unknown.rows;
    if (unknown.values.size() < kMaxUnknownValues) unknown.values.insert(std::move(field));
  }
}

}  // namespace minnow::data
