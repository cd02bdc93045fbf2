// What workers that do not train report.
#ifndef MINNOW_BENCH_COORDINATOR_MADE_UP_H_
#define MINNOW_BENCH_COORDINATOR_MADE_UP_H_

#include <string>

#include "common/work.h"
#include "minnow/v1/service.pb.h"

namespace minnow::bench {

// Results that follow from the trials alone: one of a thousand passes, and all train to the end, as in a grid. Each
// trial says that it took `seconds`.
v1::LeaseReport MadeUpReport(const Lease& lease, const std::string& worker, double seconds);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_COORDINATOR_MADE_UP_H_
