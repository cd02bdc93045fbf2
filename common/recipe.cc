#include "common/recipe.h"

#include "common/names.h"
#include "common/text.h"

namespace minnow {
namespace {

constexpr NameTable<Activation, 4> kActivations = {{{Activation::kRelu, "relu"},
                                                    {Activation::kTanh, "tanh"},
                                                    {Activation::kSigmoid, "sigmoid"},
                                                    {Activation::kLeakyRelu, "leaky_relu"}}};

constexpr NameTable<Optimizer, 2> kOptimizers = {{{Optimizer::kSgd, "sgd"}, {Optimizer::kAdam, "adam"}}};

constexpr NameTable<InitScheme, 8> kInitSchemes = {{{InitScheme::kZeros, "zeros"},
                                                    {InitScheme::kConstant, "constant"},
                                                    {InitScheme::kNormal, "normal"},
                                                    {InitScheme::kUniform, "uniform"},
                                                    {InitScheme::kXavier, "xavier"},
                                                    {InitScheme::kHe, "he"},
                                                    {InitScheme::kLecun, "lecun"},
                                                    {InitScheme::kOrthogonal, "orthogonal"}}};

}  // namespace

bool KeepsUnitsEqual(InitScheme init) { return init == InitScheme::kZeros || init == InitScheme::kConstant; }

std::string_view Name(Activation activation) { return NameIn(kActivations, activation); }
std::string_view Name(Optimizer optimizer) { return NameIn(kOptimizers, optimizer); }
std::string_view Name(InitScheme init) { return NameIn(kInitSchemes, init); }

absl::StatusOr<Activation> ParseActivation(std::string_view name) { return ParseIn(kActivations, "activation", name); }
absl::StatusOr<Optimizer> ParseOptimizer(std::string_view name) { return ParseIn(kOptimizers, "optimizer", name); }
absl::StatusOr<InitScheme> ParseInitScheme(std::string_view name) { return ParseIn(kInitSchemes, "init scheme", name); }

std::string RecipeText(const Recipe& recipe) {
  std::string text;
  text += Name(recipe.init);
  text += ' ';
  text += Name(recipe.activation);
  text += ' ';
  text += Name(recipe.optimizer);
  // Adding 0 turns -0 into 0: equal recipes have equal texts, hence equal trial keys.
  text += " lr " + NumberText(recipe.learning_rate + 0.0);
  text += " batch " + std::to_string(recipe.batch_size);
  text += " decay " + NumberText(recipe.weight_decay + 0.0);
  return text;
}

}  // namespace minnow
