// Asking before something is deleted.
#ifndef MINNOW_CLIENT_ACTIONS_H_
#define MINNOW_CLIENT_ACTIONS_H_

#include "absl/status/statusor.h"
#include "common/cli/console.h"
#include "common/results.h"

namespace minnow::client {

// True when the person agrees to delete the job, which `yes` says at once. Only y and yes agree, in any case of
// letters. InvalidArgument when nobody is there to ask.
absl::StatusOr<bool> AgreesToDelete(const JobSummary& job, bool yes, Console& console);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_ACTIONS_H_
