// The names of jobs and trials: "jobs/7", "jobs/7/trials/203".
#ifndef MINNOW_COMMON_RESOURCE_NAMES_H_
#define MINNOW_COMMON_RESOURCE_NAMES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace minnow {

struct TrialName {
  int64_t job = 0;
  int64_t trial = 0;

  bool operator==(const TrialName&) const = default;
};

std::string JobName(int64_t job);
std::string TrialNameText(int64_t job, int64_t trial);

// Reads "jobs/7" or "7". InvalidArgument names the text and says how a job is named.
absl::StatusOr<int64_t> ParseJobName(std::string_view text);

// Reads "jobs/7/trials/203".
absl::StatusOr<TrialName> ParseTrialName(std::string_view text);

}  // namespace minnow

#endif  // MINNOW_COMMON_RESOURCE_NAMES_H_
