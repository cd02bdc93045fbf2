// The data sets that a worker has fetched, checked and decoded, shared by its threads.
#ifndef MINNOW_WORKER_DATASET_CACHE_H_
#define MINNOW_WORKER_DATASET_CACHE_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "common/data/dataset.h"
#include "common/shared_array.h"
#include "common/work.h"

namespace minnow::worker {

inline constexpr size_t kMaxCachedDatasets = 4;
inline constexpr int64_t kDefaultCacheBytes = int64_t{10} * 1000 * 1000 * 1000;  // of the folder

// Thread-safe. Keeps the kMaxCachedDatasets that were used last; what a thread holds stays alive beside them. Of each
// there is one copy in memory, which threads read where it is.
class DatasetCache {
 public:
  // Hands over the bytes of a data set by its SHA-256. Called by several threads at once, but not for the same data
  // set.
  using Fetch = std::function<absl::Status(const std::string& sha256, const DatasetSink& sink)>;

  // `folder`, when not empty, exists and keeps training data between starts, as SHA256.data, mapped and so shared by
  // all workers of the machine; a file there that is damaged is fetched again. Test parts are sealed and never written.
  // Beyond `max_folder_bytes` the files that were used least recently go, but for those that some worker has in use.
  explicit DatasetCache(Fetch fetch, std::string folder = "", int64_t max_folder_bytes = kDefaultCacheBytes)
      : fetch_(std::move(fetch)), folder_(std::move(folder)), max_folder_bytes_(max_folder_bytes) {}

  // Threads that want the same data set fetch it once; those that want another do not wait. DataLoss when the bytes do
  // not have the hash that names them.
  absl::StatusOr<std::shared_ptr<const data::TrainingData>> Training(const std::string& sha256);
  absl::StatusOr<std::shared_ptr<const data::Part>> Test(const std::string& sha256);

  // Nobody waits for a data set any more: what is being hashed is given up, and Cancelled.
  void Stop() { stopped_ = true; }

 private:
  enum class Kind { kTraining, kTest };
  using Key = std::pair<Kind, std::string>;
  using Dataset = std::shared_ptr<const std::variant<data::TrainingData, data::Part>>;

  absl::StatusOr<Dataset> Get(const Key& key);
  Dataset Known(const Key& key);  // null when it is not
  absl::StatusOr<Dataset> Load(const Key& key) const;
  absl::StatusOr<SharedBytes> Bytes(const Key& key) const;
  absl::StatusOr<SharedBytes> FetchBytes(const Key& key, const std::string& path) const;
  std::optional<SharedBytes> MapIntact(const std::string& path, const std::string& sha256) const;
  bool HasHash(const SharedBytes& bytes, const std::string& sha256) const;
  void TrimFolder() const;

  const Fetch fetch_;
  const std::string folder_;
  const int64_t max_folder_bytes_;
  std::atomic<bool> stopped_ = false;

  std::mutex mutex_;
  std::condition_variable loaded_;
  std::set<Key> loading_;                     // guarded by mutex_
  std::list<std::pair<Key, Dataset>> known_;  // the one used last in front; guarded by mutex_
};

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_DATASET_CACHE_H_
