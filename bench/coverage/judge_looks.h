// The looks of a finished job, judged by rows that it never saw.
#ifndef MINNOW_BENCH_COVERAGE_JUDGE_LOOKS_H_
#define MINNOW_BENCH_COVERAGE_JUDGE_LOOKS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/data/csv.h"
#include "common/statistics.h"
#include "worker/nn/engine.h"

namespace minnow::bench {

// One opening of the test part.
struct JudgedLook {
  double score = 0;   // on the test part
  Interval interval;  // that the job reported for it
  bool confirmed = false;
  double truth = 0;  // accuracy of the same network on the fresh rows
};

// The looks of the only job in the database, in their order, each with the accuracy of its network on all rows of
// `fresh`, prepared as the job prepared its own. Empty when no network passed. FailedPrecondition when the database
// holds another number of jobs, or a job that is no classification or has not ended.
absl::StatusOr<std::vector<JudgedLook>> JudgeLooks(const std::string& database, const data::CsvTable& fresh,
                                                   const nn::Engine& engine);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_COVERAGE_JUDGE_LOOKS_H_
