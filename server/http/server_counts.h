// What was committed since the process started, added up for its operators.
#ifndef MINNOW_SERVER_HTTP_SERVER_COUNTS_H_
#define MINNOW_SERVER_HTTP_SERVER_COUNTS_H_

#include <cstdint>
#include <map>
#include <mutex>

#include "common/trial.h"
#include "server/core/store.h"

namespace minnow::http {

// Thread-safe. Feed it what the ledger's observer `committed` is given.
class ServerCounts {
 public:
  struct Totals {
    std::map<TrialState, int64_t> trials;  // reported, by outcome; an outcome that never came is absent
    int64_t epochs = 0;                    // of those
  };

  void Add(const core::Changes& changes);
  Totals totals() const;

 private:
  mutable std::mutex mutex_;
  Totals totals_;  // guarded by mutex_
};

}  // namespace minnow::http

#endif  // MINNOW_SERVER_HTTP_SERVER_COUNTS_H_
