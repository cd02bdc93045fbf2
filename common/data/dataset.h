// The prepared matrix: what trials are trained on. Workers get it by content hash and never see CSV.
#ifndef MINNOW_COMMON_DATA_DATASET_H_
#define MINNOW_COMMON_DATA_DATASET_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/metrics.h"
#include "common/shared_array.h"

namespace minnow::data {

// The rows of one part: train, validation or test. A copy shares the inputs.
struct Part {
  int inputs = 0;
  SharedArray<float> x;  // (rows, inputs), row-major, standardised
  Targets targets;

  int rows() const { return targets.rows(); }
};

// What a worker trains on. The rows of `train` are permuted already; mini-batches are runs of consecutive rows.
struct TrainingData {
  Part train;
  Part validation;

  int inputs() const { return train.inputs; }
  int outputs() const { return OutputColumns(train.targets.task, train.targets.classes); }
};

// A flat, versioned, little-endian encoding; equal data give equal bytes, so SHA-256 of them is the data's name.
// The test part is a blob of its own: nobody who trains has it.
std::string EncodeTrainingData(const TrainingData& data);
std::string EncodePart(const Part& part);

// The inputs are not copied: they are those within `bytes`, which begin at an address that is a multiple of 4, as
// strings and mapped files do. InvalidArgument when the bytes are not what the encoder writes (truncated, wrong sizes,
// another version, labels out of range, numbers that are not finite). Never reads beyond the bytes, whatever they are.
absl::StatusOr<TrainingData> DecodeTrainingData(const SharedBytes& bytes);
absl::StatusOr<Part> DecodePart(const SharedBytes& bytes);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_DATASET_H_
