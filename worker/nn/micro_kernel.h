// The one place where multiplications are: c[i][j] = sum over p of x[i][p] * y[j][p], on lanes.
//
// Each c[i][j] is one chain of fused multiply-adds, p ascending from 0, whatever the tile it falls into. This order is
// what makes a trial's bits independent of how the work is cut up, so it is part of the numerics version.
#ifndef MINNOW_WORKER_NN_MICRO_KERNEL_H_
#define MINNOW_WORKER_NN_MICRO_KERNEL_H_

#include <cstdint>

#include "worker/nn/lanes.h"

namespace minnow::nn {

// A factor: element (i, p) is at `at + i * row + p * step`, in floats.
struct Factor {
  const float* at;
  int64_t row;
  int64_t step;

  Factor From(int i) const { return {at + i * row, row, step}; }
};

// Where a product goes: element (i, j) is at `at + i * row + j * column`, in floats.
struct Product {
  float* at;
  int64_t row;
  int64_t column;

  Product From(int i, int j) const { return {at + i * row + j * column, row, column}; }
};

struct Range {
  int first;
  int count;
};

// The kRows x kColumns tile of c, in registers. x is either lanes or, when kShared, single numbers that all lanes
// share. With `resume` the chains go on from what c holds.
template <class V, bool kShared, int kRows, int kColumns>
inline void MultiplyFixedTile(Factor x, Factor y, int depth, bool resume, Product c) {
  V sum[kRows][kColumns];
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kColumns; ++j) {
      sum[i][j] = resume ? V::Load(c.at + i * c.row + j * c.column) : V::Broadcast(0.0f);
    }
  }
  for (int p = 0; p < depth; ++p) {
    V column[kColumns];
    for (int j = 0; j < kColumns; ++j) column[j] = V::Load(y.at + j * y.row);
    for (int i = 0; i < kRows; ++i) {
      const V row = kShared ? V::Broadcast(x.at[i * x.row]) : V::Load(x.at + i * x.row);
      for (int j = 0; j < kColumns; ++j) sum[i][j] = Fma(row, column[j], sum[i][j]);
    }
    x.at += x.step;
    y.at += y.step;
  }
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kColumns; ++j) sum[i][j].Store(c.at + i * c.row + j * c.column);
  }
}

// The same for a tile of at most kRows x kColumns, chosen at run time.
template <class V, bool kShared, int kRows = V::kTileRows, int kColumns = V::kTileColumns>
inline void MultiplyTile(int rows, int columns, Factor x, Factor y, int depth, bool resume, Product c) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return MultiplyTile<V, kShared, kRows - 1, kColumns>(rows, columns, x, y, depth, resume, c);
  }
  if constexpr (kColumns > 1) {
    if (columns < kColumns) return MultiplyTile<V, kShared, kRows, kColumns - 1>(rows, columns, x, y, depth, resume, c);
  }
  MultiplyFixedTile<V, kShared, kRows, kColumns>(x, y, depth, resume, c);
}

// Cuts a rows x columns product into tiles, as even as possible (10 is 4 + 3 + 3, not 4 + 4 + 2), and calls
// each(Range of rows, Range of columns): all rows for the first columns, then for the next.
template <class V, class Each>
inline void EachTile(int rows, int columns, Each each) {
  const int64_t row_tiles = (rows + V::kTileRows - 1) / V::kTileRows;
  const int64_t column_tiles = (columns + V::kTileColumns - 1) / V::kTileColumns;
  const auto cut = [](int total, int64_t tiles, int64_t t) { return static_cast<int>(total * t / tiles); };
  for (int64_t tj = 0; tj < column_tiles; ++tj) {
    const int j = cut(columns, column_tiles, tj);
    const Range column_range = {j, cut(columns, column_tiles, tj + 1) - j};
    for (int64_t ti = 0; ti < row_tiles; ++ti) {
      const int i = cut(rows, row_tiles, ti);
      each(Range{i, cut(rows, row_tiles, ti + 1) - i}, column_range);
    }
  }
}

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_MICRO_KERNEL_H_
