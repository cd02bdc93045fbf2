// What the coordinator benchmark measures, and how it is printed.
#ifndef MINNOW_BENCH_COORDINATOR_ROWS_H_
#define MINNOW_BENCH_COORDINATOR_ROWS_H_

#include <cstdint>
#include <ostream>
#include <vector>

namespace minnow::bench {

struct Figures {
  // The rows of the table.
  double durable_results_per_second = 0;
  double single_reports_per_second = 0;
  double single_report_p99_ms = 0;  // from sending a report to the next lease
  double lease_p99_ms = 0;
  double cost_ratio = 0;
  double restart_seconds = 0;
  double smallest_good_enough_ms = 0;
  double memory_mb = 0;
  // What explains them.
  int64_t trials = 0;                  // stored by the first row
  double rows_per_trial = 0;           // of trials, scores, models and bundles that stay
  double bytes_per_trial = 0;          // of the database file and its log
  double server_us_per_trial = 0;      // processor time, while the first row was measured
  double server_us_per_single = 0;     // the same for the second row
  double memory_after_restart_mb = 0;  // with the same finished jobs on the disk
  double dispatch_p50_ms = 0;          // beside lease_p99_ms
  double single_report_p50_ms = 0;
};

void PrintJson(const Figures& figures, std::ostream& out);
void PrintText(const Figures& figures, std::ostream& out);

// The value that a share `q` of the values, in no order and at least one, does not exceed.
double Quantile(std::vector<double> values, double q);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_COORDINATOR_ROWS_H_
