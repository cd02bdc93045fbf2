// A recipe is what a candidate chooses beside its shape.
#ifndef MINNOW_COMMON_RECIPE_H_
#define MINNOW_COMMON_RECIPE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace minnow {

enum class Activation { kRelu, kTanh, kSigmoid, kLeakyRelu };
enum class Optimizer { kSgd, kAdam };
enum class InitScheme { kZeros, kConstant, kNormal, kUniform, kXavier, kHe, kLecun, kOrthogonal };

struct Recipe {
  InitScheme init = InitScheme::kHe;
  Activation activation = Activation::kRelu;
  Optimizer optimizer = Optimizer::kSgd;
  double learning_rate = 0.05;
  int batch_size = 32;
  double weight_decay = 0;

  bool operator==(const Recipe&) const = default;
};

// True for the schemes that start every unit of a layer alike (zeros, constant). Equal units receive equal
// gradients and stay equal, so a wider layer computes what one unit computes.
bool KeepsUnitsEqual(InitScheme init);

// The names of flags, output and database: "relu", "leaky_relu", "sgd", "he", ...
std::string_view Name(Activation activation);
std::string_view Name(Optimizer optimizer);
std::string_view Name(InitScheme init);

// InvalidArgument names the value and lists the known ones.
absl::StatusOr<Activation> ParseActivation(std::string_view name);
absl::StatusOr<Optimizer> ParseOptimizer(std::string_view name);
absl::StatusOr<InitScheme> ParseInitScheme(std::string_view name);

// "he relu sgd lr 0.05 batch 32 decay 0": one line that names the recipe, exact to the last digit.
std::string RecipeText(const Recipe& recipe);

}  // namespace minnow

#endif  // MINNOW_COMMON_RECIPE_H_
