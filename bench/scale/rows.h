// What the scale benchmark measures, and how it is printed.
#ifndef MINNOW_BENCH_SCALE_ROWS_H_
#define MINNOW_BENCH_SCALE_ROWS_H_

#include <cstdint>
#include <ostream>
#include <vector>

namespace minnow::bench {

// Of one crowd.
struct ScaleRow {
  int workers = 0;
  double trial_seconds = 0;
  int64_t trials = 0;          // of the job whose time was taken
  double connect_seconds = 0;  // until the last worker was answered
  double seconds = 0;          // from sending the job to the last acknowledged result
  double overhead = 0;         // seconds / (trials * trial_seconds / workers) - 1
  double trials_per_second = 0;
  double calls_per_second = 0;   // answered meanwhile
  double server_cores = 0;       // busy with the server meanwhile
  double unfairness = 0;         // of two equal jobs: how far the share of one is from a half, divided by that
  double reconnect_seconds = 0;  // from killing the server, which is started again at once, until all are back
  double memory_mb = 0;          // of the server, the most that was seen
};

void PrintJson(const std::vector<ScaleRow>& rows, std::ostream& out);
void PrintText(const std::vector<ScaleRow>& rows, std::ostream& out);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_SCALE_ROWS_H_
