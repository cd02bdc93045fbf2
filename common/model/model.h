// A trained network that takes raw rows: how columns become inputs, the weights, and where they come from.
#ifndef MINNOW_COMMON_MODEL_MODEL_H_
#define MINNOW_COMMON_MODEL_MODEL_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/data/prepare.h"
#include "common/recipe.h"
#include "common/shape.h"
#include "common/threshold.h"
#include "common/trial.h"

namespace minnow::model {

inline constexpr int64_t kMaxModelBytes = int64_t{2} << 30;  // of a file: the largest network takes less

// Where a network comes from, and what is recorded of it.
struct Provenance {
  std::string job;        // "jobs/7"
  std::string job_name;   // as its owner calls it; may be empty
  std::string trial;      // "jobs/7/trials/203"
  std::string data_file;  // as the person named it
  Metric metric = Metric::kAccuracy;
  std::optional<double> threshold;  // what was good enough, where that was known
  Recipe recipe;                    // its activation is that of the network
  int64_t seed = 1;
  int epoch = 0;  // whose weights these are
  double validation_score = 0;
  std::optional<double> test_score;  // where the test part was opened for this network
  int rows_train = 0;
  int rows_validation = 0;
  int rows_test = 0;
  int numerics_version = kNumericsVersion;
  std::string weights_sha256;  // as TrialResult::weights_sha256
  std::string data_sha256;     // of the encoded TrainingData
  std::string test_sha256;     // of the encoded test part
};

struct Model {
  Provenance provenance;
  data::Preparation preparation;
  Shape shape;
  std::vector<float> weights;  // in the order of TrialResult::weights, all finite
};

// The model as JSON, one member a line; docs/models.md describes it. Every number reads back to the same bits.
std::string ModelToJson(const Model& model);

// InvalidArgument when the text is not what ModelToJson writes: damaged, of another version, changed by hand. What is
// accepted fits together: the network has the inputs and outputs of the preparation, all its weights, and their hash.
absl::StatusOr<Model> ModelFromJson(std::string_view text);

// What one row of raw outputs says: the probability of each class, or one number in the target's own units. Two classes
// have one output, the logit of the second.
std::vector<double> AnswerOf(const Model& model, std::span<const float> row_outputs);

// The weights of one layer, as they stand in Model::weights.
class Layer {
 public:
  Layer(const Model& model, int layer);

  int inputs() const { return inputs_; }
  int units() const { return units_; }
  std::span<const float> weights(int unit) const { return numbers_.subspan(Start(unit), static_cast<size_t>(inputs_)); }
  float bias(int unit) const { return numbers_[Start(unit) + static_cast<size_t>(inputs_)]; }

 private:
  size_t Start(int unit) const { return static_cast<size_t>(unit) * static_cast<size_t>(inputs_ + 1); }

  int inputs_;
  int units_;
  std::span<const float> numbers_;
};

}  // namespace minnow::model

#endif  // MINNOW_COMMON_MODEL_MODEL_H_
