// What stored data sets are, so that questions about the same data need not read it again.
#ifndef MINNOW_SERVER_RPC_OUTLINES_H_
#define MINNOW_SERVER_RPC_OUTLINES_H_

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "common/data/dataset_stream.h"
#include "common/results.h"

namespace minnow::rpc {

// Keeps the outlines that were asked for last. Nothing changes under a hash, so they stay true for as long as the data
// set is stored, which is looked at each time. Thread-safe.
class Outlines {
 public:
  using Outline = std::shared_ptr<const data::DatasetOutline>;

  // Of targets, at most so many bytes are kept.
  explicit Outlines(int64_t most_bytes = int64_t{8} << 20) : most_bytes_(most_bytes) {}

  // NotFound when the data set is not stored; else what is wrong with it. Reads all of it the first time.
  absl::StatusOr<Outline> Of(Results& results, const std::string& sha256);

 private:
  struct Kept {
    std::string sha256;
    Outline outline;
  };

  Outline Find(const std::string& sha256);
  void Keep(const std::string& sha256, const Outline& outline);

  const int64_t most_bytes_;
  std::mutex mutex_;  // guards all below
  int64_t bytes_ = 0;
  std::list<Kept> kept_;  // the last one asked for first
  std::map<std::string, std::list<Kept>::iterator> by_hash_;
};

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_OUTLINES_H_
