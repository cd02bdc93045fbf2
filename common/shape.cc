#include "common/shape.h"

#include <optional>
#include <tuple>

#include "absl/status/status.h"
#include "common/text.h"

namespace minnow {
namespace {

absl::Status BadHidden(std::string_view text, const std::string& reason) {
  return absl::InvalidArgumentError("hidden layers \"" + std::string(text) + "\": " + reason);
}

}  // namespace

int64_t Parameters(const Shape& shape) {
  int64_t parameters = 0;
  for (int layer = 0; layer < shape.layers(); ++layer) {
    parameters += (int64_t{shape.fan_in(layer)} + 1) * shape.fan_out(layer);
  }
  return parameters;
}

int64_t MultiplyAdds(const Shape& shape) {
  int64_t multiply_adds = 0;
  for (int layer = 0; layer < shape.layers(); ++layer) {
    multiply_adds += int64_t{shape.fan_in(layer)} * shape.fan_out(layer);
  }
  return multiply_adds;
}

bool Contains(const Shape& outer, const Shape& inner) {
  if (outer.inputs != inner.inputs || outer.outputs != inner.outputs) return false;
  if (outer.hidden.size() != inner.hidden.size()) return false;
  for (size_t i = 0; i < outer.hidden.size(); ++i) {
    if (outer.hidden[i] < inner.hidden[i]) return false;
  }
  return true;
}

bool ListedBefore(const Shape& a, const Shape& b) {
  const int64_t a_size = Parameters(a);
  const int64_t b_size = Parameters(b);
  const int a_layers = a.layers();
  const int b_layers = b.layers();
  return std::tie(a_size, a_layers, a.hidden) < std::tie(b_size, b_layers, b.hidden);
}

std::string HiddenText(const std::vector<int>& hidden) {
  std::vector<std::string> units;
  for (int u : hidden) units.push_back(std::to_string(u));
  return "[" + Join(units, ",") + "]";
}

absl::StatusOr<std::vector<int>> ParseHidden(std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    return BadHidden(text, "write the units of each layer in square brackets, such as [16,8], or [] for none");
  }
  const std::string_view list = Trim(text.substr(1, text.size() - 2));
  std::vector<int> hidden;
  if (list.empty()) return hidden;
  for (std::string_view part : Split(list, ',')) {
    const std::optional<int64_t> units = ParseInteger(Trim(part));
    if (!units || *units < 1 || *units > kMaxUnits) {
      return BadHidden(
          text, "\"" + std::string(Trim(part)) + "\" is not a number of units from 1 to " + std::to_string(kMaxUnits));
    }
    hidden.push_back(static_cast<int>(*units));
  }
  if (hidden.size() > kMaxHiddenLayers) {
    return BadHidden(text, std::to_string(hidden.size()) + " hidden layers are more than the " +
                               std::to_string(kMaxHiddenLayers) + " that a shape can have");
  }
  return hidden;
}

std::string ShapeText(const Shape& shape) {
  std::string text = std::to_string(shape.inputs);
  for (int units : shape.hidden) text += "-" + std::to_string(units);
  return text + "-" + std::to_string(shape.outputs);
}

}  // namespace minnow
