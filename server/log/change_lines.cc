#include "server/log/change_lines.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <tuple>
#include <vector>

#include "common/resource_names.h"

namespace minnow::log {
namespace {

void LogEvent(Log& log, const EventRecord& event) {
  static constexpr std::array<std::string_view, 6> kBad = {"failure", "mismatch",    "disputed",
                                                           "suspect", "quarantined", "worker_paused"};
  const bool bad = std::find(kBad.begin(), kBad.end(), event.kind) != kBad.end();
  std::vector<Field> fields;
  if (event.job) fields.emplace_back("job", JobName(*event.job));
  fields.emplace_back("text", event.text);
  log.Write(bad ? Level::kWarning : Level::kInfo, event.kind, fields);
}

void LogLease(Log& log, const core::LeaseRecord& lease) {
  std::vector<Field> fields = {{"lease", lease.id}, {"job", JobName(lease.job)}};
  if (lease.entry >= 0) {
    fields.emplace_back("bundle", lease.entry);
    fields.emplace_back("slice", lease.slice);
  } else {
    fields.emplace_back("work", "prediction");
  }
  fields.emplace_back("attempt", lease.attempt);
  fields.emplace_back("worker", lease.worker);
  log.Write(Level::kDebug, lease.ended ? "lease_ended" : "leased", fields);
}

struct Reported {
  int64_t trials = 0;
  int64_t passed = 0;
  int64_t epochs = 0;
};

void LogReports(Log& log, const std::vector<TrialRecord>& trials) {
  std::map<std::tuple<int64_t, int64_t, std::string>, Reported> groups;  // by job, bundle, worker
  for (const TrialRecord& trial : trials) {
    Reported& group = groups[{trial.job, trial.entry, trial.worker}];
    ++group.trials;
    group.passed += trial.result.state == TrialState::kPassed ? 1 : 0;
    group.epochs += trial.result.epochs;
  }
  for (const auto& [key, group] : groups) {
    const auto& [job, bundle, worker] = key;
    log.Write(Level::kDebug, "reported",
              {{"job", JobName(job)},
               {"bundle", bundle},
               {"worker", worker},
               {"trials", group.trials},
               {"passed", group.passed},
               {"epochs", group.epochs}});
  }
}

}  // namespace

void LogChanges(Log& log, const core::Changes& changes) {
  for (const core::WorkerRecord& worker : changes.workers) {
    log.Write(Level::kInfo, "registered",
              {{"worker", worker.id.name}, {"threads", worker.threads}, {"processor", worker.processor}});
  }
  for (const EventRecord& event : changes.events) LogEvent(log, event);
  if (!log.Wants(Level::kDebug)) return;
  for (const core::LeaseRecord& lease : changes.leases) LogLease(log, lease);
  for (const int64_t lease : changes.deleted_leases) log.Write(Level::kDebug, "lease_closed", {{"lease", lease}});
  LogReports(log, changes.trials);
}

}  // namespace minnow::log
