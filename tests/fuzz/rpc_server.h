// A server in one thread, as far as a call can tell: the shipped services on the shipped coordinator, which commits
// into memory before a call returns. Time stands still but when told.
//
// Every server begins alike: with the two data sets of a small table, an answered job on them, another one at work, and
// a worker "w" in session "s" that holds leases of it. What is read is read from a database of that moment, so a job
// that is submitted later can be worked on and not be shown.
#ifndef MINNOW_TESTS_FUZZ_RPC_SERVER_H_
#define MINNOW_TESTS_FUZZ_RPC_SERVER_H_

#include <memory>

#include "absl/time/time.h"
#include "minnow/v1/service.grpc.pb.h"

namespace minnow::fuzz {

class RpcServer {
 public:
  static std::unique_ptr<RpcServer> Start();
  virtual ~RpcServer() = default;

  virtual v1::SearchService::CallbackService& people() = 0;
  virtual v1::WorkerService::CallbackService& workers() = 0;

  // Leases run out, budgets are spent.
  virtual void MoveClock(absl::Duration by) = 0;
  // Throws Broken unless a coordinator that starts from what was committed knows the same jobs, and can tell of each.
  virtual void CheckRestart() = 0;
};

}  // namespace minnow::fuzz

#endif  // MINNOW_TESTS_FUZZ_RPC_SERVER_H_
