#include "server/search/wald.h"

#include <algorithm>

namespace minnow::search {
namespace {

// In billionths.
constexpr int64_t kPass = 251'314'428;        // ln(9/7)
constexpr int64_t kMiss = 1'098'612'289;      // ln 3, downwards
constexpr int64_t kBoundary = 2'995'732'274;  // ln 20

}  // namespace

WaldDecision Wald(int64_t passes, int64_t misses) {
  const int64_t evidence = passes * kPass - misses * kMiss;
  if (evidence >= kBoundary) return WaldDecision::kAccepted;
  if (evidence <= -kBoundary) return WaldDecision::kRejected;
  return WaldDecision::kOpen;
}

int64_t WaldMissesToReject(int64_t passes, int64_t misses) {
  const int64_t above = kBoundary + passes * kPass - misses * kMiss;
  return std::max<int64_t>(0, (above + kMiss - 1) / kMiss);
}

}  // namespace minnow::search
