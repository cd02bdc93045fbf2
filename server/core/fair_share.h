// Whose turn it is, measured in epochs: owners of running jobs get work in proportion to the highest priority among
// their jobs, and what an owner gets is shared by the owner's jobs by priority. So ten jobs of one person get no more
// than one job of another. Everything takes O(log n).
#ifndef MINNOW_SERVER_CORE_FAIR_SHARE_H_
#define MINNOW_SERVER_CORE_FAIR_SHARE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/core/stride.h"

namespace minnow::core {

class FairShare {
 public:
  // A job takes part; see Stride. Of a job that takes part already only the priority changes.
  void Enter(int64_t job, int priority, const std::string& owner = "");
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
    std::string owner;
    int priority = 1;
  };
  struct Owner {
    Stride<int64_t> jobs;
    std::multiset<int> priorities;
  };

  void SetWeight(const std::string& owner);

  std::map<int64_t, Entrant> entrants_;
  std::map<std::string, Owner> owners_;
  Stride<std::string> turns_;  // of owners
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_FAIR_SHARE_H_
