// Reading results: what `jobs`, `show`, `answer`, `trials`, `replay` and `query` print. Every reader has its own
// read-only connection and never disturbs the coordinator; the file may be in use by another process, or by other
// threads of this one. Files of earlier schemas are read as they are.
#ifndef MINNOW_SERVER_STORAGE_QUERIES_H_
#define MINNOW_SERVER_STORAGE_QUERIES_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/results.h"

namespace minnow::storage {

// NotFound when there is no such file, FailedPrecondition when it is not a Minnow database or of a newer schema.
// What has read for `max_seconds`, where they are given, ends with ResourceExhausted; a query has limits of its own.
absl::StatusOr<std::unique_ptr<Results>> OpenResults(const std::string& path,
                                                     std::optional<double> max_seconds = std::nullopt);

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_QUERIES_H_
