// The workers that wait for work, in the order in which they came.
#ifndef MINNOW_SERVER_LEDGER_WAITING_LINE_H_
#define MINNOW_SERVER_LEDGER_WAITING_LINE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/work.h"

namespace minnow::ledger {

// An answer that waits for COMMIT. Called once, with Ok or with the error of the commit.
using Answer = std::function<void(const absl::Status&)>;

struct Waiting {
  WorkRequest request;
  std::optional<int64_t> only_job;
  absl::Time deadline;
  std::function<Answer(absl::StatusOr<std::vector<Lease>>)> answer;  // with the leases
};

// Thousands wait while nothing happens, so nothing here but Serve goes through all of them. A worker waits once: who
// asks again, stops or starts anew has given up what it asked for before.
class WaitingLine {
 public:
  void Add(Waiting waiting);
  void GiveUp(const WorkerId& worker);
  void GiveUpAllOf(const std::string& name);  // of any session

  // Offers a place to one after another. Those for whom `serve` returns true leave the line; the others keep their
  // place. Ends early when `more` says that there is nothing for anybody, and when `most` have left.
  void Serve(int most, const std::function<bool()>& more, const std::function<bool(const Waiting&)>& serve);
  // Whether the last Serve ended at its `most`, and somebody waits still.
  bool cut_short() const { return cut_short_ && !line_.empty(); }

  // Those who have given up since the last call.
  std::vector<Waiting> TakeGivenUp() { return std::exchange(given_up_, {}); }
  // Those whose patience is over, the first to run out first.
  std::vector<Waiting> TakeDue(absl::Time now);
  std::vector<Waiting> TakeAll();

  // InfiniteFuture when nobody waits.
  absl::Time EarliestDeadline() const;
  // Who waits, without those who have given up.
  size_t size() const { return line_.size(); }

 private:
  using Place = std::map<int64_t, Waiting>::iterator;

  Waiting Remove(Place place);

  int64_t next_ = 0;
  std::map<int64_t, Waiting> line_;  // by number of arrival
  std::map<WorkerId, int64_t> of_worker_;
  std::set<std::pair<absl::Time, int64_t>> by_deadline_;
  std::vector<Waiting> given_up_;
  bool cut_short_ = false;
};

}  // namespace minnow::ledger

#endif  // MINNOW_SERVER_LEDGER_WAITING_LINE_H_
