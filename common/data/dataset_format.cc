#include "common/data/dataset_format.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/data/prepare.h"

namespace minnow::data {
namespace {

constexpr std::string_view kMagic = "MNNW";
constexpr uint32_t kVersion = 1;
constexpr uint64_t kMaxRows = std::numeric_limits<int32_t>::max();

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

absl::Status Refuse(const std::string& what) {
  return absl::InvalidArgumentError("prepared data: " + what + ": the bytes are damaged or of another program");
}

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

}  // namespace

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

absl::StatusOr<Header> DecodeHeader(std::string_view begin, uint64_t size, std::optional<uint32_t> kind) {
  if (size < kHeaderBytes || begin.size() < kHeaderBytes)
    return Refuse(std::to_string(size) + " bytes are less than a header");
  if (begin.substr(0, 4) != kMagic) return Refuse("it does not begin with \"MNNW\"");
  if (const auto version = Load<uint32_t>(begin, 4); version != kVersion) {
    return Refuse("version " + std::to_string(version) + ", not " + std::to_string(kVersion));
  }
  Header header;
  header.kind = Load<uint32_t>(begin, 8);
  if (header.kind != kind.value_or(header.kind == kSinglePart ? kSinglePart : kTrainingData)) {
    return Refuse("kind " + std::to_string(header.kind) + ", not " + (kind ? std::to_string(*kind) : "1 or 2"));
  }
  const auto task = Load<uint32_t>(begin, 12);
  Targets& targets = header.empty.targets;
  targets.task = task == 1 ? Task::kRegression : Task::kClassification;
  targets.classes = static_cast<int>(Load<uint32_t>(begin, 16));
  header.empty.inputs = static_cast<int>(Load<uint32_t>(begin, 20));
  header.rows[0] = Load<uint64_t>(begin, 24);
  header.rows[1] = Load<uint64_t>(begin, 32);
  targets.target_mean = std::bit_cast<double>(Load<uint64_t>(begin, 40));
  targets.target_scale = std::bit_cast<double>(Load<uint64_t>(begin, 48));
  if (absl::Status ok = CheckHeader(header, task); !ok.ok()) return ok;
  // No overflow: fewer than 2^32 rows of at most 65537 numbers.
  const uint64_t expected = kHeaderBytes + 4 * (header.rows[0] + header.rows[1]) * (uint64_t{1} + header.empty.inputs);
  if (size != expected) {
    return Refuse(std::to_string(size) + " bytes, but the header asks for " + std::to_string(expected));
  }
  return header;
}

absl::Status CheckNumbers(std::span<const float> numbers) {
  if (std::all_of(numbers.begin(), numbers.end(), [](float number) { return std::isfinite(number); })) {
    return absl::OkStatus();
  }
  return Refuse("a number is not finite");
}

absl::Status CheckLabels(std::span<const int32_t> labels, int classes) {
  for (const int32_t label : labels) {
    if (label < 0 || label >= classes) return Refuse("label " + std::to_string(label) + " is no class");
  }
  return absl::OkStatus();
}

}  // namespace minnow::data
