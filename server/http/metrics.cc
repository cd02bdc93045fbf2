#include "server/http/metrics.h"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "common/job.h"
#include "common/text.h"
#include "common/trial.h"

namespace minnow::http {
namespace {

// States without jobs or trials are there with 0, so that a query finds them before the first one.
constexpr std::array kJobStates = {JobState::kQueued,    JobState::kRunning,   JobState::kPaused,
                                   JobState::kAnswered,  JobState::kExhausted, JobState::kBudgetSpent,
                                   JobState::kCancelled, JobState::kFailed};
constexpr std::array kOutcomes = {TrialState::kPassed,   TrialState::kMissed, TrialState::kStoppedEarly,
                                  TrialState::kDiverged, TrialState::kFailed, TrialState::kCancelled};

using Labels = std::vector<std::pair<std::string_view, std::string>>;

// One metric after the other: Begin, then its samples.
class MetricsWriter {
 public:
  void Begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ + " " + std::string(type) + "\n";
  }
  void Sample(double value, const Labels& labels = {});
  void Sample(int64_t value, const Labels& labels = {});

  void Gauge(std::string_view name, std::string_view help, auto value) {
    Begin(name, "gauge", help);
    Sample(value);
  }
  void Counter(std::string_view name, std::string_view help, auto value) {
    Begin(name, "counter", help);
    Sample(value);
  }

  std::string TakeText() { return std::move(text_); }

 private:
  void AddSample(const Labels& labels, const std::string& value);

  std::string name_;
  std::string text_;
};

void WriteState(const Metrics& metrics, MetricsWriter& writer);
void WriteCounts(const Metrics& metrics, MetricsWriter& writer);

template <typename Key>
int64_t CountOf(const std::map<Key, int64_t>& counts, Key key) {
  const auto count = counts.find(key);
  return count == counts.end() ? 0 : count->second;
}

}  // namespace

std::string MetricsText(const Metrics& metrics) {
  MetricsWriter writer;
  writer.Begin("minnow_build_info", "gauge", "Always 1; the labels say what runs.");
  writer.Sample(int64_t{1}, {{"version", metrics.version}, {"numerics_version", std::to_string(kNumericsVersion)}});
  WriteState(metrics, writer);
  WriteCounts(metrics, writer);
  writer.Gauge("process_resident_memory_bytes", "Resident memory of the process.", metrics.resident_bytes);
  writer.Gauge("process_start_time_seconds", "When the process started, in seconds since 1970.", metrics.start_seconds);
  return writer.TakeText();
}

namespace {

void WriteState(const Metrics& metrics, MetricsWriter& writer) {
  const ledger::Health& health = metrics.health;
  writer.Begin("minnow_jobs", "gauge", "Jobs in the database, by state.");
  for (const JobState state : kJobStates) {
    writer.Sample(CountOf(health.jobs, state), {{"state", std::string(Name(state))}});
  }
  writer.Gauge("minnow_workers_connected", "Workers that were heard from within the lease time.", health.workers);
  writer.Gauge("minnow_leases", "Slices in the hands of workers.", health.leases);
  writer.Gauge("minnow_slices_waiting", "Slices of running jobs that wait for a worker.", health.free);
  writer.Gauge("minnow_ledger_queue", "Requests that wait for the ledger thread.", health.queued);
  writer.Gauge("minnow_ledger_waiting_workers", "Requests for work that wait until there is some.", health.waiting);
  writer.Gauge("minnow_store_healthy", "1, or 0 when the last commit failed.", int64_t{health.store.ok()});
  writer.Gauge("minnow_disk_low", "1 when no work is given out because the disk is nearly full.",
               int64_t{health.disk_low});
  writer.Gauge("minnow_database_bytes", "Size of the database and its log.", metrics.database_bytes);
}

void WriteCounts(const Metrics& metrics, MetricsWriter& writer) {
  const ledger::Health& health = metrics.health;
  const core::Counters& counters = health.counters;
  writer.Counter("minnow_commits_total", "Transactions.", health.commits);
  writer.Counter("minnow_commit_seconds_total", "Time spent in transactions.", health.commit_seconds);
  writer.Begin("minnow_trials_total", "counter", "Trials reported, by outcome.");
  for (const TrialState state : kOutcomes) {
    writer.Sample(CountOf(metrics.totals.trials, state), {{"state", std::string(Name(state))}});
  }
  writer.Counter("minnow_epochs_total", "Epochs of the trials reported.", metrics.totals.epochs);
  writer.Counter("minnow_samples_total", "Training rows of those, each once an epoch.", counters.samples);
  writer.Counter("minnow_leases_total", "Slices given out.", counters.leases);
  writer.Counter("minnow_checks_total", "Slices done once more by another worker, to compare the results.",
                 counters.checks);
  writer.Counter("minnow_hedges_total", "Slices given out once more because they are late.", counters.hedges);
  writer.Counter("minnow_leases_expired_total", "Leases that ended because the worker fell silent.", counters.expired);
  writer.Counter("minnow_late_reports_total", "Results taken after their lease had ended.", counters.late_reports);
  writer.Counter("minnow_duplicate_results_total", "Results of trials that were known already.", counters.duplicates);
  writer.Counter("minnow_mismatches_total", "Duplicate results with other bits: a faulty machine.",
                 counters.mismatches);
}

void MetricsWriter::Sample(double value, const Labels& labels) { AddSample(labels, NumberText(value)); }
void MetricsWriter::Sample(int64_t value, const Labels& labels) { AddSample(labels, std::to_string(value)); }

std::string Escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    text += c == '\n' ? std::string_view("\\n") : std::string_view(&c, 1);
  }
  return text;
}

void MetricsWriter::AddSample(const Labels& labels, const std::string& value) {
  text_ += name_;
  std::string_view before = "{";
  for (const auto& [label, label_value] : labels) {
    text_ += std::string(before) + std::string(label) + "=\"" + Escaped(label_value) + "\"";
    before = ",";
  }
  if (!labels.empty()) text_ += "}";
  text_ += " " + value + "\n";
}

}  // namespace
}  // namespace minnow::http
