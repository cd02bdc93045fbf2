// The mutations that clients asked for under a request id, so that one that is sent again is not done again.
#ifndef MINNOW_SERVER_CORE_REQUEST_LOG_H_
#define MINNOW_SERVER_CORE_REQUEST_LOG_H_

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/core/store.h"

namespace minnow::core {

inline constexpr size_t kMaxRequests = 10'000;  // that are remembered; the oldest are forgotten first

// InvalidArgument unless the id has 1 to 64 letters, digits, '-' and '_'.
absl::Status CheckRequestId(const std::string& id);

// InvalidArgument: `done` is not what is asked for under its id now.
absl::Status UsedOtherwise(const RequestRecord& done);

class RequestLog {
 public:
  // `records` in the order of time.
  explicit RequestLog(std::vector<RequestRecord> records);

  // The request that was done under `id`, if any. InvalidArgument when it was another action, or for another job where
  // `job` is known, or when the id makes no sense. An empty id stands for none.
  absl::StatusOr<std::optional<RequestRecord>> Find(const std::string& id, const std::string& action,
                                                    std::optional<int64_t> job) const;

  // Remembers a request whose id is new. Returns the ids that are forgotten for it.
  std::vector<std::string> Add(RequestRecord record);

 private:
  std::map<std::string, RequestRecord> by_id_;
  std::deque<std::string> in_order_;
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_REQUEST_LOG_H_
