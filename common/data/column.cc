#include "common/data/column.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "common/data/short_number.h"
#include "common/text.h"

namespace minnow::data {
namespace {

constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

// The field in a column of numbers: nothing where it is text.
std::optional<double> NumberOrGap(NumberFormat format, std::string_view field) {
  if (field.empty()) return kGap;
  const std::optional<double> number = ReadNumber(format, field);
  return number || !IsGapWord(field) ? number : kGap;
}

template <class Narrow, class Wide>
void Widen(Blocks<Narrow>& from, Blocks<Wide>& to) {
  for (size_t i = 0; i < from.size(); ++i) to.push_back(from[i]);
  from = {};
}

}  // namespace

Column::Column(ColumnPlan plan) : plan_(std::move(plan)) {
  if (plan_.keep == ColumnPlan::Keep::kNumbers) storage_ = Storage::kNumbers;
}

void Column::Append(std::string_view field) {
  ++rows_;
  if (storage_ == Storage::kNumbers) return AppendNumber(field);
  if (storage_ == Storage::kNothing) return;
  const auto [code, added] = spellings_.Add(field);
  AppendCode(code);
  if (added && spellings_.size() > kFewSpellings) EndSpellings();
}

void Column::Append(const std::string_view* fields, size_t stride, size_t rows) {
  for (size_t row = 0; row < rows; ++row) Append(fields[row * stride]);
}

void Column::AppendCode(uint32_t code) {
  if (codes_.empty() && shorts_.empty() && code <= std::numeric_limits<uint8_t>::max()) {
    bytes_.push_back(static_cast<uint8_t>(code));
  } else if (codes_.empty() && code <= std::numeric_limits<uint16_t>::max()) {
    if (!bytes_.empty()) Widen(bytes_, shorts_);
    shorts_.push_back(static_cast<uint16_t>(code));
  } else {
    if (!shorts_.empty()) Widen(shorts_, codes_);
    codes_.push_back(code);
  }
}

// Asked at each spelling beyond the few.
void Column::EndSpellings() {
  const bool first = spellings_.size() == kFewSpellings + 1;
  if (first && plan_.keep == ColumnPlan::Keep::kWhatFits && TurnToNumbers()) return;
  if (spellings_.size() <= kMaxSpellings && spellings_.bytes() <= kMaxSpellingBytes) return;
  DropSpellings();
  storage_ = Storage::kNothing;
}

bool Column::TurnToNumbers() {
  const auto& formats = FormatsInOrder(plan_.commas_between_columns);
  if (plan_.expected && TurnToNumbers(*plan_.expected)) return true;
  return std::any_of(formats.begin(), formats.end(), [this](NumberFormat format) { return TurnToNumbers(format); });
}

bool Column::TurnToNumbers(NumberFormat format) {
  std::vector<double> by_code;
  for (uint32_t code = 0; code < spellings_.size(); ++code) {
    const std::optional<double> number = NumberOrGap(format, spellings_[code]);
    if (!number) return false;
    by_code.push_back(*number);
  }
  for (int64_t row = 0; row < rows_; ++row) numbers_.push_back(by_code[code(row)]);
  DropSpellings();
  plan_.format = format;
  storage_ = Storage::kNumbers;
  return true;
}

void Column::DropSpellings() {
  spellings_ = {};
  bytes_ = {};
  shorts_ = {};
  codes_ = {};
}

void Column::AppendNumber(std::string_view field) {
  const double number = plan_.format == NumberFormat::kPlain ? ShortNumber(field) : kGap;
  if (std::isnan(number) || next_plan_) return AppendLongNumber(field);
  numbers_.push_back(number);
}

// Or a gap, or what is none.
void Column::AppendLongNumber(std::string_view field) {
  if (next_plan_) return;
  const std::optional<double> number = NumberOrGap(plan_.format, field);
  if (number) {
    numbers_.push_back(*number);
    return;
  }
  next_plan_ = plan_;
  if (next_plan_->misfit_row < 0) {
    next_plan_->misfit_row = rows_ - 1;
    next_plan_->misfit = std::string(field);
  }
  numbers_ = {};
  // A later format may read this field and all before it: 1, 2, 3, ... and then 4,5.
  next_plan_->keep = ColumnPlan::Keep::kSpellings;
  const auto& formats = FormatsInOrder(plan_.commas_between_columns);
  const auto later = std::find_if(std::find(formats.begin(), formats.end(), plan_.format) + 1, formats.end(),
                                  [&](NumberFormat format) { return ReadNumber(format, field).has_value(); });
  if (later == formats.end()) return;
  next_plan_->keep = ColumnPlan::Keep::kNumbers;
  next_plan_->format = *later;
}

std::optional<ColumnPlan> Column::NextPlan() const { return next_plan_; }

std::string Column::Field(int64_t row) const {
  if (storage_ == Storage::kNothing) return "";
  if (storage_ == Storage::kSpellings) return std::string(spellings_[code(row)]);
  return std::isnan(number(row)) ? "" : NumberText(number(row));
}

std::vector<std::string> Column::Fields() const {
  std::vector<std::string> fields;
  for (int64_t row = 0; row < rows_; ++row) fields.push_back(Field(row));
  return fields;
}

}  // namespace minnow::data
