// What the messages and services of minnow.v1 promise to programs that were built against an earlier version.
#ifndef MINNOW_TESTS_PROTO_PROMISES_H_
#define MINNOW_TESTS_PROTO_PROMISES_H_

#include <google/protobuf/descriptor.h>

#include <set>
#include <string>
#include <vector>

namespace minnow {

// One line for each message, field, enumerator and method, sorted: whatever a change may add to and nothing may be
// taken from.
//
//   minnow.v1.Job.name = 1: optional string
//   minnow.v1.Job.State.QUEUED = 1
//   minnow.v1.SearchService.WatchJob(minnow.v1.WatchJobRequest) returns (stream minnow.v1.JobProgress)
std::set<std::string> PromisesOf(const google::protobuf::FileDescriptor& file);

// The promises of `stored` that `now` does not keep.
std::vector<std::string> Broken(const std::set<std::string>& stored, const std::set<std::string>& now);

}  // namespace minnow

#endif  // MINNOW_TESTS_PROTO_PROMISES_H_
