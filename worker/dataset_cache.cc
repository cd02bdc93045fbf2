#include "worker/dataset_cache.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "common/sha256.h"

namespace minnow::worker {
namespace {

// The file with the bytes of this name, when it is there and whole.
std::optional<std::string> ReadFile(const std::string& path, const std::string& sha256) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (Sha256Hex(bytes) != sha256) return std::nullopt;
  return bytes;
}

// A reader sees the whole file or none. When it cannot be written, the next start fetches again.
void WriteFile(const std::string& path, const std::string& bytes) {
  const std::string draft = path + "." + std::to_string(getpid());
  std::error_code ignored;
  std::ofstream file(draft, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (file) std::filesystem::rename(draft, path, ignored);
  std::filesystem::remove(draft, ignored);
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
  absl::StatusOr<Dataset> dataset = Load(key);
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
  const auto& [kind, sha256] = key;
  const bool on_disk = kind == Kind::kTraining && !folder_.empty();
  const std::string path = folder_ + "/" + sha256 + ".data";
  std::optional<std::string> kept = on_disk ? ReadFile(path, sha256) : std::nullopt;
  absl::StatusOr<std::string> bytes = kept ? absl::StatusOr<std::string>(*std::move(kept)) : FetchChecked(sha256);
  if (!bytes.ok()) return bytes.status();
  if (on_disk && !kept) WriteFile(path, *bytes);
  if (kind == Kind::kTest) {
    absl::StatusOr<data::Part> part = data::DecodePart(*bytes);
    if (!part.ok()) return part.status();
    return std::make_shared<const std::variant<data::TrainingData, data::Part>>(*std::move(part));
  }
  absl::StatusOr<data::TrainingData> training = data::DecodeTrainingData(*bytes);
  if (!training.ok()) return training.status();
  return std::make_shared<const std::variant<data::TrainingData, data::Part>>(*std::move(training));
}

absl::StatusOr<std::string> DatasetCache::FetchChecked(const std::string& sha256) const {
  absl::StatusOr<std::string> bytes = fetch_(sha256);
  if (bytes.ok() && Sha256Hex(*bytes) != sha256) {
    return absl::DataLossError("data set " + sha256 + " arrived with other bytes than its name says");
  }
  return bytes;
}

}  // namespace minnow::worker
