// The data sets that a worker has fetched, decoded and checked, shared by its threads.
#ifndef MINNOW_WORKER_DATASET_CACHE_H_
#define MINNOW_WORKER_DATASET_CACHE_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "common/data/dataset.h"
#include "worker/coordinator_client.h"

namespace minnow::worker {

// Thread-safe.
class DatasetCache {
 public:
  // `client` must outlive the cache.
  explicit DatasetCache(CoordinatorClient* client) : client_(client) {}

  // Fetches a data set once. DataLoss when the bytes do not have the hash that names them.
  absl::StatusOr<std::shared_ptr<const data::TrainingData>> Training(const std::string& sha256);
  absl::StatusOr<std::shared_ptr<const data::Part>> Test(const std::string& sha256);

 private:
  absl::StatusOr<std::string> Fetch(const std::string& sha256);

  CoordinatorClient* client_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const data::TrainingData>> training_;  // guarded by mutex_
  std::map<std::string, std::shared_ptr<const data::Part>> test_;              // guarded by mutex_
};

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_DATASET_CACHE_H_
