#include "server/search/containment_grid.h"

#include <algorithm>
#include <map>
#include <set>

namespace minnow::search {
namespace {

// Adds to each cell the one before it along the axis, from the origin on: whole columns of `stride` cells at a time.
void SumUpwards(double* cells, int64_t count, int64_t stride, int64_t widths) {
  for (int64_t block = 0; block < count; block += stride * widths) {
    for (int64_t i = block + stride; i < block + stride * widths; ++i) cells[i] += cells[i - stride];
  }
}

// Adds to each cell the one after it along the axis, from the far end on.
void SumDownwards(double* cells, int64_t count, int64_t stride, int64_t widths) {
  for (int64_t block = 0; block < count; block += stride * widths) {
    for (int64_t i = block + stride * (widths - 1) - 1; i >= block; --i) cells[i] += cells[i + stride];
  }
}

}  // namespace

ContainmentGrid::ContainmentGrid(const Space& space) : cell_of_(space.shapes()) {
  std::map<size_t, std::vector<int>> of_depth;
  for (int s = 0; s < space.shapes(); ++s) of_depth[space.shape(s).hidden.size()].push_back(s);
  for (const auto& [depth, shapes] : of_depth) {
    grids_.push_back(LayOut(space, shapes, cells_));
    cells_ += grids_.back().cells;
  }
}

ContainmentGrid::Grid ContainmentGrid::LayOut(const Space& space, std::span<const int> shapes, int64_t first_cell) {
  Grid grid{.first_cell = first_cell};
  for (int s : shapes) cell_of_[s] = first_cell;
  const size_t depth = space.shape(shapes.front()).hidden.size();
  for (size_t layer = 0; layer < depth; ++layer) {
    std::set<int> distinct;
    for (int s : shapes) distinct.insert(space.shape(s).hidden[layer]);
    const std::vector<int> widths(distinct.begin(), distinct.end());
    for (int s : shapes) {
      const auto width = std::lower_bound(widths.begin(), widths.end(), space.shape(s).hidden[layer]);
      cell_of_[s] += (width - widths.begin()) * grid.cells;
    }
    grid.axes.push_back({.stride = grid.cells, .widths = static_cast<int64_t>(widths.size())});
    grid.cells *= grid.axes.back().widths;
  }
  return grid;
}

std::vector<double> ContainmentGrid::SumContained(std::span<const double> values) const {
  std::vector<double> cells = Scatter(values);
  for (const Grid& grid : grids_) {
    for (const Axis& axis : grid.axes) SumUpwards(&cells[grid.first_cell], grid.cells, axis.stride, axis.widths);
  }
  return Gather(cells);
}

std::vector<double> ContainmentGrid::SumContaining(std::span<const double> values) const {
  std::vector<double> cells = Scatter(values);
  for (const Grid& grid : grids_) {
    for (const Axis& axis : grid.axes) SumDownwards(&cells[grid.first_cell], grid.cells, axis.stride, axis.widths);
  }
  return Gather(cells);
}

std::vector<double> ContainmentGrid::Scatter(std::span<const double> values) const {
  std::vector<double> cells(cells_);
  for (size_t s = 0; s < cell_of_.size(); ++s) cells[cell_of_[s]] = values[s];
  return cells;
}

std::vector<double> ContainmentGrid::Gather(std::span<const double> cells) const {
  std::vector<double> values(cell_of_.size());
  for (size_t s = 0; s < cell_of_.size(); ++s) values[s] = cells[cell_of_[s]];
  return values;
}

}  // namespace minnow::search
