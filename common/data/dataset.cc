#include "common/data/dataset.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/data/prepare.h"

// The encoding, all numbers little-endian:
//
//   offset  bytes
//        0      4  "MNNW"
//        4      4  version, 1
//        8      4  kind: 1 training data (two parts: train, validation), 2 a single part
//       12      4  task: 0 classification, 1 regression
//       16      4  classes (regression: 0)
//       20      4  inputs
//       24      8  rows of the first part
//       32      8  rows of the second part (kind 2: 0)
//       40      8  target mean, as double
//       48      8  target scale, as double
//       56         for each part: rows * inputs floats, then rows labels (int32) or rows values (float)
//
// Every number of a part stands at a multiple of 4 bytes, so that it can be used where it is.

namespace minnow::data {
namespace {

constexpr std::string_view kMagic = "MNNW";
constexpr uint32_t kVersion = 1;
constexpr uint32_t kTrainingData = 1;
constexpr uint32_t kSinglePart = 2;
constexpr size_t kHeaderBytes = 56;
constexpr uint64_t kMaxRows = std::numeric_limits<int32_t>::max();
static_assert(std::endian::native == std::endian::little, "numbers are used as they stand in the bytes");

template <typename T>
void Append(std::string& out, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

template <typename T>
T Load(std::string_view bytes, size_t offset) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<T>(static_cast<T>(static_cast<uint8_t>(bytes[offset + i])) << (8 * i));
  }
  return value;
}

void AppendHeader(std::string& out, uint32_t kind, const Part& first, int second_rows) {
  const Targets& targets = first.targets;
  out.append(kMagic);
  Append<uint32_t>(out, kVersion);
  Append<uint32_t>(out, kind);
  Append<uint32_t>(out, targets.task == Task::kRegression ? 1 : 0);
  Append<uint32_t>(out, static_cast<uint32_t>(targets.classes));
  Append<uint32_t>(out, static_cast<uint32_t>(first.inputs));
  Append<uint64_t>(out, static_cast<uint64_t>(first.rows()));
  Append<uint64_t>(out, static_cast<uint64_t>(second_rows));
  Append<uint64_t>(out, std::bit_cast<uint64_t>(targets.target_mean));
  Append<uint64_t>(out, std::bit_cast<uint64_t>(targets.target_scale));
}

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

absl::Status Refuse(const std::string& what) {
  return absl::InvalidArgumentError("prepared data: " + what + ": the bytes are damaged or of another program");
}

struct Header {
  uint32_t kind = 0;
  Part empty;  // inputs, task, classes, target statistics; no rows
  uint64_t rows[2] = {0, 0};
};

absl::Status CheckHeader(const Header& header, uint32_t task) {
  const Targets& targets = header.empty.targets;
  const bool two_parts = header.kind == kTrainingData;
  if (task > 1) return Refuse("task " + std::to_string(task) + " is not known");
  if (targets.task == Task::kRegression ? targets.classes != 0 : targets.classes < 2 || targets.classes > kMaxClasses) {
    return Refuse(std::to_string(targets.classes) + " classes do not fit the task");
  }
  if (header.empty.inputs < 1 || header.empty.inputs > kMaxInputs) {
    return Refuse(std::to_string(header.empty.inputs) + " inputs, not 1 to " + std::to_string(kMaxInputs));
  }
  if (header.rows[0] < 1 || header.rows[0] > kMaxRows || header.rows[1] > kMaxRows ||
      (header.rows[1] >= 1) != two_parts) {
    return Refuse(std::to_string(header.rows[0]) + " and " + std::to_string(header.rows[1]) + " rows");
  }
  if (!std::isfinite(targets.target_mean) || !std::isfinite(targets.target_scale) || targets.target_scale <= 0) {
    return Refuse("the target's mean or scale is not a usable number");
  }
  return absl::OkStatus();
}

absl::StatusOr<Header> DecodeHeader(std::string_view bytes, uint32_t kind) {
  if (bytes.size() < kHeaderBytes) return Refuse(std::to_string(bytes.size()) + " bytes are less than a header");
  if (bytes.substr(0, 4) != kMagic) return Refuse("it does not begin with \"MNNW\"");
  if (const auto version = Load<uint32_t>(bytes, 4); version != kVersion) {
    return Refuse("version " + std::to_string(version) + ", not " + std::to_string(kVersion));
  }
  Header header;
  header.kind = Load<uint32_t>(bytes, 8);
  if (header.kind != kind) return Refuse("kind " + std::to_string(header.kind) + ", not " + std::to_string(kind));
  const auto task = Load<uint32_t>(bytes, 12);
  Targets& targets = header.empty.targets;
  targets.task = task == 1 ? Task::kRegression : Task::kClassification;
  targets.classes = static_cast<int>(Load<uint32_t>(bytes, 16));
  header.empty.inputs = static_cast<int>(Load<uint32_t>(bytes, 20));
  header.rows[0] = Load<uint64_t>(bytes, 24);
  header.rows[1] = Load<uint64_t>(bytes, 32);
  targets.target_mean = std::bit_cast<double>(Load<uint64_t>(bytes, 40));
  targets.target_scale = std::bit_cast<double>(Load<uint64_t>(bytes, 48));
  if (absl::Status ok = CheckHeader(header, task); !ok.ok()) return ok;
  // No overflow: fewer than 2^32 rows of at most 65537 numbers.
  const uint64_t expected = kHeaderBytes + 4 * (header.rows[0] + header.rows[1]) * (uint64_t{1} + header.empty.inputs);
  if (bytes.size() != expected) {
    return Refuse(std::to_string(bytes.size()) + " bytes, but the header asks for " + std::to_string(expected));
  }
  return header;
}

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
    if (!AllFinite(x)) return Refuse("a number is not finite");
    part.x = {x, bytes_.owner()};
    Targets& targets = part.targets;
    if (targets.task == Task::kRegression) {
      const std::span<const float> values = Take<float>(rows);
      if (!AllFinite(values)) return Refuse("a number is not finite");
      targets.values.assign(values.begin(), values.end());
      return part;
    }
    const std::span<const int32_t> labels = Take<int32_t>(rows);
    for (const int32_t label : labels) {
      if (label < 0 || label >= targets.classes) return Refuse("label " + std::to_string(label) + " is no class");
    }
    targets.labels.assign(labels.begin(), labels.end());
    return part;
  }

 private:
  static bool AllFinite(std::span<const float> numbers) {
    return std::all_of(numbers.begin(), numbers.end(), [](float number) { return std::isfinite(number); });
  }

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
  const auto header = DecodeHeader(bytes.view(), kTrainingData);
  if (!header.ok()) return header.status();
  RowReader reader(bytes);
  auto train = reader.Read(header->empty, header->rows[0]);
  if (!train.ok()) return train.status();
  auto validation = reader.Read(header->empty, header->rows[1]);
  if (!validation.ok()) return validation.status();
  return TrainingData{*std::move(train), *std::move(validation)};
}

absl::StatusOr<Part> DecodePart(const SharedBytes& bytes) {
  const auto header = DecodeHeader(bytes.view(), kSinglePart);
  if (!header.ok()) return header.status();
  return RowReader(bytes).Read(header->empty, header->rows[0]);
}

}  // namespace minnow::data
