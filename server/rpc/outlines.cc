#include "server/rpc/outlines.h"

#include <optional>
#include <utility>

namespace minnow::rpc {
namespace {

int64_t BytesOf(const data::DatasetOutline& outline) {
  const Targets& targets = outline.targets;
  return static_cast<int64_t>(sizeof(outline) + targets.labels.size() * sizeof(targets.labels[0]) +
                              targets.values.size() * sizeof(targets.values[0]));
}

absl::StatusOr<data::DatasetOutline> ReadOutline(Results& results, const std::string& sha256) {
  absl::StatusOr<DatasetPart> part = results.PartOfDataset(sha256, /*offset=*/0);
  int64_t taken = 0;
  std::optional<data::DatasetStream> stream;
  while (part.ok() && !part->bytes.empty()) {
    if (!stream) stream.emplace(part->size, data::DatasetStream::Keep::kTargets);
    stream->Take(part->bytes);
    taken += static_cast<int64_t>(part->bytes.size());
    part = results.PartOfDataset(sha256, taken);
  }
  if (!part.ok()) return part.status();
  if (!stream) return absl::DataLossError("the data set " + sha256 + " has no bytes");
  return stream->End();
}

}  // namespace

absl::StatusOr<Outlines::Outline> Outlines::Of(Results& results, const std::string& sha256) {
  if (const absl::StatusOr<int64_t> size = results.SizeOfDataset(sha256); !size.ok()) return size.status();
  if (Outline known = Find(sha256)) return known;
  absl::StatusOr<data::DatasetOutline> read = ReadOutline(results, sha256);
  if (!read.ok()) return read.status();
  auto outline = std::make_shared<const data::DatasetOutline>(*std::move(read));
  Keep(sha256, outline);
  return outline;
}

Outlines::Outline Outlines::Find(const std::string& sha256) {
  std::lock_guard lock(mutex_);
  const auto found = by_hash_.find(sha256);
  if (found == by_hash_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, found->second);
  return found->second->outline;
}

void Outlines::Keep(const std::string& sha256, const Outline& outline) {
  const int64_t size = BytesOf(*outline);
  std::lock_guard lock(mutex_);
  if (size > most_bytes_ || by_hash_.contains(sha256)) return;
  kept_.push_front({sha256, outline});
  by_hash_[sha256] = kept_.begin();
  bytes_ += size;
  while (bytes_ > most_bytes_) {
    bytes_ -= BytesOf(*kept_.back().outline);
    by_hash_.erase(kept_.back().sha256);
    kept_.pop_back();
  }
}

}  // namespace minnow::rpc
