// From a table of text to the prepared matrix, with every decision recorded so that raw rows can be prepared alike
// later.
#ifndef MINNOW_COMMON_DATA_PREPARE_H_
#define MINNOW_COMMON_DATA_PREPARE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/data/csv.h"
#include "common/data/dataset.h"
#include "common/data/number_format.h"
#include "common/data/split.h"
#include "common/threshold.h"

namespace minnow::data {

inline constexpr int kMaxInputs = 65'536;  // network inputs after coding
inline constexpr int kMaxClasses = 1'000;
inline constexpr int64_t kMaxMatrixNumbers = int64_t{1} << 30;  // rows times inputs of one part: 4 GiB

// A text column has an input for each of its kCategoryLimit most frequent values (in the training part; of equally
// frequent ones the first in sorted order), as far as they are in at least one of a thousand training rows, of which at
// most kCategoryRows are asked for; where none is, that is not asked for. All others share one input: "other".
inline constexpr int kCategoryLimit = 32;
inline constexpr int kCategoryRows = 10;

// A column of text whose values are all different, in at least so many rows, names the rows and is left out.
inline constexpr int kIdRows = 10;

struct PrepareOptions {
  std::string target;        // name of the target column
  std::optional<Task> task;  // guessed when absent
  SplitShares shares;
  std::optional<std::string> split_column;  // values "train", "validation", "test"
  uint64_t split_seed = 1;
};

// kConstant: no input of the column varies in the training part, so none is kept. kLeftOut: the column says nothing: it
// is empty in all rows, or its values only name the rows; it has no inputs.
enum class ColumnKind { kNumber, kCategory, kConstant, kLeftOut };

// How one raw column becomes network inputs. Inputs of a column stand together: the number or the one-hot categories,
// then "other", then the indicator of a gap. An input that is constant in the training part is dropped, and so is the
// first one of a boolean (no/yes, false/true and the like), which says the same as the second.
struct ColumnPreparation {
  std::string name;
  ColumnKind kind = ColumnKind::kNumber;
  int64_t gaps = 0;  // over all rows of the table: empty fields, and words such as NA among numbers
  NumberFormat format = NumberFormat::kPlain;  // number: how its fields are read
  double fill = 0;                             // number: the training part's median, put where a gap is
  std::vector<std::string> categories;         // category: values of the training part, sorted; one input each; another
                                               // value or a gap sets none of them
  bool other = false;  // category: one more input, 1 for a value that is not listed: when the training part has such
  bool gap_indicator = false;  // one more input, 1 where the field is a gap: when the training part has gaps
  // For every input of this column, before standardisation: (value - mean) / scale with the training part's statistics.
  struct Input {
    std::string name;  // "age", "sex=male", "sex is another", "age is missing"
    double mean = 0;
    double scale = 1;
    bool dropped = false;  // constant in the training part, or the first of a boolean
  };
  std::vector<Input> inputs;
};

// Everything needed to turn raw rows into inputs and outputs back into answers.
struct Preparation {
  Task task = Task::kClassification;
  std::string target;
  std::vector<ColumnPreparation> columns;  // in the order of the file, without target and split column
  std::vector<std::string> classes;        // classification: names, sorted (as numbers when all are); index = label
  std::vector<int64_t> class_rows;         // classification: rows of each class over all parts
  NumberFormat target_format = NumberFormat::kPlain;  // when its values are numbers: how they are read
  double target_mean = 0;                             // regression: of the training part
  double target_scale = 1;
  std::vector<std::string> notes;  // what was decided and a person should know, one sentence each

  int inputs() const;  // inputs that are not dropped
};

struct Prepared {
  Preparation preparation;
  TrainingData training;
  Part test;
};

// Prepares `table`. A column is a number when all its fields that are not gaps read as finite numbers in one format,
// else a category. The target is a class when it is text, or holds integers of at most 20 different values; else a
// number; `options.task` overrules. With `test_table` (same columns, in any order) its rows are the test part, and of
// the n rows of each class of `table`, round(train / (train + validation) n) train and the rest validate; it has no say
// in what a column is taken for. InvalidArgument names file, line, column, the value at fault and the fix: an unknown
// target (with the nearest name), a gap in the target, a target of one class, text in a regression target, a class with
// too few rows for the split or with none to train on, split_column values that are not the three, a test file whose
// columns differ, or with an unknown class, or with text in a column of numbers.
absl::StatusOr<Prepared> Prepare(const CsvTable& table, const CsvTable* test_table, const PrepareOptions& options);

// The inputs of all rows of `table`, (rows, preparation.inputs()) row-major, as Prepare would make them: for
// predictions, whose table is read with FormatsOf(preparation). Columns are found by name; others, such as the target,
// may be there or not. InvalidArgument names a column that is missing, and the line of text in a column of numbers.
absl::StatusOr<std::vector<float>> EncodeInputs(const Preparation& preparation, const CsvTable& table);

// How the numbers of a table are written that is to be prepared alike: for ReadOptions.
std::map<std::string, NumberFormat> FormatsOf(const Preparation& preparation);

// The preparation as JSON text, for the database and for exported models, and back.
std::string PreparationToJson(const Preparation& preparation);
absl::StatusOr<Preparation> PreparationFromJson(std::string_view json);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_PREPARE_H_
