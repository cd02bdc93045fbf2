// How a worker lays trials out in its vector registers: a choice of speed, which never changes a bit.
#ifndef MINNOW_COMMON_ROUTE_H_
#define MINNOW_COMMON_ROUTE_H_

#include <string_view>

#include "absl/status/statusor.h"

namespace minnow {

enum class Route {
  kAuto,  // whichever is faster for the shape and for how many trials are left
  kLane,  // one trial a lane
  kUnit,  // one trial after the other, one unit a lane
};

std::string_view Name(Route route);  // "auto", "lane", "unit"

// InvalidArgument names the value and lists the known ones.
absl::StatusOr<Route> ParseRoute(std::string_view name);

}  // namespace minnow

#endif  // MINNOW_COMMON_ROUTE_H_
