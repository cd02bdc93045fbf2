#include "server/http/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/http/metrics_text.h"

namespace minnow::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Metrics SomeMetrics() {
  Metrics metrics{.version = "0.1.0"};
  metrics.health.queued = 1;
  metrics.health.waiting = 2;
  metrics.health.commits = 3;
  metrics.health.commit_seconds = 0.25;
  metrics.health.counters = {.samples = 123,
                             .leases = 10,
                             .hedges = 4,
                             .expired = 5,
                             .late_reports = 6,
                             .duplicates = 7,
                             .mismatches = 8,
                             .checks = 9};
  metrics.health.jobs = {{JobState::kRunning, 2}, {JobState::kAnswered, 40}};
  metrics.health.leases = 9;
  metrics.health.free = 13;
  metrics.health.workers = 11;
  metrics.totals.trials = {{TrialState::kMissed, 100}, {TrialState::kPassed, 12}};
  metrics.totals.epochs = 4321;
  metrics.database_bytes = int64_t{5} << 32;
  metrics.resident_bytes = 1 << 20;
  metrics.start_seconds = 1'795'469'814.25;
  return metrics;
}

TEST(Metrics, KeepTheRulesOfTheFormat) {
  const MetricsPage page = ReadMetrics(MetricsText(SomeMetrics()));
  EXPECT_THAT(page.faults, IsEmpty());
  EXPECT_EQ(page.types.size(), 24u);
}

TEST(Metrics, SayWhatIsGoingOn) {
  const MetricsPage page = ReadMetrics(MetricsText(SomeMetrics()));
  const std::map<std::string, double> expected = {{"minnow_build_info{version=\"0.1.0\",numerics_version=\"2\"}", 1},
                                                  {"minnow_jobs{state=\"RUNNING\"}", 2},
                                                  {"minnow_jobs{state=\"ANSWERED\"}", 40},
                                                  {"minnow_jobs{state=\"FAILED\"}", 0},
                                                  {"minnow_workers_connected", 11},
                                                  {"minnow_leases", 9},
                                                  {"minnow_slices_waiting", 13},
                                                  {"minnow_ledger_queue", 1},
                                                  {"minnow_ledger_waiting_workers", 2},
                                                  {"minnow_commits_total", 3},
                                                  {"minnow_commit_seconds_total", 0.25},
                                                  {"minnow_store_healthy", 1},
                                                  {"minnow_disk_low", 0},
                                                  {"minnow_trials_total{state=\"PASSED\"}", 12},
                                                  {"minnow_trials_total{state=\"MISSED\"}", 100},
                                                  {"minnow_trials_total{state=\"DIVERGED\"}", 0},
                                                  {"minnow_epochs_total", 4321},
                                                  {"minnow_samples_total", 123},
                                                  {"minnow_leases_total", 10},
                                                  {"minnow_checks_total", 9},
                                                  {"minnow_hedges_total", 4},
                                                  {"minnow_leases_expired_total", 5},
                                                  {"minnow_late_reports_total", 6},
                                                  {"minnow_duplicate_results_total", 7},
                                                  {"minnow_mismatches_total", 8},
                                                  {"minnow_database_bytes", 21474836480},
                                                  {"process_resident_memory_bytes", 1048576},
                                                  {"process_start_time_seconds", 1795469814.25}};
  for (const auto& [sample, value] : expected) {
    ASSERT_TRUE(page.samples.contains(sample)) << sample;
    EXPECT_EQ(page.samples.at(sample), value) << sample;
  }
}

TEST(Metrics, SayWhatIsWrong) {
  Metrics metrics = SomeMetrics();
  metrics.health.store = absl::UnavailableError("I/O error");
  metrics.health.disk_low = true;
  const MetricsPage page = ReadMetrics(MetricsText(metrics));
  EXPECT_EQ(page.samples.at("minnow_store_healthy"), 0);
  EXPECT_EQ(page.samples.at("minnow_disk_low"), 1);
}

TEST(Metrics, EscapeTheValuesOfLabels) {
  Metrics metrics = SomeMetrics();
  metrics.version = "a \"b\"\\c\nd";
  const std::string text = MetricsText(metrics);
  EXPECT_THAT(ReadMetrics(text).faults, IsEmpty());
  EXPECT_THAT(text, HasSubstr(R"({version="a \"b\"\\c\nd",numerics_version="2"} 1)"));
}

TEST(MetricsReader, FindsFaults) {
  const std::string good = "# HELP a_total Text.\n# TYPE a_total counter\na_total 1\n";
  EXPECT_THAT(ReadMetrics(good).faults, IsEmpty());
  for (const std::string& bad : {good + "a_total 2\n", good + good, good + "b 1\n", std::string("a_total 1"),
                                 good + "# HELP b Text.\n# TYPE b gauge\n", good + "# HELP b Text.\nb 1\n",
                                 std::string("# HELP a Text.\n# TYPE a counter\na 1\n"),
                                 std::string("# HELP a Text.\n# TYPE a gauge\na{1x=\"\"} 1\n"),
                                 std::string("# HELP a Text.\n# TYPE a gauge\na{x=\"\"\"} 1\n"),
                                 std::string("# HELP a Text.\n# TYPE a gauge\na one\n")}) {
    EXPECT_THAT(ReadMetrics(bad).faults, Not(IsEmpty())) << bad;
  }
}

}  // namespace
}  // namespace minnow::http
