// The questions that are asked in a simulated world, and what training would make of them: functions of the trial, as
// training is, that take no time.
#ifndef MINNOW_TESTS_SIMULATION_QUESTIONS_H_
#define MINNOW_TESTS_SIMULATION_QUESTIONS_H_

#include <string>
#include <vector>

#include "common/results.h"
#include "server/core/coordinator.h"
#include "server/search/bundle.h"
#include "server/search/space.h"
#include "tests/support/memory_store.h"

namespace minnow::simulation {

struct Question {
  std::string name;
  core::SubmitRequest request;  // without request id and priority
  // Its answer says more when it was interrupted: what is added to an answer stays as it is then, and which trials are
  // audited depends on their numbers.
  bool asked_anew = false;
};

// Ladders of several kinds, grid, random, budgets, missed looks, a threshold to be found, other splits.
const std::vector<Question>& Questions();

// What plans them: for some of them a ladder without a sensible order, which leaves moot bundles behind.
core::SearcherFactory Searchers();

// What an honest machine reports.
LeaseReport Train(const Lease& lease);
// How long one thread of speed 1 takes.
double SecondsOf(const Lease& lease);

// What the trial at `index` of a bundle is to result in.
TrialResult Recompute(const JobRecord& job, const search::Space& space, const search::Bundle& bundle, int index);
// Whether two results of one trial are the same, bit for bit but for the time they took.
bool SameResult(const TrialResult& a, const TrialResult& b);
// The score of a network on the test part: every third shape or so misses.
double LookScore(const Shape& shape);

// Whether the job, or a split of its rows, was cancelled or failed, and then went on. What was issued by then is issued
// again under other numbers.
bool WasInterrupted(const core::StoredState& stored, int64_t job);

// Everything that people see of a job, but for times: the trials that count, verdicts and certificate, looks, the
// answer, and the same of the other splits. `with_numbers`: of the trials; otherwise only their order.
std::string AnswerOf(const core::StoredState& stored, int64_t job, bool with_numbers);

}  // namespace minnow::simulation

#endif  // MINNOW_TESTS_SIMULATION_QUESTIONS_H_
