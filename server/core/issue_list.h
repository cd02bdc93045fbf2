// The issue list of one job: what was issued, what was reported, what can be leased. It stores decisions and makes
// none.
#ifndef MINNOW_SERVER_CORE_ISSUE_LIST_H_
#define MINNOW_SERVER_CORE_ISSUE_LIST_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/work.h"
#include "server/core/store.h"
#include "server/search/bundle.h"

namespace minnow::core {

// A slice: trials [16 slice, 16 slice + 16) of the bundle at a place. What is leased and reported as one.
struct Piece {
  int64_t place = 0;
  int slice = 0;

  auto operator<=>(const Piece&) const = default;
};

// What is remembered of a reported trial, to compare a second result with: everything that is a function of the trial,
// but for the weights themselves.
struct TrialDigest {
  TrialState state = TrialState::kMissed;
  int epochs = 0;
  double best_score = 0;
  double validation_score = 0;
  std::string weights_sha256;
  uint64_t rest = 0;   // a hash of the other numbers
  std::string worker;  // that reported it
};

inline constexpr size_t kDeathsOfASuspect = 2;

// What came of attempts that brought no result.
struct Trouble {
  std::set<std::string> failed_on;  // workers that said that they could not do it
  std::vector<std::string> died;    // workers that died with it in their hands, in order
  std::set<WorkerId> died_alone;    // those that had nothing else in their hands
};

class IssueList {
 public:
  // Appends an entry behind the others, in state kIssued. Returns its index.
  int Append(int64_t place, const EntryContent& content);

  // Removes the entries from index `begin` on.
  void CutFrom(int begin);

  int size() const { return static_cast<int>(items_.size()); }
  // The entry at an index, as it is to be stored.
  Entry entry(int index) const;
  EntryState state(int index) const { return items_[index].state; }
  const EntryContent& content(int index) const { return items_[index].content; }
  // The bundle at an index, a hole where there is a marker.
  const search::Bundle& bundle(int index) const { return bundles_[index]; }
  std::span<const search::Bundle> bundles() const { return bundles_; }
  // Of the bundles from an index on.
  int64_t TrialsFrom(int begin) const { return TrialsBefore(size()) - TrialsBefore(begin); }
  // The trials of the bundle at an index: nothing where not reported.
  std::span<const std::optional<search::TrialOutcome>> reported(int index) const { return items_[index].reported; }
  bool AllReported(int index) const;
  int evidence_trials(int index) const { return items_[index].evidence_trials; }
  std::span<const std::optional<search::TrialOutcome>> EvidenceOutcomes(int index) const;

  void SetFolded(int index, int evidence_trials);
  void SetSkipped(int index);
  void SetOutcome(int index, int trial, const search::TrialOutcome& outcome);

  // Digests of reported trials, from the report on until they are forgotten. Null where there is none.
  void SetDigest(int index, int trial, TrialDigest digest);
  const TrialDigest* digest(int index, int trial) const;
  // Of the entries at [0, index).
  void ForgetDigestsBefore(int index);

  // The index of the entry at a place, if it is still in the list.
  std::optional<int> IndexOf(int64_t place) const;
  int64_t place(int index) const { return items_[index].place; }
  // The index of the last hole.
  std::optional<int> last_hole() const;

  // Leasing. A piece is free until it is taken, and after it was given back; a reported piece is never free again.
  // The first free piece in issue order for which `needed` holds. Pieces that are not needed are not offered again.
  std::optional<Piece> FirstFree(const std::function<bool(int index, int slice)>& needed);
  // The same among the pieces that workers have died with twice: suspects. They are free for a worker that has nothing
  // else in its hands, so that it shows whether it was them.
  std::optional<Piece> FirstSuspect(const std::function<bool(int index, int slice)>& needed);
  // Free pieces, including some that are not needed, without suspects.
  int64_t free() const { return static_cast<int64_t>(free_.size()); }
  bool has_suspects() const { return !suspects_.empty(); }
  // Returns how often the piece has been taken.
  int Take(Piece piece);
  void GiveBack(Piece piece);
  // The piece has been taken `attempt` times before the list was rebuilt; it is free unless somebody still has it.
  void Restore(Piece piece, int attempt, bool held);
  void SetReported(Piece piece);
  bool IsReported(Piece piece) const;
  // Work on the piece has failed, or its worker has died. Returns all such trouble with it.
  const Trouble& CountFailure(Piece piece, const std::string& worker);
  const Trouble& CountDeath(Piece piece, const WorkerId& worker, bool alone);

 private:
  struct SliceState {
    bool reported = false;
    int taken = 0;
  };
  struct Item {
    int64_t place = 0;
    EntryContent content;
    int64_t trials_end = 0;  // trials of the list up to the end of this entry
    EntryState state = EntryState::kIssued;
    int evidence_trials = 0;
    std::vector<std::optional<search::TrialOutcome>> reported;
    std::vector<SliceState> slices;
    std::vector<std::optional<TrialDigest>> digests;  // of each trial; empty until the first and when forgotten
  };
  int64_t TrialsBefore(int index) const { return index == 0 ? 0 : items_[index - 1].trials_end; }
  SliceState* Find(Piece piece);
  std::optional<Piece> First(std::set<Piece>& pieces, const std::function<bool(int index, int slice)>& needed);

  std::vector<Item> items_;
  std::vector<search::Bundle> bundles_;  // of items_, holes for markers
  std::vector<int> holes_;               // indexes of holes that were issued, ascending
  std::set<Piece> free_;
  std::set<Piece> suspects_;
  std::map<Piece, Trouble> troubles_;  // of pieces that are not reported
  int digests_begin_ = 0;              // those of earlier entries are forgotten
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_ISSUE_LIST_H_
