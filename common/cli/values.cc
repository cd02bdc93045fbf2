#include "common/cli/values.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <thread>

#include "common/shape.h"
#include "common/spelling.h"

namespace minnow {

absl::Status FlagError(std::string_view flag, std::string_view problem) {
  return absl::InvalidArgumentError(fmt::format("--{}: {}", flag, problem));
}

absl::StatusOr<int64_t> WholeNumber(std::string_view flag, std::string_view text, int64_t least, int64_t most) {
  const std::optional<int64_t> number = ParseInteger(text);
  if (number && *number >= least && *number <= most) return *number;
  const std::string range = most == std::numeric_limits<int64_t>::max() ? fmt::format("of at least {}", least)
                                                                        : fmt::format("from {} to {}", least, most);
  return FlagError(flag, fmt::format("\"{}\" is not a whole number {}", text, range));
}

absl::StatusOr<int> SmallNumber(std::string_view flag, std::string_view text, int least, int most) {
  const absl::StatusOr<int64_t> number = WholeNumber(flag, text, least, most);
  if (!number.ok()) return number.status();
  return static_cast<int>(*number);
}

absl::StatusOr<uint64_t> SeedNumber(std::string_view flag, std::string_view text) {
  uint64_t seed = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seed);
  if (error == std::errc() && stop == end) return seed;
  return FlagError(flag, fmt::format("\"{}\" is not a seed; give a whole number from 0 to {}", text,
                                     std::numeric_limits<uint64_t>::max()));
}

absl::StatusOr<double> RealNumber(std::string_view flag, std::string_view text) {
  const std::optional<double> number = ParseNumber(text);
  if (number && std::isfinite(*number)) return *number;
  return FlagError(flag, fmt::format("\"{}\" is not a number; write it as 0.05 or 5e-2", text));
}

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

absl::Status CheckDatabaseName(std::string_view file) {
  if (file.empty()) return FlagError("db", "the file name is empty; name a file, or leave the flag out for minnow.db");
  if (file == ":memory:") {
    return FlagError("db", "\":memory:\" is no file, and there is no database in memory; name a file");
  }
  return absl::OkStatus();
}

absl::StatusOr<int> ReadThreads(const std::optional<std::string>& text) {
  if (text) return SmallNumber("threads", *text, 1, kMaxWorkerThreads);
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxWorkerThreads);
}

absl::StatusOr<LayerRange> ParseLayers(std::string_view flag, std::string_view text) {
  if (const size_t dots = text.find(".."); dots != std::string_view::npos) {
    const absl::StatusOr<int> first = SmallNumber(flag, Trim(text.substr(0, dots)), 0, kMaxHiddenLayers);
    if (!first.ok()) return first.status();
    const absl::StatusOr<int> last = SmallNumber(flag, Trim(text.substr(dots + 2)), 0, kMaxHiddenLayers);
    if (!last.ok()) return last.status();
    if (*first <= *last) return LayerRange{*first, *last};
    return FlagError(flag, fmt::format("\"{}\" runs downwards; write {}..{}", text, *last, *first));
  }
  const auto parse = [flag](std::string_view part) { return SmallNumber(flag, part, 0, kMaxHiddenLayers); };
  const absl::StatusOr<std::vector<int>> layers = ListOf<int>(flag, text, parse);
  if (!layers.ok()) return layers.status();
  for (size_t i = 1; i < layers->size(); ++i) {
    if ((*layers)[i] == (*layers)[i - 1] + 1) continue;
    return FlagError(flag,
                     fmt::format("\"{}\" leaves out or mixes numbers of layers; write a range such as 0..2", text));
  }
  return LayerRange{layers->front(), layers->back()};
}

}  // namespace minnow
