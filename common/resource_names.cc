#include "common/resource_names.h"

#include <optional>
#include <vector>

#include "common/text.h"

namespace minnow {
namespace {

// A number as names have it: digits alone, at least 1.
std::optional<int64_t> Number(std::string_view text) {
  const std::optional<int64_t> number = ParseInteger(text);
  if (!number || *number < 1) return std::nullopt;
  return number;
}

}  // namespace

std::string JobName(int64_t job) { return "jobs/" + std::to_string(job); }

std::string TrialNameText(int64_t job, int64_t trial) { return JobName(job) + "/trials/" + std::to_string(trial); }

absl::StatusOr<int64_t> ParseJobName(std::string_view text) {
  const std::optional<int64_t> job = Number(text.starts_with("jobs/") ? text.substr(5) : text);
  if (job) return *job;
  return absl::InvalidArgumentError(
      "\"" + std::string(text) + "\" is not the name of a job; write it as jobs/7 or 7 (\"minnow jobs\" lists them)");
}

absl::StatusOr<TrialName> ParseTrialName(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text, '/');
  if (parts.size() == 4 && parts[0] == "jobs" && parts[2] == "trials") {
    const std::optional<int64_t> job = Number(parts[1]);
    const std::optional<int64_t> trial = Number(parts[3]);
    if (job && trial) return TrialName{*job, *trial};
  }
  return absl::InvalidArgumentError(
      "\"" + std::string(text) +
      "\" is not the name of a trial; write it as jobs/1/trials/17 (\"minnow trials JOB\" lists them)");
}

}  // namespace minnow
