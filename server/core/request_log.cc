#include "server/core/request_log.h"

#include <utility>

#include "common/spelling.h"

namespace minnow::core {

absl::Status CheckRequestId(const std::string& id) {
  if (IsRequestId(id)) return absl::OkStatus();
  return absl::InvalidArgumentError("the request_id '" + id.substr(0, kMaxRequestIdBytes) + "' is none: it has 1 to " +
                                    std::to_string(kMaxRequestIdBytes) + " letters, digits, '-' and '_'");
}

absl::Status UsedOtherwise(const RequestRecord& done) {
  return absl::InvalidArgumentError("the request_id " + done.id + " was used before, to " + done.action + " jobs/" +
                                    std::to_string(done.job) + ": draw a new one for each request");
}

RequestLog::RequestLog(std::vector<RequestRecord> records) {
  for (RequestRecord& record : records) Add(std::move(record));
}

absl::StatusOr<std::optional<RequestRecord>> RequestLog::Find(const std::string& id, const std::string& action,
                                                              std::optional<int64_t> job) const {
  if (id.empty()) return std::nullopt;
  if (absl::Status status = CheckRequestId(id); !status.ok()) return status;
  const auto known = by_id_.find(id);
  if (known == by_id_.end()) return std::nullopt;
  if (known->second.action != action || (job && *job != known->second.job)) return UsedOtherwise(known->second);
  return known->second;
}

std::vector<std::string> RequestLog::Add(RequestRecord record) {
  std::vector<std::string> forgotten;
  in_order_.push_back(record.id);
  by_id_.emplace(record.id, std::move(record));
  while (in_order_.size() > kMaxRequests) {
    by_id_.erase(in_order_.front());
    forgotten.push_back(std::move(in_order_.front()));
    in_order_.pop_front();
  }
  return forgotten;
}

}  // namespace minnow::core
