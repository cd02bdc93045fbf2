// What each input of a network is made of, and rows as they stood in the table before they were prepared. Whatever
// carries a preparation into another language goes by this list.
#ifndef MINNOW_COMMON_MODEL_RAW_ROW_H_
#define MINNOW_COMMON_MODEL_RAW_ROW_H_

#include <span>
#include <string>
#include <vector>

#include "common/data/prepare.h"

namespace minnow::model {

enum class InputKind {
  kNumber,    // the column's number, its fill where there is a gap
  kCategory,  // 1 where the field is that category, else 0
  kOther,     // 1 where the field is neither a gap nor a category of the column, else 0
  kGap,       // 1 where the field is a gap, else 0
};

// One input of the network: (value - mean) / scale in double precision, rounded to float.
struct NetworkInput {
  int column = 0;  // of Preparation::columns
  InputKind kind = InputKind::kNumber;
  int category = 0;  // of the column
  double mean = 0;
  double scale = 1;
};

// Those that are kept, in the order of the network.
std::vector<NetworkInput> NetworkInputs(const data::Preparation& preparation);

// True when the raw fields of the column are text, false when they are numbers.
bool TakesText(const data::ColumnPreparation& column);

// What a raw field of the column holds, for a person: "a number", "days since 1970-01-01", "text: female, male".
std::string FieldText(const data::ColumnPreparation& column);

// One field of a raw row. A gap is NaN, or the empty text.
struct RawField {
  double number = 0;
  std::string text;
};

// A row of fields, one for each column of the preparation, that becomes these inputs: the row of the table that was
// prepared, but for columns and categories without an input. Numbers have as few digits as that takes.
std::vector<RawField> RawRow(const data::Preparation& preparation, std::span<const float> inputs);

}  // namespace minnow::model

#endif  // MINNOW_COMMON_MODEL_RAW_ROW_H_
