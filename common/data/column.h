// One column of a table: every field, in memory that does not grow with the text of the file.
#ifndef MINNOW_COMMON_DATA_COLUMN_H_
#define MINNOW_COMMON_DATA_COLUMN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/data/blocks.h"
#include "common/data/number_blocks.h"
#include "common/data/number_format.h"
#include "common/data/spellings.h"

namespace minnow::data {

// So many different fields are kept as they are spelled; with more, a column all of whose fields are numbers of one
// format is kept as numbers. Above kMaxClasses, so that classes have names.
inline constexpr size_t kFewSpellings = 1024;

// A column with more different texts, or with more bytes of them, says nothing that a network could learn from: its
// fields are not kept.
inline constexpr size_t kMaxSpellings = size_t{1} << 20;
inline constexpr size_t kMaxSpellingBytes = size_t{256} << 20;

// What a first reading of the file found out about a column, for the next.
struct ColumnPlan {
  enum class Keep { kWhatFits, kNumbers, kSpellings };
  Keep keep = Keep::kWhatFits;
  NumberFormat format = NumberFormat::kPlain;  // kNumbers
  bool commas_between_columns = true;          // as FormatsInOrder has it
  std::optional<NumberFormat> expected;        // kWhatFits: the first format to be tried
  // The first field that is not a number as those before it are: where, and what it holds.
  int64_t misfit_row = -1;
  std::string misfit;

  bool operator==(const ColumnPlan&) const = default;
};

// A gap is an empty field, and in kNumbers also a word such as NA.
class Column {
 public:
  // kSpellings: a code for each row (1, 2 or 4 bytes), and each different field once. kNumbers: a number for each row
  // (4 bytes, or 8 when it has many digits).
  // kNothing: more different texts than are kept.
  enum class Storage { kSpellings, kNumbers, kNothing };

  Column() = default;
  explicit Column(ColumnPlan plan);

  // Adds a field below the others. After a misfit the fields are counted, but not kept.
  void Append(std::string_view field);
  // Adds `rows` fields, of which each is `stride` behind the one before.
  void Append(const std::string_view* fields, size_t stride, size_t rows);

  // When a column of numbers meets a field that is none, what was spelled before is gone: the file must be read again
  // with this plan. The plans of one file come to an end: each asks for less.
  std::optional<ColumnPlan> NextPlan() const;
  const ColumnPlan& plan() const { return plan_; }

  int64_t rows() const { return rows_; }
  Storage storage() const { return storage_; }

  // kSpellings. Codes count from 0 in the order in which the spellings first occur.
  const Spellings& spellings() const { return spellings_; }
  uint32_t code(int64_t row) const {
    if (!bytes_.empty()) return bytes_[row];
    return shorts_.empty() ? codes_[row] : shorts_[row];
  }

  // kNumbers. NaN is a gap.
  NumberFormat format() const { return plan_.format; }
  double number(int64_t row) const { return numbers_[row]; }

  // The field as text; of kNumbers the shortest that reads as the number, of kNothing "".
  std::string Field(int64_t row) const;
  std::vector<std::string> Fields() const;

 private:
  void AppendCode(uint32_t code);
  void AppendNumber(std::string_view field);
  void AppendLongNumber(std::string_view field);
  void EndSpellings();
  bool TurnToNumbers();
  bool TurnToNumbers(NumberFormat format);
  void DropSpellings();

  ColumnPlan plan_;
  Storage storage_ = Storage::kSpellings;
  int64_t rows_ = 0;
  Spellings spellings_;
  Blocks<uint8_t> bytes_;    // codes, while they all fit
  Blocks<uint16_t> shorts_;  // later
  Blocks<uint32_t> codes_;   // and later still
  NumberBlocks numbers_;
  std::optional<ColumnPlan> next_plan_;
};

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_COLUMN_H_
