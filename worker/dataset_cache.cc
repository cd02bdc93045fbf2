#include "worker/dataset_cache.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "common/sha256.h"
#include "worker/data_file.h"

namespace minnow::worker {
namespace {

namespace fs = std::filesystem;

constexpr size_t kHashedAtOnce = size_t{4} << 20;  // bytes, some milliseconds

absl::Status Stopped() { return absl::CancelledError("the worker stops"); }

struct CachedFile {
  fs::file_time_type used;
  int64_t size = 0;
  std::string path;

  auto operator<=>(const CachedFile&) const = default;
};

// The data sets in the folder, the one used least recently first. What a worker that was killed had begun to fetch is
// removed: nobody writes to a draft for so long and leaves it as it is.
std::vector<CachedFile> FilesIn(const std::string& folder) {
  constexpr std::chrono::hours kDraftIsLeft(1);
  std::vector<CachedFile> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string path = entry->path();
    if (path.find(".data") == std::string::npos) continue;
    std::error_code gone;
    const fs::file_time_type used = entry->last_write_time(gone);
    const auto size = static_cast<int64_t>(entry->file_size(gone));
    if (gone) continue;
    if (path.ends_with(".data")) {
      files.push_back({used, size, path});
    } else if (fs::file_time_type::clock::now() - used > kDraftIsLeft) {
      RemoveUnused(path);
    }
  }
  std::sort(files.begin(), files.end());
  return files;
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
  if (stopped_) return Stopped();
  std::error_code ignored;
  if (on_disk) std::filesystem::remove(path, ignored);  // damaged, if it is there
  return FetchBytes(key, path);
}

// `path` is where they are kept, unless it is empty.
absl::StatusOr<SharedBytes> DatasetCache::FetchBytes(const Key& key, const std::string& path) const {
  const std::string& sha256 = key.second;
  DataFile file(path);
  const absl::Status fetched =
      fetch_(sha256, [&](int64_t offset, std::string_view part) { return file.Write(offset, part); });
  if (!fetched.ok()) return fetched;
  absl::StatusOr<SharedBytes> bytes = file.Map();
  if (!bytes.ok()) return bytes.status();
  if (!HasHash(*bytes, sha256)) {
    if (stopped_) return Stopped();
    return absl::DataLossError("data set " + sha256 + " arrived with other bytes than its name says");
  }
  const bool kept = file.Keep();
  if (path.empty()) return bytes;
  *bytes = {};  // a process has no need of two mappings
  std::optional<SharedBytes> in_use = kept ? MapFile(path) : std::nullopt;
  TrimFolder();
  if (in_use) return *std::move(in_use);
  if (std::optional<SharedBytes> of_another_worker = MapIntact(path, sha256)) return *std::move(of_another_worker);
  return file.Map();
}

// The file with the bytes of this name, mapped, when it is there and whole.
std::optional<SharedBytes> DatasetCache::MapIntact(const std::string& path, const std::string& sha256) const {
  std::optional<SharedBytes> bytes = MapFile(path);
  if (bytes && !HasHash(*bytes, sha256)) bytes.reset();
  std::error_code ignored;
  if (bytes) fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);  // when it was used last
  return bytes;
}

// False also when the cache was stopped before that was known.
bool DatasetCache::HasHash(const SharedBytes& bytes, const std::string& sha256) const {
  Sha256Stream hash;
  for (std::string_view rest = bytes.view(); !rest.empty();) {
    if (stopped_) return false;
    const std::string_view part = rest.substr(0, kHashedAtOnce);
    hash.Add(part);
    rest.remove_prefix(part.size());
  }
  return hash.Hex() == sha256;
}

void DatasetCache::TrimFolder() const {
  const std::vector<CachedFile> files = FilesIn(folder_);
  int64_t bytes = 0;
  for (const CachedFile& file : files) bytes += file.size;
  for (const CachedFile& file : files) {
    if (bytes <= max_folder_bytes_) return;
    if (RemoveUnused(file.path)) bytes -= file.size;
  }
}

}  // namespace minnow::worker
