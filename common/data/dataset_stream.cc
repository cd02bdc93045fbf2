#include "common/data/dataset_stream.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "common/data/dataset_format.h"

namespace minnow::data {
namespace {

constexpr size_t kNumberBytes = 4;  // of each, whatever its sort

template <class Number>
std::vector<Number> NumbersOf(std::string_view bytes) {
  static_assert(sizeof(Number) == kNumberBytes);
  std::vector<Number> numbers(bytes.size() / kNumberBytes);
  if (!numbers.empty()) std::memcpy(numbers.data(), bytes.data(), numbers.size() * kNumberBytes);
  return numbers;
}

template <class Number>
void Append(std::vector<Number>& all, const std::vector<Number>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

DatasetStream::DatasetStream(int64_t size, Keep keep) : size_(size), keep_(keep) {}
DatasetStream::~DatasetStream() = default;

void DatasetStream::Take(std::string_view part) {
  taken_ += static_cast<int64_t>(part.size());
  if (!status_.ok()) return;
  pending_ += part;
  if (!header_) status_ = TakeHeader();
  if (header_ && status_.ok()) status_ = TakeNumbers();
}

absl::StatusOr<DatasetOutline> DatasetStream::End() {
  if (status_.ok() && !header_) status_ = DecodeHeader(pending_, pending_.size(), std::nullopt).status();
  if (!status_.ok()) return status_;
  // The header asks for `size_` bytes, or it would have been refused.
  if (taken_ == size_) return std::move(outline_);
  return absl::InvalidArgumentError("prepared data: " + std::to_string(taken_) + " of " + std::to_string(size_) +
                                    " bytes came");
}

absl::Status DatasetStream::TakeHeader() {
  if (pending_.size() < kHeaderBytes) return absl::OkStatus();
  absl::StatusOr<Header> header = DecodeHeader(pending_, static_cast<uint64_t>(size_), std::nullopt);
  if (!header.ok()) return header.status();
  pending_.erase(0, kHeaderBytes);
  header_ = std::make_unique<Header>(*std::move(header));
  const auto [first, second] = header_->rows;
  const auto inputs = static_cast<uint64_t>(header_->empty.inputs);
  outline_ = {.training = header_->kind == kTrainingData,
              .inputs = header_->empty.inputs,
              .first_rows = static_cast<int>(first),
              .rows = static_cast<int>(first + second),
              .targets = header_->empty.targets};
  const bool keeps = keep_ == Keep::kTargets;
  runs_ = {Run{.left = first * inputs},
           {.targets = true, .kept = keeps && !outline_.training, .left = first},
           Run{.left = second * inputs},
           {.targets = true, .kept = keeps && outline_.training, .left = second}};
  return absl::OkStatus();
}

absl::Status DatasetStream::TakeNumbers() {
  size_t taken = 0;
  for (; run_ < runs_.size(); ++run_) {
    Run& run = runs_[run_];
    const uint64_t count = std::min<uint64_t>((pending_.size() - taken) / kNumberBytes, run.left);
    const std::string_view bytes = std::string_view(pending_).substr(taken, count * kNumberBytes);
    if (absl::Status status = TakeNumbers(run, bytes); !status.ok()) return status;
    taken += bytes.size();
    run.left -= count;
    if (run.left > 0) break;
  }
  pending_.erase(0, taken);
  return absl::OkStatus();
}

absl::Status DatasetStream::TakeNumbers(const Run& run, std::string_view bytes) {
  Targets& targets = outline_.targets;
  if (run.targets && targets.task == Task::kClassification) {
    const std::vector<int32_t> labels = NumbersOf<int32_t>(bytes);
    if (run.kept) Append(targets.labels, labels);
    return CheckLabels(labels, targets.classes);
  }
  const std::vector<float> numbers = NumbersOf<float>(bytes);
  if (run.kept) Append(targets.values, numbers);
  return CheckNumbers(numbers);
}

}  // namespace minnow::data
