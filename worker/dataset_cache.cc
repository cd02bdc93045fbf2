#include "worker/dataset_cache.h"

#include <utility>

#include "common/sha256.h"

namespace minnow::worker {

absl::StatusOr<std::shared_ptr<const data::TrainingData>> DatasetCache::Training(const std::string& sha256) {
  std::lock_guard lock(mutex_);
  if (const auto known = training_.find(sha256); known != training_.end()) return known->second;
  absl::StatusOr<std::string> bytes = Fetch(sha256);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<data::TrainingData> decoded = data::DecodeTrainingData(*bytes);
  if (!decoded.ok()) return decoded.status();
  return training_[sha256] = std::make_shared<const data::TrainingData>(*std::move(decoded));
}

absl::StatusOr<std::shared_ptr<const data::Part>> DatasetCache::Test(const std::string& sha256) {
  std::lock_guard lock(mutex_);
  if (const auto known = test_.find(sha256); known != test_.end()) return known->second;
  absl::StatusOr<std::string> bytes = Fetch(sha256);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<data::Part> decoded = data::DecodePart(*bytes);
  if (!decoded.ok()) return decoded.status();
  return test_[sha256] = std::make_shared<const data::Part>(*std::move(decoded));
}

absl::StatusOr<std::string> DatasetCache::Fetch(const std::string& sha256) {
  absl::StatusOr<std::string> bytes = client_->Dataset(sha256);
  if (bytes.ok() && Sha256Hex(*bytes) != sha256) {
    return absl::DataLossError("data set " + sha256 + " arrived with other bytes than its name says");
  }
  return bytes;
}

}  // namespace minnow::worker
