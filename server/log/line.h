// One log line, in logfmt: time, level, event, then fields as key=value.
//
//   2026-11-23T21:36:54.123Z info submitted job=jobs/1 text="157 shapes, 9 recipes"
//
// A value stands in quotes when it is empty or has a blank, a quote, a backslash, "=" or anything in it that is not
// printable text; there, quotes and backslashes follow a backslash, and control characters and bytes that are not UTF-8
// are written as \n, \r, \t or \x1b. So an event is one line whatever the values hold, and none of them can play tricks
// on a terminal.
#ifndef MINNOW_SERVER_LOG_LINE_H_
#define MINNOW_SERVER_LOG_LINE_H_

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace minnow::log {

enum class Level { kDebug, kInfo, kWarning, kError };

std::string_view Name(Level level);  // "debug", "info", "warning", "error"
absl::StatusOr<Level> ParseLevel(std::string_view name);

inline constexpr size_t kMaxValueBytes = 2000;  // of a value before quoting; longer ones are cut and end in "..."

struct Field {
  Field(std::string_view name, std::string_view text) : key(name), value(text) {}
  template <std::integral Number>
  Field(std::string_view name, Number number) : key(name), value(std::to_string(number)) {}

  std::string_view key;  // a literal
  std::string value;
};

// With the line end.
std::string LineOf(absl::Time time, Level level, std::string_view event, const std::vector<Field>& fields);

}  // namespace minnow::log

#endif  // MINNOW_SERVER_LOG_LINE_H_
