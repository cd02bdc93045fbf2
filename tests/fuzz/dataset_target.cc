#include <string>

#include "common/data/dataset.h"
#include "common/data/dataset_stream.h"
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
  data::DatasetStream stream(static_cast<int64_t>(bytes.size()), data::DatasetStream::Keep::kTargets);
  const size_t middle = bytes.size() / 3;
  stream.Take(bytes.substr(0, middle));
  stream.Take(bytes.substr(middle));
  const absl::StatusOr<data::DatasetOutline> outline = stream.End();
  Require(outline.ok() == (training.ok() || part.ok()), "a stream takes what a decoder takes");
  if (!outline.ok()) return;
  const Targets& targets = training.ok() ? training->validation.targets : part->targets;
  Require(outline->targets.labels == targets.labels && outline->targets.values == targets.values, "and keeps targets");
}

}  // namespace minnow::fuzz
