#include "common/model/raw_row.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "common/text.h"

namespace minnow::model {
namespace {

using data::ColumnKind;
using data::ColumnPreparation;

float Standardised(const NetworkInput& input, double value) {
  return static_cast<float>((value - input.mean) / input.scale);
}

// What all inputs of a column could be made of, dropped or not, in the order of its inputs.
std::vector<NetworkInput> AllInputs(const ColumnPreparation& column) {
  std::vector<NetworkInput> inputs;
  if (column.kind == ColumnKind::kNumber) inputs.push_back({.kind = InputKind::kNumber});
  for (int c = 0; c < static_cast<int>(column.categories.size()); ++c) {
    inputs.push_back({.kind = InputKind::kCategory, .category = c});
  }
  if (column.other) inputs.push_back({.kind = InputKind::kOther});
  if (column.gap_indicator) inputs.push_back({.kind = InputKind::kGap});
  return inputs;
}

double ValueOf(const NetworkInput& input, const ColumnPreparation& column, const std::string& text) {
  const auto& categories = column.categories;
  switch (input.kind) {
    case InputKind::kCategory:
      return text == categories[input.category] ? 1 : 0;
    case InputKind::kOther:
      return !text.empty() && std::find(categories.begin(), categories.end(), text) == categories.end() ? 1 : 0;
    case InputKind::kGap:
      return text.empty() ? 1 : 0;
    case InputKind::kNumber:
      break;
  }
  return 0;
}

// A text that is no category.
std::string UnlistedText(const ColumnPreparation& column) {
  std::string text = "?";
  while (std::find(column.categories.begin(), column.categories.end(), text) != column.categories.end()) text += "?";
  return text;
}

using Inputs = std::span<const NetworkInput>;  // of one column
using Numbers = std::span<const float>;        // what they are

std::string TextOf(const ColumnPreparation& column, Inputs inputs, Numbers numbers) {
  std::vector<std::string> candidates = column.categories;
  candidates.push_back("");
  candidates.push_back(UnlistedText(column));
  const auto fits = [&](const std::string& text) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (numbers[i] != Standardised(inputs[i], ValueOf(inputs[i], column, text))) return false;
    }
    return true;
  };
  // The first that one-hot coding tells apart; rows of other making may fit none.
  const auto fitting = std::find_if(candidates.begin(), candidates.end(), fits);
  return fitting == candidates.end() ? "" : *fitting;
}

double Rounded(double number, int digits) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.begin(), text.end(), number, std::chars_format::scientific, digits - 1).ptr;
  std::from_chars(text.begin(), end, number);
  return number;
}

// The number with the fewest digits that becomes `standardised`.
double NumberWithFewestDigits(const NetworkInput& input, float standardised) {
  if (Standardised(input, 0) == standardised) return 0;
  const double number = input.mean + input.scale * static_cast<double>(standardised);
  for (int digits = 1; digits < std::numeric_limits<double>::max_digits10; ++digits) {
    const double rounded = Rounded(number, digits);
    if (Standardised(input, rounded) == standardised) return rounded;
  }
  return number;
}

double NumberOf(const ColumnPreparation& column, Inputs inputs, Numbers numbers) {
  double number = column.fill;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const NetworkInput& input = inputs[i];
    if (input.kind == InputKind::kNumber) number = NumberWithFewestDigits(input, numbers[i]);
    if (input.kind == InputKind::kGap && numbers[i] == Standardised(input, 1)) return std::nan("");
  }
  return number;
}

}  // namespace

std::vector<NetworkInput> NetworkInputs(const data::Preparation& preparation) {
  std::vector<NetworkInput> kept;
  for (size_t c = 0; c < preparation.columns.size(); ++c) {
    const ColumnPreparation& column = preparation.columns[c];
    if (column.kind != ColumnKind::kNumber && column.kind != ColumnKind::kCategory) continue;
    const std::vector<NetworkInput> all = AllInputs(column);
    for (size_t i = 0; i < all.size(); ++i) {
      if (column.inputs[i].dropped) continue;
      NetworkInput input = all[i];
      input.column = static_cast<int>(c);
      input.mean = column.inputs[i].mean;
      input.scale = column.inputs[i].scale;
      kept.push_back(input);
    }
  }
  return kept;
}

bool TakesText(const ColumnPreparation& column) {
  return column.kind == ColumnKind::kLeftOut || !column.categories.empty();
}

std::string FieldText(const ColumnPreparation& column) {
  constexpr size_t kShown = 20;
  const std::vector<std::string>& all = column.categories;
  if (TakesText(column)) {
    if (all.empty()) return "text";
    const std::vector<std::string> shown(all.begin(), all.begin() + std::min(kShown, all.size()));
    return "text: " + Join(shown, ", ") + (all.size() > kShown ? ", and more" : "");
  }
  if (data::IsDate(column.format)) return "days since 1970-01-01, with a fraction for the time";
  if (column.format == data::NumberFormat::kTime) return "a time as a fraction of the day";
  return column.format == data::NumberFormat::kPercent ? "a number of percent" : "a number";
}

std::vector<RawField> RawRow(const data::Preparation& preparation, std::span<const float> inputs) {
  const std::vector<NetworkInput> all = NetworkInputs(preparation);
  std::vector<RawField> row(preparation.columns.size());
  for (size_t first = 0, next = 0; first < all.size(); first = next) {
    const int c = all[first].column;
    while (next < all.size() && all[next].column == c) ++next;
    const ColumnPreparation& column = preparation.columns[c];
    const Inputs of_column = std::span(all).subspan(first, next - first);
    const Numbers numbers = inputs.subspan(first, next - first);
    if (TakesText(column)) {
      row[c].text = TextOf(column, of_column, numbers);
    } else {
      row[c].number = NumberOf(column, of_column, numbers);
    }
  }
  return row;
}

}  // namespace minnow::model
