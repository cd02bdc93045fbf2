// What the text of a flag means. Every error begins with the flag and names the value at fault and the fix.
#ifndef MINNOW_COMMON_CLI_VALUES_H_
#define MINNOW_COMMON_CLI_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/text.h"

namespace minnow {

// InvalidArgument: `--flag: problem`.
absl::Status FlagError(std::string_view flag, std::string_view problem);

// A whole number from `least` to `most`, with nothing behind it.
absl::StatusOr<int64_t> WholeNumber(std::string_view flag, std::string_view text, int64_t least, int64_t most);
absl::StatusOr<int> SmallNumber(std::string_view flag, std::string_view text, int least, int most);
// 0 to 2^64 - 1.
absl::StatusOr<uint64_t> SeedNumber(std::string_view flag, std::string_view text);
// A finite number.
absl::StatusOr<double> RealNumber(std::string_view flag, std::string_view text);

// With the letters a to z as capitals.
std::string UpperCase(std::string_view text);

// Ok when `file` can be the value of --db.
absl::Status CheckDatabaseName(std::string_view file);

// The value of --threads: 1 to kMaxWorkerThreads, one for each core when absent.
absl::StatusOr<int> ReadThreads(const std::optional<std::string>& text);

// A range "0..2", one number "2", or the numbers of a range one by one "0,1,2".
struct LayerRange {
  int first = 0;
  int last = 0;

  bool operator==(const LayerRange&) const = default;
};
absl::StatusOr<LayerRange> ParseLayers(std::string_view flag, std::string_view text);

// The result of a parser that does not know the flag, with the flag in front of its error.
template <class Value>
absl::StatusOr<Value> ForFlag(std::string_view flag, absl::StatusOr<Value> parsed) {
  if (!parsed.ok()) return FlagError(flag, std::string(parsed.status().message()));
  return parsed;
}

// Values separated by commas, each read by `parse`; blanks around them do not count. An empty one is an error, and one
// that is there twice.
template <class Value, class Parse>
absl::StatusOr<std::vector<Value>> ListOf(std::string_view flag, std::string_view text, Parse parse) {
  std::vector<Value> values;
  for (std::string_view part : Split(text, ',')) {
    part = Trim(part);
    if (part.empty()) {
      return FlagError(flag, "\"" + std::string(text) + "\" has an empty entry; separate the values by single commas");
    }
    absl::StatusOr<Value> value = parse(part);
    if (!value.ok()) return value.status();
    for (const Value& other : values) {
      if (other == *value) return FlagError(flag, std::string(part) + " is there twice; give each value once");
    }
    values.push_back(*value);
  }
  return values;
}

}  // namespace minnow

#endif  // MINNOW_COMMON_CLI_VALUES_H_
