// The figures of a server in the text format of Prometheus, version 0.0.4.
//
//   minnow_build_info{version,numerics_version}  gauge    always 1; the labels say what runs
//   minnow_jobs{state}                           gauge    jobs in the database, by state
//   minnow_workers_connected                     gauge    workers that were heard from within the lease time
//   minnow_leases                                gauge    slices in the hands of workers
//   minnow_ledger_queue                          gauge    requests that wait for the ledger thread
//   minnow_ledger_waiting_workers                gauge    requests for work that wait until there is some
//   minnow_store_healthy                         gauge    1; 0 when the last commit failed
//   minnow_disk_low                              gauge    1 when no work is given out because the disk is nearly full
//   minnow_database_bytes                        gauge    size of the database and its log
//   minnow_commits_total                         counter  transactions
//   minnow_commit_seconds_total                  counter  time spent in them
//   minnow_trials_total{state}                   counter  trials reported, by outcome
//   minnow_epochs_total                          counter  epochs of those
//   minnow_samples_total                         counter  training rows of those, each once an epoch
//   minnow_leases_total                          counter  slices given out
//   minnow_hedges_total                          counter  of those, second copies of work that is late
//   minnow_leases_expired_total                  counter  leases that ended because the worker fell silent
//   minnow_late_reports_total                    counter  results taken after their lease had ended
//   minnow_duplicate_results_total               counter  results of trials that were known already
//   minnow_mismatches_total                      counter  of those, with other bits: a faulty machine
//   process_resident_memory_bytes                gauge
//   process_start_time_seconds                   gauge    since 1970
//
// Counters begin at 0 when the process starts.
#ifndef MINNOW_SERVER_HTTP_METRICS_H_
#define MINNOW_SERVER_HTTP_METRICS_H_

#include <cstdint>
#include <string>

#include "server/http/server_counts.h"
#include "server/ledger/ledger.h"

namespace minnow::http {

struct Metrics {
  std::string version;  // of the program
  ledger::Health health;
  ServerCounts::Totals totals;
  int64_t database_bytes = 0;
  int64_t resident_bytes = 0;
  double start_seconds = 0;
};

std::string MetricsText(const Metrics& metrics);

}  // namespace minnow::http

#endif  // MINNOW_SERVER_HTTP_METRICS_H_
