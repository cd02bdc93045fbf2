// A shape is the architecture of a multilayer perceptron: inputs, units of each hidden layer, outputs.
// It fixes the parameter count before anything is trained.
#ifndef MINNOW_COMMON_SHAPE_H_
#define MINNOW_COMMON_SHAPE_H_

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace minnow {

inline constexpr int kMaxHiddenLayers = 8;
inline constexpr int kMaxUnits = 1024;  // of one hidden layer

struct Shape {
  int inputs = 0;
  std::vector<int> hidden;  // units of each hidden layer, first layer first; empty: a linear model
  int outputs = 0;

  bool operator==(const Shape&) const = default;

  int layers() const { return static_cast<int>(hidden.size()) + 1; }  // layers with weights
  // Units on the input and on the output side of layer `layer`, 0 <= layer < layers().
  int fan_in(int layer) const { return layer == 0 ? inputs : hidden[layer - 1]; }
  int fan_out(int layer) const { return layer + 1 == layers() ? outputs : hidden[layer]; }
};

// Weights and biases: the sum of (fan_in + 1) * fan_out over the layers.
int64_t Parameters(const Shape& shape);

// Multiply-adds of one forward pass of one row: the sum of fan_in * fan_out over the layers.
int64_t MultiplyAdds(const Shape& shape);

// True when `outer` has the same depth as `inner` and no layer of it is narrower; a shape contains itself. Shapes with
// other inputs or outputs belong to another question: never.
bool Contains(const Shape& outer, const Shape& inner);

// The order in which shapes are listed: fewer parameters, then shallower, then narrower from the first layer on.
// Of two shapes with equal parameters neither is smaller; this order only breaks the tie for display.
bool ListedBefore(const Shape& a, const Shape& b);

// "[16,8]", and "[]" for a linear model: how hidden layers are written in output and in the database.
std::string HiddenText(const std::vector<int>& hidden);
// Reads it back; blanks beside the numbers are ignored. InvalidArgument names what is not a number of units, 1 to
// kMaxUnits, or more layers than kMaxHiddenLayers.
absl::StatusOr<std::vector<int>> ParseHidden(std::string_view text);

// "64-16-10".
std::string ShapeText(const Shape& shape);

}  // namespace minnow

#endif  // MINNOW_COMMON_SHAPE_H_
