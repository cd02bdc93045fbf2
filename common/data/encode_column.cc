#include "common/data/encode_column.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/data/number_format.h"
#include "common/data/wording.h"

namespace minnow::data {
namespace {

using Input = ColumnPreparation::Input;

float Standardised(const Input& input, double value) { return static_cast<float>((value - input.mean) / input.scale); }

class NumberEncoder {
 public:
  NumberEncoder(const ColumnPreparation& column, const CsvTable& table, int table_column)
      : column_(column), table_(table), fields_(table.columns[table_column]) {}

  absl::Status Encode(std::span<const int> rows, MatrixColumns to);

 private:
  enum class Read { kNumber, kGap, kText };
  struct Value {
    Read read = Read::kGap;
    double number = 0;  // the fill for a gap
  };
  Value ValueOf(std::string_view field) const;
  Value ValueAt(int row) const;
  absl::Status CheckFormat() const;

  absl::Status RefuseText(int row) const {
    std::string kind = "numbers";
    if (column_.format != NumberFormat::kPlain) kind += " (" + std::string(FormatWords(column_.format)) + ")";
    return absl::InvalidArgumentError(Place(table_, row) + ": column " + Quoted(column_.name) + " holds " +
                                      Quoted(fields_.Field(row)) + ", but the training rows have " + kind +
                                      " there: correct it, or leave the field empty");
  }
  absl::Status RefuseFar(int row) const {
    return absl::InvalidArgumentError(Place(table_, row) + ": column " + Quoted(column_.name) + " holds " +
                                      fields_.Field(row) +
                                      ", too far from the training rows to be an input: correct it, or remove the row");
  }

  const ColumnPreparation& column_;
  const CsvTable& table_;
  const Column& fields_;
  std::vector<Value> by_code_;
};

NumberEncoder::Value NumberEncoder::ValueOf(std::string_view field) const {
  if (field.empty()) return {Read::kGap, column_.fill};
  if (const auto number = ReadNumber(column_.format, field)) return {Read::kNumber, *number};
  return IsGapWord(field) ? Value{Read::kGap, column_.fill} : Value{Read::kText, 0};
}

NumberEncoder::Value NumberEncoder::ValueAt(int row) const {
  if (fields_.storage() == Column::Storage::kSpellings) return by_code_[fields_.code(row)];
  const double number = fields_.number(row);
  return std::isnan(number) ? Value{Read::kGap, column_.fill} : Value{Read::kNumber, number};
}

// Whole numbers are written alike with decimal points and commas.
absl::Status NumberEncoder::CheckFormat() const {
  if (fields_.storage() == Column::Storage::kNothing) {
    return absl::InvalidArgumentError(table_.file + ": column " + Quoted(column_.name) +
                                      " holds texts, but the training rows have numbers there: correct it");
  }
  if (fields_.storage() != Column::Storage::kNumbers || fields_.format() == column_.format) return absl::OkStatus();
  for (int64_t row = 0; row < fields_.rows(); ++row) {
    const double number = fields_.number(row);
    const bool alike = fields_.format() == NumberFormat::kPlain && number == std::trunc(number) &&
                       (column_.format == NumberFormat::kDecimalComma || column_.format == NumberFormat::kThousands);
    if (std::isnan(number) || alike) continue;
    return absl::InvalidArgumentError(Place(table_, row) + ": column " + Quoted(column_.name) + " is written as " +
                                      std::string(FormatWords(fields_.format())) + ", but in the training rows as " +
                                      std::string(FormatWords(column_.format)) + ": write it alike in both files");
  }
  return absl::OkStatus();
}

absl::Status NumberEncoder::Encode(std::span<const int> rows, MatrixColumns to) {
  if (absl::Status format = CheckFormat(); !format.ok()) return format;
  if (fields_.storage() == Column::Storage::kSpellings) {
    for (uint32_t code = 0; code < fields_.spellings().size(); ++code)
      by_code_.push_back(ValueOf(fields_.spellings()[code]));
  }
  float* out = to.first;
  for (const int row : rows) {
    const Value value = ValueAt(row);
    if (value.read == Read::kText) return RefuseText(row);
    float* at = out;
    if (!column_.inputs[0].dropped) {
      *at = Standardised(column_.inputs[0], value.number);
      if (!std::isfinite(*at++)) return RefuseFar(row);
    }
    if (column_.gap_indicator && !column_.inputs[1].dropped)
      *at = Standardised(column_.inputs[1], value.read == Read::kGap ? 1 : 0);
    out += to.stride;
  }
  return absl::OkStatus();
}

// Which of a category's inputs a value sets; none: -1.
int InputOf(const ColumnPreparation& column, std::string_view field) {
  const auto listed = static_cast<int>(column.categories.size());
  if (field.empty()) return column.gap_indicator ? listed + (column.other ? 1 : 0) : -1;
  const auto found = std::lower_bound(column.categories.begin(), column.categories.end(), field);
  if (found != column.categories.end() && *found == field) return static_cast<int>(found - column.categories.begin());
  return column.other ? listed : -1;
}

absl::Status EncodeCategories(const ColumnPreparation& column, const CsvTable& table, int table_column,
                              std::span<const int> rows, MatrixColumns to) {
  const Column& fields = table.columns[table_column];
  if (fields.storage() == Column::Storage::kNothing) {
    return absl::InvalidArgumentError(table.file + ": column " + Quoted(column.name) + " has more than " +
                                      std::to_string(kMaxSpellings) +
                                      " different values, more than can be looked up: use fewer rows at once");
  }
  const bool spelled = fields.storage() == Column::Storage::kSpellings;
  std::vector<int> by_code;
  for (uint32_t code = 0; spelled && code < fields.spellings().size(); ++code)
    by_code.push_back(InputOf(column, fields.spellings()[code]));
  float* out = to.first;
  for (const int row : rows) {
    const int set = spelled ? by_code[fields.code(row)] : InputOf(column, fields.Field(row));
    float* at = out;
    for (int i = 0; i < static_cast<int>(column.inputs.size()); ++i) {
      if (!column.inputs[i].dropped) *at++ = Standardised(column.inputs[i], i == set ? 1 : 0);
    }
    out += to.stride;
  }
  return absl::OkStatus();
}

}  // namespace

int KeptInputs(const ColumnPreparation& column) {
  return static_cast<int>(
      std::count_if(column.inputs.begin(), column.inputs.end(), [](const Input& input) { return !input.dropped; }));
}

absl::Status EncodeColumn(const ColumnPreparation& column, const CsvTable& table, int table_column,
                          std::span<const int> rows, MatrixColumns to) {
  if (column.kind == ColumnKind::kNumber) return NumberEncoder(column, table, table_column).Encode(rows, to);
  return EncodeCategories(column, table, table_column, rows, to);
}

}  // namespace minnow::data
