// Search flags from a YAML file: a map from names (with `_` for `-`) to a value or a list of values.
#ifndef MINNOW_CLIENT_SPEC_FILE_H_
#define MINNOW_CLIENT_SPEC_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace minnow::client {

inline constexpr size_t kMaxSpecBytes = size_t{1} << 20;

// One entry, as the command line would have it: --flag value.
struct SpecEntry {
  std::string flag;   // "learning-rate"
  std::string value;  // "0.01,0.05"
  int line = 0;       // in the file, from 1
};

// A flag that the file may name.
struct SpecName {
  std::string_view flag;
  bool list = false;  // takes several values
};

// Parses the text of `file` (its name, for messages). InvalidArgument names file and line: text that is not YAML or not
// a map, an unknown name (with the nearest known one), a name given twice, an empty value, a value of the wrong kind.
absl::StatusOr<std::vector<SpecEntry>> ParseSpec(const std::string& file, const std::string& text,
                                                 const std::vector<SpecName>& known);

// Reads the file and parses it. NotFound, PermissionDenied or InvalidArgument when that cannot be done.
absl::StatusOr<std::vector<SpecEntry>> ReadSpecFile(const std::string& file, const std::vector<SpecName>& known);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_SPEC_FILE_H_
