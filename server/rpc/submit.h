// What a question over the network has to hold before a ledger sees it.
#ifndef MINNOW_SERVER_RPC_SUBMIT_H_
#define MINNOW_SERVER_RPC_SUBMIT_H_

#include "absl/status/statusor.h"
#include "common/results.h"
#include "minnow/v1/service.pb.h"
#include "server/core/coordinator.h"
#include "server/rpc/outlines.h"

namespace minnow::rpc {

// Of one network, so that the weights of a whole slice fit into one message.
inline constexpr int64_t kMaxServedParameters = 1'000'000;

// Reads the data sets that the request and its other splits name, unless `outlines` knows them, since targets, rows and
// inputs are theirs, and checks that everything fits together. InvalidArgument names the field and the fix.
// FailedPrecondition when a data set is not stored, or the client's numerics version is another. May take a while.
absl::StatusOr<core::SubmitRequest> ReadSubmitRequest(const v1::SubmitJobRequest& proto, Results& results,
                                                      Outlines& outlines);

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_SUBMIT_H_
