// An encoded data set that passes by, part by part, so that nobody holds it as a whole.
#ifndef MINNOW_COMMON_DATA_DATASET_STREAM_H_
#define MINNOW_COMMON_DATA_DATASET_STREAM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/metrics.h"

namespace minnow::data {

// What a data set is. Of its rows there are only targets: of the validation rows, or of the single part.
struct DatasetOutline {
  bool training = false;  // training and validation rows; else a single part
  int inputs = 0;
  int first_rows = 0;  // for training, or of the single part
  int rows = 0;        // in all
  Targets targets;

  int outputs() const { return OutputColumns(targets.task, targets.classes); }
};

struct Header;

// Takes and refuses what DecodeTrainingData and DecodePart do, and keeps no more than an outline.
class DatasetStream {
 public:
  enum class Keep { kTargets, kNothing };

  // `size` of all parts together.
  DatasetStream(int64_t size, Keep keep);
  ~DatasetStream();
  DatasetStream(const DatasetStream&) = delete;
  DatasetStream& operator=(const DatasetStream&) = delete;

  // The next bytes, any number of them. What is wrong with them is said at the end.
  void Take(std::string_view part);

  // InvalidArgument when the parts together are not what an encoder writes.
  absl::StatusOr<DatasetOutline> End();

 private:
  // Numbers of one sort that follow one another.
  struct Run {
    bool targets = false;
    bool kept = false;
    uint64_t left = 0;
  };

  absl::Status TakeHeader();
  absl::Status TakeNumbers();
  absl::Status TakeNumbers(const Run& run, std::string_view bytes);

  const int64_t size_;
  const Keep keep_;
  int64_t taken_ = 0;
  std::string pending_;  // bytes that make no header, or no number, yet
  std::unique_ptr<Header> header_;
  std::array<Run, 4> runs_;  // inputs and targets of the first part, and of the second
  size_t run_ = 0;
  absl::Status status_;
  DatasetOutline outline_;
};

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_DATASET_STREAM_H_
