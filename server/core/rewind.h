// Folding a job again from the start, as if a worker had never reported anything.
//
// A rewound job has no entries. What was issued before and what came of it is its memo: as the job plans again, an
// entry that is issued at its old place with its old content finds its outcomes there, and only what the worker had
// reported is trained again. At the first entry that differs the memo ends: what comes from there on was decided by the
// worker's results, and is forgotten.
#ifndef MINNOW_SERVER_CORE_REWIND_H_
#define MINNOW_SERVER_CORE_REWIND_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/core/store.h"

namespace minnow::core {

class Coordinator;

// The job before its first entry, and its memo without the trials of these numbers. Results of the reference phase are
// forgotten too, since their weights may be gone. A job that had ended, but for one that a person cancelled, is QUEUED.
JobSnapshot Rewound(JobSnapshot job, const std::set<int64_t>& without);

// Folds the evidence of a worker of Coordinator::ToFoldOut out of all jobs, also those that have ended. Everything that
// the coordinator changed before must have been committed, and what this changes is committed before the next worker's
// turn. Takes the store's error.
absl::Status FoldOutQuarantined(Coordinator& coordinator, Store& store, absl::Time now);

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_REWIND_H_
