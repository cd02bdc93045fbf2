// Second opinions. A trial is a function, so two results of one piece of work differ only where a machine computes
// wrongly. A check is a piece whose result is known and which other workers are to do once more: as a spot check, or as
// the referees of two results that differ.
#ifndef MINNOW_SERVER_CORE_CHECKS_H_
#define MINNOW_SERVER_CORE_CHECKS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/trial.h"
#include "server/core/issue_list.h"
#include "server/core/job.h"

namespace minnow::core {

inline constexpr size_t kMaxChecks = 256;  // open at the same time; beyond, no more are opened
inline constexpr size_t kMaxOpinions = 5;  // all different: then nobody knows, and the check is given up

TrialDigest DigestOf(const TrialResult& result, const std::string& worker);
bool SameResult(const TrialDigest& first, const TrialDigest& second);

// What one worker made of a piece: a digest of each trial, nothing for those that it left out after a pass.
struct Opinion {
  std::string worker;
  std::vector<std::optional<TrialDigest>> trials;
};
Opinion OpinionOf(const std::vector<TrialResult>& results, const std::string& worker);
// Where both have a digest.
bool Agree(const Opinion& first, const Opinion& second);

class Checks {
 public:
  using Key = std::pair<int64_t, Piece>;  // job

  struct Check {
    Job::Taken work;
    std::vector<Opinion> opinions;
    std::optional<int64_t> lease;  // of who is at work on it

    bool disputed() const { return opinions.size() > 1; }
  };

  // What the opinions so far come to.
  struct Outcome {
    bool settled = false;               // two workers agree, or nobody ever will
    std::vector<std::string> minority;  // workers with another result than two that agree
  };

  // False when there is one already, or too many.
  bool Open(Job::Taken work, std::vector<Opinion> opinions);
  void Close(const Key& key) { checks_.erase(key); }

  // Null for a check that is not open. The pointer holds until it is closed.
  Check* Find(const Key& key);
  // One that nobody is at work on and of which the worker has no opinion yet, disputes first. Others wait where
  // `waits` says so of their job.
  Check* NextFor(const std::string& worker, std::optional<int64_t> only_job,
                 const std::function<bool(int64_t job)>& waits);
  // Whether nobody is at work on one of them.
  bool AnyWaits() const;
  static Outcome OutcomeOf(const Check& check);

  // Opinions of the worker do not count any more. Checks that are left without any are closed.
  void Disregard(const std::string& worker);
  std::vector<Key> OfJob(int64_t job) const;

 private:
  std::map<Key, Check> checks_;
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_CHECKS_H_
