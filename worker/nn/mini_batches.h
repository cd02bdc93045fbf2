// How the training rows are cut into mini-batches.
#ifndef MINNOW_WORKER_NN_MINI_BATCHES_H_
#define MINNOW_WORKER_NN_MINI_BATCHES_H_

#include <cstdint>

namespace minnow::nn {

// Runs of consecutive rows: as few as batches of at most `batch_size` rows can be, and none more than one row longer
// than another. A short last one would count as a full step all the same, so its few rows, the same ones in every
// epoch, would weigh more than others: up to ten points of a score (docs/benchmarks.md, "Sample
// order").
class MiniBatches {
 public:
  MiniBatches(int rows, int batch_size) : rows_(rows), count_((rows + batch_size - 1) / batch_size) {}

  int count() const { return count_; }
  int first_row(int batch) const { return static_cast<int>(int64_t{rows_} * batch / count_); }
  int rows(int batch) const { return first_row(batch + 1) - first_row(batch); }

 private:
  int rows_;
  int count_;
};

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_MINI_BATCHES_H_
