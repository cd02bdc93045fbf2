// The one place where multiplications are: sum over p of x[i][p] * y[j][p], for rows i and columns j, on lanes.
//
// Each sum is one chain of fused multiply-adds, p ascending from 0, whatever the tile it falls into. This order is what
// makes a trial's bits independent of how the work is cut up, so it is part of the numerics version. A column is a
// vector: of trials on the lane route, of units on the unit route; the kernel does not know which.
#ifndef MINNOW_WORKER_NN_MICRO_KERNEL_H_
#define MINNOW_WORKER_NN_MICRO_KERNEL_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "worker/nn/lanes.h"

namespace minnow::nn {

// A factor: element (i, p) is at `at + i * row + p * step`, in floats. Two words, so that calls pass it in registers:
// a callee that reads back what was just stored, in other pieces, waits for all stores before it.
struct Factor {
  const float* at;
  int32_t row;
  int32_t step;

  Factor(const float* start, int64_t row_stride, int64_t step_stride)
      : at(start), row(static_cast<int32_t>(row_stride)), step(static_cast<int32_t>(step_stride)) {}

  Factor From(int i, int p) const { return {at + int64_t{i} * row + int64_t{p} * step, row, step}; }
};

// Where sums go: element (i, j) is at `at + i * row + j * column`, in floats.
struct Product {
  float* at;
  int64_t row;
  int64_t column;

  float* operator()(int i, int j) const { return at + i * row + j * column; }
  Product From(int i, int j) const { return {at + i * row + j * column, row, column}; }
};

template <class V>
struct StoreSum {
  Product to;

  void operator()(int i, int j, V sum) const { sum.Store(to(i, j)); }
};

// A tile of kRows x kColumns sums, in registers. x is either vectors or, when kShared, single numbers that all lanes
// share. The chains go on from what `begun` holds, or begin at 0 when it is null. finish(i, j, sum) takes each result.
template <class V, bool kShared, int kRows, int kColumns, class Finish>
void MultiplyFixedTile(Factor x, Factor y, int depth, const Product* begun, const Finish& given) {
  const Finish finish = given;  // a copy: stores to the arrays cannot change it
  V sum[kRows][kColumns];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
    for (int j = 0; j < kColumns; ++j) {
      sum[i][j] = begun == nullptr ? V::Broadcast(0.0f) : V::Load((*begun)(i, j));
    }
  }
  const int64_t x_row = x.row;
  const int64_t y_row = y.row;
#pragma GCC unroll 1
  for (int p = 0; p < depth; ++p) {
    V column[kColumns];
#pragma GCC unroll 16
    for (int j = 0; j < kColumns; ++j) column[j] = V::Load(y.at + j * y_row);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) {
      const V row = kShared ? V::Broadcast(x.at[i * x_row]) : V::Load(x.at + i * x_row);
#pragma GCC unroll 16
      for (int j = 0; j < kColumns; ++j) sum[i][j] = Fma(row, column[j], sum[i][j]);
    }
    x.at += x.step;
    y.at += y.step;
  }
#pragma GCC unroll 16
  for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
    for (int j = 0; j < kColumns; ++j) finish(i, j, sum[i][j]);
  }
}

// MultiplyFixedTile for every number of rows and columns that a tile may have.
template <class V, bool kShared, class Finish>
class Tiles {
 public:
  using Tile = void (*)(Factor x, Factor y, int depth, const Product* begun, const Finish& finish);

  static Tile For(int rows, int columns) { return kTable[columns - 1][rows - 1]; }

 private:
  static constexpr int kMostRows = *std::max_element(V::kTileRows.begin(), V::kTileRows.end());
  using Column = std::array<Tile, kMostRows>;

  template <int kColumns, int... kRow>
  static constexpr Column ForColumns(std::integer_sequence<int, kRow...>) {
    return {MultiplyFixedTile<V, kShared, kRow + 1, kColumns, Finish>...};
  }
  template <int... kColumn>
  static constexpr std::array<Column, V::kTileColumns> ForAll(std::integer_sequence<int, kColumn...>) {
    return {ForColumns<kColumn + 1>(std::make_integer_sequence<int, V::kTileRows[kColumn]>())...};
  }

  static constexpr std::array<Column, V::kTileColumns> kTable =
      ForAll(std::make_integer_sequence<int, V::kTileColumns>());
};

struct Range {
  int first;
  int count;
};

// Cuts 0 .. total - 1 into as few ranges of at most `most` as will do, as even as possible (10 by 4 is 4 + 3 + 3, not
// 4 + 4 + 2), and calls each(Range).
template <class Each>
inline void EachRange(int total, int most, const Each& each) {
  const int ranges = (total + most - 1) / most;
  const int least = ranges == 0 ? 0 : total / ranges;
  const int longer = total - least * ranges;  // so many ranges have one more
  int first = 0;
  for (int i = 0; i < ranges; ++i) {
    const int count = least + (i < longer ? 1 : 0);
    each(Range{first, count});
    first += count;
  }
}

// The factors of so many steps of a tile's columns stay in the first-level cache while all rows go over them.
inline constexpr int kDepthBlock = 128;

struct Size {
  int rows;
  int columns;
  int depth;
};

// Sums x (rows, depth) times y (columns, depth). finish_of(Range of rows, Range of columns) gives what takes the sums
// of a tile: finish(i, j, sum), i and j counted within the tile. `c` holds sums that are under way: between the blocks
// of a depth above kDepthBlock, and with `resume` from the start; else it may be null.
template <class V, bool kShared, class FinishOf>
void Multiply(Size size, Factor x, Factor y, Product c, bool resume, FinishOf finish_of) {
  EachRange(size.columns, V::kTileColumns, [&](Range j) {
    EachRange(size.depth, kDepthBlock, [&](Range p) {
      const bool last = p.first + p.count == size.depth;
      EachRange(size.rows, V::kTileRows[j.count - 1], [&](Range i) {
        const Product tile = c.From(i.first, j.first);
        const Product* begun = p.first == 0 && !resume ? nullptr : &tile;
        const Factor x_tile = x.From(i.first, p.first);
        const Factor y_tile = y.From(j.first, p.first);
        if (last) {
          const auto finish = finish_of(i, j);
          Tiles<V, kShared, std::decay_t<decltype(finish)>>::For(i.count, j.count)(x_tile, y_tile, p.count, begun,
                                                                                   finish);
        } else {
          Tiles<V, kShared, StoreSum<V>>::For(i.count, j.count)(x_tile, y_tile, p.count, begun, StoreSum<V>{tile});
        }
      });
    });
  });
}

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_MICRO_KERNEL_H_
