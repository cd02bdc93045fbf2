// A model as C99 source text.
#ifndef MINNOW_COMMON_MODEL_C_SOURCE_H_
#define MINNOW_COMMON_MODEL_C_SOURCE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/model/model.h"
#include "common/model/raw_row.h"

namespace minnow::model {

// A row whose answer is known, for the self-test of the source text.
struct KnownRow {
  std::vector<RawField> fields;  // one for each column of the preparation
  // What the network says of it: the probability of each class, or one number in the target's own units.
  std::vector<double> answer;
};

// One source file without allocation, which needs the headers math.h and string.h alone. It defines minnow_row (a
// member for each column that the network uses), minnow_prediction, and
//
//   void predict(const minnow_row *row, minnow_prediction *prediction);
//
// With MINNOW_DECLARATIONS defined it only declares them, and so is its own header. With MINNOW_SELF_TEST it has a main
// that predicts `rows` and ends with 0 when every answer is right. InvalidArgument for a category or a class that is
// longer than every compiler takes.
absl::StatusOr<std::string> CSource(const Model& model, const std::vector<KnownRow>& rows);

}  // namespace minnow::model

#endif  // MINNOW_COMMON_MODEL_C_SOURCE_H_
