// Jobs and workers as JSON, for scripts and pages.
#ifndef MINNOW_COMMON_REPORT_RESOURCE_JSON_H_
#define MINNOW_COMMON_REPORT_RESOURCE_JSON_H_

#include <optional>
#include <vector>

#include "common/report/output.h"
#include "common/results.h"

namespace minnow {

// What the test part said of the answer; absent without an answer, and when the test part said nothing.
std::optional<bool> Confirmed(const JobRecord& job);

// One of `minnow jobs --json`.
Json JobJson(const JobSummary& job);

// `minnow workers --json`.
Json WorkersJson(const std::vector<WorkerSummary>& workers);

}  // namespace minnow

#endif  // MINNOW_COMMON_REPORT_RESOURCE_JSON_H_
