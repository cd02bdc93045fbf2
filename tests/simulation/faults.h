// What can go wrong in a simulated world, how often it does, and how often it did.
//
// Swarm testing (Groce and others 2012): each seed switches some kinds of faults on and others off, and draws how
// likely each is. Rare combinations come up that a world with everything at once would drown.
#ifndef MINNOW_TESTS_SIMULATION_FAULTS_H_
#define MINNOW_TESTS_SIMULATION_FAULTS_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/random.h"

namespace minnow::simulation {

enum class Fault {
  // Each message:
  kDropped,
  kDelayed,     // up to beyond a lease
  kDuplicated,  // what arrives at the server
  kReordered,   // messages of one line overtake each other; else they keep their order
  // Each commit of the coordinator:
  kCrashBeforeCommit,
  kCrashInCommit,  // it may be durable or not
  kCrashAfterCommit,
  kCommitFailed,
  kCommitFailedThoughDone,  // it is durable, and an error is returned
  kCommitHung,
  kLoadFailed,  // each time that the state is read
  // Each moment of the world, to one of its machines:
  kDiskFull,  // for a while
  kServerFrozen,
  kServerClockForward,
  kServerClockBack,  // between two starts: in between it is steady
  kWorkerCrashed,
  kWorkerStopped,  // as by SIGTERM
  kWorkerFrozen,
  kWorkerClockForward,
  kWorkerClockBack,
  kWorkFails,  // the machine cannot train for a while
  // Each start of a worker:
  kTakeover,  // under the name of one that may still live
  kOtherVersion,
  kWrongScores,
  kWrongHashes,
  kForeignLeases,
  kStaleFailures,
  // Each moment, by people:
  kRepeated,  // a request that was answered is sent again
  kPaused,
  kCancelled,
  kDeleted,
  kResubmitted,
  // Counted only, since they follow from others:
  kWokeAfterLease,  // a frozen worker, or one that was cut off
  kTrialsCompared,  // the result of a trial came twice
};
inline constexpr int kFaults = static_cast<int>(Fault::kTrialsCompared) + 1;

std::string_view Name(Fault fault);  // "message dropped", ...

using FaultCounts = std::array<int64_t, kFaults>;

class FaultMix {
 public:
  // Drawn from a seed.
  explicit FaultMix(uint64_t seed);
  // Nothing ever goes wrong.
  static FaultMix None();

  // Whether it happens now. Counts it if so.
  bool Strikes(Fault fault);
  // Without counting: whoever asked counts what came of it.
  bool Draws(Fault fault);
  void Count(Fault fault) { ++counts_[static_cast<size_t>(fault)]; }
  bool On(Fault fault) const { return chances_[static_cast<size_t>(fault)] > 0; }
  // From now on nothing goes wrong any more.
  void Cease() { chances_ = {}; }

  const FaultCounts& counts() const { return counts_; }
  // The kinds that are switched on, with their chances.
  const std::string& text() const { return text_; }

  // More that follows from the seed.
  PhiloxStream& random() { return random_; }
  double Uniform() { return random_.Uniform(); }
  // Mostly small, at most 1.
  double Skewed() { return random_.Uniform() * random_.Uniform() * random_.Uniform(); }

 private:
  std::array<double, kFaults> chances_ = {};
  FaultCounts counts_ = {};
  std::string text_;
  PhiloxStream random_;
};

}  // namespace minnow::simulation

#endif  // MINNOW_TESTS_SIMULATION_FAULTS_H_
