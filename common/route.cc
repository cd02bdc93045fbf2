#include "common/route.h"

#include "common/names.h"

namespace minnow {
namespace {

constexpr NameTable<Route, 3> kRoutes = {{{Route::kAuto, "auto"}, {Route::kLane, "lane"}, {Route::kUnit, "unit"}}};

}  // namespace

std::string_view Name(Route route) { return NameIn(kRoutes, route); }

absl::StatusOr<Route> ParseRoute(std::string_view name) { return ParseIn(kRoutes, "route", name); }

}  // namespace minnow
