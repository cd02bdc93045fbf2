#include <string>

#include "common/data/dataset.h"
#include "tests/fuzz/targets.h"

namespace minnow::fuzz {

void Dataset(std::string_view bytes) {
  const absl::StatusOr<data::TrainingData> training = data::DecodeTrainingData(std::string(bytes));
  if (training.ok()) {
    Require(data::EncodeTrainingData(*training) == bytes, "training data have one encoding");
    Require(training->train.inputs == training->validation.inputs, "both parts have the same inputs");
    Require(training->outputs() > 0, "there is something to learn");
  }
  const absl::StatusOr<data::Part> part = data::DecodePart(std::string(bytes));
  if (part.ok()) Require(data::EncodePart(*part) == bytes, "a part has one encoding");
  Require(!(training.ok() && part.ok()), "a part is no training data");
}

}  // namespace minnow::fuzz
