// A model in the Open Neural Network Exchange format.
#ifndef MINNOW_COMMON_MODEL_ONNX_MODEL_H_
#define MINNOW_COMMON_MODEL_ONNX_MODEL_H_

#include <string>

#include "common/model/model.h"

namespace minnow::model {

// The bytes of an .onnx file (operator set 13, and ai.onnx.ml 2 for columns of text).
//
//   inputs    one for each raw column, named as the column: float or string (N, 1); a gap is NaN or "". Those that the
//             network does not use are there, and say so.
//   outputs   classification: `label` (N), int64 when all classes are whole numbers, else string, and `probabilities`
//             float (N, classes); regression: `prediction` float (N, 1), in the target's own units. Where a column has
//             that name, the output has a "_" behind it.
//
// Preparation is done in double precision, as Minnow does it; the network in float.
std::string OnnxModel(const Model& model);

}  // namespace minnow::model

#endif  // MINNOW_COMMON_MODEL_ONNX_MODEL_H_
