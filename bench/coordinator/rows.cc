#include "bench/coordinator/rows.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

namespace minnow::bench {

void PrintJson(const Figures& figures, std::ostream& out) {
  nlohmann::ordered_json json;
  json["durable_results_per_second"] = figures.durable_results_per_second;
  json["single_reports_per_second"] = figures.single_reports_per_second;
  json["single_report_p99_ms"] = figures.single_report_p99_ms;
  json["lease_p99_ms"] = figures.lease_p99_ms;
  json["cost_ratio"] = figures.cost_ratio;
  json["restart_seconds"] = figures.restart_seconds;
  json["smallest_good_enough_ms"] = figures.smallest_good_enough_ms;
  json["memory_mb"] = figures.memory_mb;
  out << json.dump() << std::endl;
}

void PrintText(const Figures& figures, std::ostream& out) {
  const auto row = [&out](const std::string& what, const std::string& target, const std::string& measured) {
    out << fmt::format("{:<62} {:>12} {:>14}\n", what, target, measured);
  };
  row("what", "target", "measured");
  row("durable trial results in slices of 16, 1/s", ">= 50,000",
      fmt::format("{:.0f}", figures.durable_results_per_second));
  row("durable single-trial report + next lease, 512 in flight, 1/s", ">= 12,000",
      fmt::format("{:.0f}", figures.single_reports_per_second));
  row("  from the report to the next lease, p99, ms", "< 60", fmt::format("{:.1f}", figures.single_report_p99_ms));
  row("lease with 1,000 idle connected workers, p99, ms", "< 20", fmt::format("{:.1f}", figures.lease_p99_ms));
  row("cost of a trial, at the end against at the start", "< 1.3", fmt::format("{:.2f}", figures.cost_ratio));
  row("restart, s", "< 3", fmt::format("{:.2f}", figures.restart_seconds));
  row("smallest_good_enough, p50, ms", "< 1", fmt::format("{:.2f}", figures.smallest_good_enough_ms));
  row("memory with finished jobs, MB", "< 150", fmt::format("{:.0f}", figures.memory_mb));
  out << fmt::format(
      "{} trials stored; each left {:.2f} rows and {:.0f} bytes, and took the server {:.1f} us of processor time, "
      "{:.1f} "
      "us as a single one.\nMedians: {:.1f} ms from a single report to the next lease, {:.1f} ms from a submission to "
      "a "
      "lease. Memory after the restart: {:.0f} MB.\n",
      figures.trials, figures.rows_per_trial, figures.bytes_per_trial, figures.server_us_per_trial,
      figures.server_us_per_single, figures.single_report_p50_ms, figures.dispatch_p50_ms,
      figures.memory_after_restart_mb);
}

double Quantile(std::vector<double> values, double q) {
  const auto rank = static_cast<size_t>(std::ceil(q * static_cast<double>(values.size())));
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(std::max<size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

}  // namespace minnow::bench
