#include "common/data/dataset.h"

#include <cassert>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "common/data/dataset_format.h"

namespace minnow::data {
namespace {

template <class Numbers>
void AppendNumbers(std::string& out, const Numbers& numbers) {
  const auto bytes = std::as_bytes(std::span(numbers.data(), numbers.size()));
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void AppendRows(std::string& out, const Part& part) {
  AppendNumbers(out, part.x);
  AppendNumbers(out, part.targets.labels);
  AppendNumbers(out, part.targets.values);
}

size_t RowBytes(const Part& part) { return 4 * (part.x.size() + static_cast<size_t>(part.rows())); }

// The bytes behind the header, part by part.
class RowReader {
 public:
  explicit RowReader(const SharedBytes& bytes) : bytes_(bytes), next_(bytes.data() + kHeaderBytes) {
    assert(reinterpret_cast<uintptr_t>(bytes.data()) % alignof(float) == 0);
  }

  // The next part, whose rows the bytes are known to have.
  absl::StatusOr<Part> Read(const Part& empty, uint64_t rows) {
    Part part = empty;
    const std::span<const float> x = Take<float>(rows * static_cast<uint64_t>(part.inputs));
    if (absl::Status status = CheckNumbers(x); !status.ok()) return status;
    part.x = {x, bytes_.owner()};
    Targets& targets = part.targets;
    if (targets.task == Task::kRegression) {
      const std::span<const float> values = Take<float>(rows);
      if (absl::Status status = CheckNumbers(values); !status.ok()) return status;
      targets.values.assign(values.begin(), values.end());
      return part;
    }
    const std::span<const int32_t> labels = Take<int32_t>(rows);
    if (absl::Status status = CheckLabels(labels, targets.classes); !status.ok()) return status;
    targets.labels.assign(labels.begin(), labels.end());
    return part;
  }

 private:
  template <class Number>
  std::span<const Number> Take(uint64_t count) {
    const std::span<const Number> numbers(reinterpret_cast<const Number*>(next_), count);
    next_ += numbers.size_bytes();
    return numbers;
  }

  const SharedBytes& bytes_;
  const char* next_;
};

}  // namespace

std::string EncodeTrainingData(const TrainingData& data) {
  std::string out;
  out.reserve(kHeaderBytes + RowBytes(data.train) + RowBytes(data.validation));
  AppendHeader(out, kTrainingData, data.train, data.validation.rows());
  AppendRows(out, data.train);
  AppendRows(out, data.validation);
  return out;
}

std::string EncodePart(const Part& part) {
  std::string out;
  out.reserve(kHeaderBytes + RowBytes(part));
  AppendHeader(out, kSinglePart, part, /*second_rows=*/0);
  AppendRows(out, part);
  return out;
}

absl::StatusOr<TrainingData> DecodeTrainingData(const SharedBytes& bytes) {
  const auto header = DecodeHeader(bytes.view(), bytes.size(), kTrainingData);
  if (!header.ok()) return header.status();
  RowReader reader(bytes);
  auto train = reader.Read(header->empty, header->rows[0]);
  if (!train.ok()) return train.status();
  auto validation = reader.Read(header->empty, header->rows[1]);
  if (!validation.ok()) return validation.status();
  return TrainingData{*std::move(train), *std::move(validation)};
}

absl::StatusOr<Part> DecodePart(const SharedBytes& bytes) {
  const auto header = DecodeHeader(bytes.view(), bytes.size(), kSinglePart);
  if (!header.ok()) return header.status();
  return RowReader(bytes).Read(header->empty, header->rows[0]);
}

}  // namespace minnow::data
