#include "worker/dataset_cache.h"

#include <exception>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "common/sha256.h"
#include "worker/data_file.h"

namespace minnow::worker {
namespace {

// The file with the bytes of this name, mapped, when it is there and whole.
std::optional<SharedBytes> MapIntact(const std::string& path, const std::string& sha256) {
  std::optional<SharedBytes> bytes = MapFile(path);
  if (bytes && Sha256Hex(bytes->view()) != sha256) bytes.reset();
  return bytes;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const data::TrainingData>> DatasetCache::Training(const std::string& sha256) {
  absl::StatusOr<Dataset> dataset = Get({Kind::kTraining, sha256});
  if (!dataset.ok()) return dataset.status();
  return std::shared_ptr<const data::TrainingData>(*dataset, &std::get<data::TrainingData>(**dataset));
}

absl::StatusOr<std::shared_ptr<const data::Part>> DatasetCache::Test(const std::string& sha256) {
  absl::StatusOr<Dataset> dataset = Get({Kind::kTest, sha256});
  if (!dataset.ok()) return dataset.status();
  return std::shared_ptr<const data::Part>(*dataset, &std::get<data::Part>(**dataset));
}

absl::StatusOr<DatasetCache::Dataset> DatasetCache::Get(const Key& key) {
  std::unique_lock lock(mutex_);
  loaded_.wait(lock, [&] { return !loading_.contains(key); });
  if (Dataset known = Known(key)) return known;
  loading_.insert(key);
  lock.unlock();
  absl::StatusOr<Dataset> dataset = absl::UnknownError("not loaded");
  try {
    dataset = Load(key);
  } catch (const std::exception& error) {  // no memory: the next one may have better luck, and must not wait for this
    dataset = absl::ResourceExhaustedError(error.what());
  }
  lock.lock();
  loading_.erase(key);
  if (dataset.ok()) known_.emplace_front(key, *dataset);
  if (known_.size() > kMaxCachedDatasets) known_.pop_back();
  loaded_.notify_all();
  return dataset;
}

DatasetCache::Dataset DatasetCache::Known(const Key& key) {
  for (auto entry = known_.begin(); entry != known_.end(); ++entry) {
    if (entry->first != key) continue;
    known_.splice(known_.begin(), known_, entry);
    return known_.front().second;
  }
  return nullptr;
}

absl::StatusOr<DatasetCache::Dataset> DatasetCache::Load(const Key& key) const {
  const absl::StatusOr<SharedBytes> bytes = Bytes(key);
  if (!bytes.ok()) return bytes.status();
  if (key.first == Kind::kTest) {
    absl::StatusOr<data::Part> part = data::DecodePart(*bytes);
    if (!part.ok()) return part.status();
    return std::make_shared<const std::variant<data::TrainingData, data::Part>>(*std::move(part));
  }
  absl::StatusOr<data::TrainingData> training = data::DecodeTrainingData(*bytes);
  if (!training.ok()) return training.status();
  return std::make_shared<const std::variant<data::TrainingData, data::Part>>(*std::move(training));
}

// The bytes that have the name of the key, mapped.
absl::StatusOr<SharedBytes> DatasetCache::Bytes(const Key& key) const {
  const auto& [kind, sha256] = key;
  const bool on_disk = kind == Kind::kTraining && !folder_.empty();
  const std::string path = on_disk ? folder_ + "/" + sha256 + ".data" : "";
  if (std::optional<SharedBytes> kept = MapIntact(path, sha256)) return *std::move(kept);
  std::error_code ignored;
  if (on_disk) std::filesystem::remove(path, ignored);  // damaged, if it is there
  DataFile file(path);
  const absl::Status fetched =
      fetch_(sha256, [&](int64_t offset, std::string_view part) { return file.Write(offset, part); });
  if (!fetched.ok()) return fetched;
  absl::StatusOr<SharedBytes> bytes = file.Map();
  if (!bytes.ok()) return bytes.status();
  if (Sha256Hex(bytes->view()) != sha256) {
    return absl::DataLossError("data set " + sha256 + " arrived with other bytes than its name says");
  }
  if (file.Keep()) return bytes;
  *bytes = {};  // a process has no need of two mappings
  if (std::optional<SharedBytes> of_another_worker = MapIntact(path, sha256)) return *std::move(of_another_worker);
  return file.Map();
}

}  // namespace minnow::worker
