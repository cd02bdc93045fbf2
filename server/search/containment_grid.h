// Sums over what shapes contain, without looking at pairs of shapes.
#ifndef MINNOW_SERVER_SEARCH_CONTAINMENT_GRID_H_
#define MINNOW_SERVER_SEARCH_CONTAINMENT_GRID_H_

#include <cstdint>
#include <span>
#include <vector>

#include "server/search/space.h"

namespace minnow::search {

// The shapes of one depth lie on a grid with an axis for each hidden layer: the widths that any of them has there. What
// a shape contains is the box from the origin to it, so sums over boxes are prefix sums, one pass for each axis. A
// space laid out from a job fills its grids; one with gaps takes memory for them: the product of the widths in use.
class ContainmentGrid {
 public:
  explicit ContainmentGrid(const Space& space);

  // For each shape the sum of `values`, one for each shape, over the shapes that it contains, itself among them. The
  // order of the additions is fixed.
  std::vector<double> SumContained(std::span<const double> values) const;
  // The same over the shapes that contain it, itself among them.
  std::vector<double> SumContaining(std::span<const double> values) const;

 private:
  struct Axis {
    int64_t stride = 1;
    int64_t widths = 1;
  };
  struct Grid {
    int64_t first_cell = 0;
    int64_t cells = 1;
    std::vector<Axis> axes;
  };

  Grid LayOut(const Space& space, std::span<const int> shapes, int64_t first_cell);
  std::vector<double> Scatter(std::span<const double> values) const;
  std::vector<double> Gather(std::span<const double> cells) const;

  std::vector<Grid> grids_;       // one for each depth that has shapes
  std::vector<int64_t> cell_of_;  // of each shape
  int64_t cells_ = 0;
};

}  // namespace minnow::search

#endif  // MINNOW_SERVER_SEARCH_CONTAINMENT_GRID_H_
