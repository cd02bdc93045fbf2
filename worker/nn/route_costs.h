// How long a mini-batch step takes on either route, and so which one is faster. Both give the same bits.
#ifndef MINNOW_WORKER_NN_ROUTE_COSTS_H_
#define MINNOW_WORKER_NN_ROUTE_COSTS_H_

#include <functional>
#include <vector>

#include "common/shape.h"
#include "worker/nn/kernels.h"

namespace minnow::nn {

class RouteCosts {
 public:
  // Not measured: the last live trial goes alone; or so many, and fewer, whatever the shape.
  RouteCosts() = default;
  explicit RouteCosts(int most_units) : most_units_(most_units) {}

  // Measures steps of a few shapes on both routes, some milliseconds in all. `seconds` is a clock, best one of the
  // time that this thread has computed.
  static RouteCosts Measure(const InstructionSet& instructions, const std::function<double()>& seconds);

  // True when `live` trials of a shape, at most a register of lanes, are trained faster one by one than in lockstep.
  bool PrefersUnits(const Shape& shape, int batch_rows, int live) const;

 private:
  // A measured shape: a step on a mini-batch takes step + row * rows seconds.
  struct Point {
    double size;  // of the work for one row, as the route has it
    double step;
    double row;
  };
  static double Seconds(const std::vector<Point>& points, double size, int rows);

  int most_units_ = 1;
  int lanes_ = 1;
  std::vector<Point> lane_, unit_;  // by ascending size; empty: not measured
};

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_ROUTE_COSTS_H_
