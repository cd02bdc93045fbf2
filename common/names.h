// The names of enumerators: one table for each enumeration, from which both directions are read.
#ifndef MINNOW_COMMON_NAMES_H_
#define MINNOW_COMMON_NAMES_H_

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace minnow {

template <typename Enum>
struct Named {
  Enum value;
  std::string_view name;
};

template <typename Enum, size_t kCount>
using NameTable = std::array<Named<Enum>, kCount>;

// The known name that `text` most likely stands for, or "": the one it begins (in either case of letters), else the one
// fewest single-letter edits away, at most two.
std::string_view NearestName(std::string_view text, const std::vector<std::string_view>& known);

// "unknown metric "acuracy"; did you mean "accuracy"? Known: accuracy, auc, ..."
std::string UnknownName(std::string_view what, std::string_view text, const std::vector<std::string_view>& known);

// The name of `value`; "unknown" for a number that is no enumerator.
template <typename Enum, size_t kCount>
std::string_view NameIn(const NameTable<Enum, kCount>& table, Enum value) {
  for (const Named<Enum>& entry : table) {
    if (entry.value == value) return entry.name;
  }
  return "unknown";
}

// The enumerator called `text`. InvalidArgument calls the enumeration `what`, names `text` and lists the known names.
template <typename Enum, size_t kCount>
absl::StatusOr<Enum> ParseIn(const NameTable<Enum, kCount>& table, std::string_view what, std::string_view text) {
  std::vector<std::string_view> known;
  for (const Named<Enum>& entry : table) {
    if (entry.name == text) return entry.value;
    known.push_back(entry.name);
  }
  return absl::InvalidArgumentError(UnknownName(what, text, known));
}

}  // namespace minnow

#endif  // MINNOW_COMMON_NAMES_H_
