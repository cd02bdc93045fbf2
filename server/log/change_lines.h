// What a coordinator has just committed, as log lines.
#ifndef MINNOW_SERVER_LOG_CHANGE_LINES_H_
#define MINNOW_SERVER_LOG_CHANGE_LINES_H_

#include "server/core/store.h"
#include "server/log/log.h"

namespace minnow::log {

//   info     the events of jobs, by their kind ("submitted", "threshold", "look", "finished", ...): job, text;
//            "registered": worker, threads, processor
//   warning  of those events "failure" (work that could not be done), "suspect" (work that workers died with),
//   "mismatch"
//            and "disputed" (results of one trial differ), "worker_paused", "quarantined"
//   debug    "leased" and "lease_ended": lease, job, bundle, slice (or work=prediction), attempt, worker;
//            "lease_closed": lease;
//            "reported", once for each worker and bundle: job, bundle, worker, trials, passed, epochs
void LogChanges(Log& log, const core::Changes& changes);

}  // namespace minnow::log

#endif  // MINNOW_SERVER_LOG_CHANGE_LINES_H_
