// Whose turn it is: running jobs get work in proportion to their priorities, measured in epochs.
//
// Stride scheduling (Waldspurger and Weihl 1995): each job has a virtual time that grows by epochs / priority as it is
// given work, and the job with the smallest one is next. Everything takes O(log n).
#ifndef MINNOW_SERVER_CORE_FAIR_SHARE_H_
#define MINNOW_SERVER_CORE_FAIR_SHARE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace minnow::core {

class FairShare {
 public:
  // A job takes part, at the smallest virtual time of the others, so that it neither waits for them nor makes them
  // wait. Of a job that takes part already only the priority changes.
  void Enter(int64_t job, int priority);
  void Leave(int64_t job);
  bool Has(int64_t job) const { return entrants_.contains(job); }
  std::vector<int64_t> jobs() const;

  // The job was given so many epochs; fewer than none: some were given back.
  void Charge(int64_t job, int64_t epochs);

  // Whether the job has anything to give out. One that had nothing for a while enters again: what it could not use is
  // not saved up.
  void SetReady(int64_t job, bool ready);

  // Of the ready jobs the one whose turn it is.
  std::optional<int64_t> Next() const;

 private:
  struct Entrant {
    double time = 0;  // virtual
    int priority = 1;
    bool ready = false;
  };

  void Move(int64_t job, Entrant& entrant, double time);

  double turn_ = 0;  // the virtual time at which a job was last given work; it never goes back
  std::map<int64_t, Entrant> entrants_;
  std::set<std::pair<double, int64_t>> all_;    // by virtual time
  std::set<std::pair<double, int64_t>> ready_;  // those of them that are ready
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_FAIR_SHARE_H_
