// Whole numbers out of JSON that somebody else may have written: the JSON library itself cuts those that do not fit.
#ifndef MINNOW_COMMON_JSON_NUMBERS_H_
#define MINNOW_COMMON_JSON_NUMBERS_H_

#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace minnow {

// Throws std::out_of_range unless `json` is a whole number that `Number` can hold; 3.0 is none.
template <std::integral Number, class Json>
Number WholeNumber(const Json& json) {
  if (json.is_number_unsigned()) {
    if (const auto number = json.template get<uint64_t>(); std::in_range<Number>(number)) {
      return static_cast<Number>(number);
    }
  } else if (json.is_number_integer()) {
    if (const auto number = json.template get<int64_t>(); std::in_range<Number>(number)) {
      return static_cast<Number>(number);
    }
  }
  throw std::out_of_range(json.is_number() ? json.dump() + " is not a whole number in range"
                                           : "a whole number is needed");
}

// The same for a list.
template <std::integral Number, class Json>
std::vector<Number> WholeNumbers(const Json& json) {
  if (!json.is_array()) throw std::out_of_range("a list of whole numbers is needed");
  std::vector<Number> numbers;
  for (const Json& number : json) numbers.push_back(WholeNumber<Number>(number));
  return numbers;
}

}  // namespace minnow

#endif  // MINNOW_COMMON_JSON_NUMBERS_H_
