#include "bench/scale/rows.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace minnow::bench {

// The overhead is that of the smallest crowd, which has a target; the others are the worst of all.
void PrintJson(const std::vector<ScaleRow>& rows, std::ostream& out) {
  nlohmann::ordered_json json = {{"overhead", rows.front().overhead}, {"reconnect_seconds", 0.0}, {"memory_mb", 0.0}};
  for (const ScaleRow& row : rows) {
    json["reconnect_seconds"] = std::max(json["reconnect_seconds"].get<double>(), row.reconnect_seconds);
    json["memory_mb"] = std::max(json["memory_mb"].get<double>(), row.memory_mb);
    json["rows"].push_back({{"workers", row.workers},
                            {"trial_seconds", row.trial_seconds},
                            {"trials", row.trials},
                            {"connect_seconds", row.connect_seconds},
                            {"seconds", row.seconds},
                            {"overhead", row.overhead},
                            {"trials_per_second", row.trials_per_second},
                            {"calls_per_second", row.calls_per_second},
                            {"server_cores", row.server_cores},
                            {"unfairness", row.unfairness},
                            {"reconnect_seconds", row.reconnect_seconds},
                            {"memory_mb", row.memory_mb}});
  }
  out << json.dump() << std::endl;
}

void PrintText(const std::vector<ScaleRow>& rows, std::ostream& out) {
  for (const ScaleRow& row : rows) {
    out << fmt::format("{} workers, {} trials of {:g} s, each a slice by itself\n", row.workers, row.trials,
                       row.trial_seconds);
    const auto line = [&out](const std::string& what, const std::string& measured) {
      out << fmt::format("  {:<62} {:>12}\n", what, measured);
    };
    line("all connected after, s", fmt::format("{:.1f}", row.connect_seconds));
    line("from the submission to the last stored result, s", fmt::format("{:.2f}", row.seconds));
    line("overhead against ideal (3 % or less with 1,000)", fmt::format("{:.1f} %", 100 * row.overhead));
    line("trials a second", fmt::format("{:.0f}", row.trials_per_second));
    line("calls a second", fmt::format("{:.0f}", row.calls_per_second));
    line("cores that the server kept busy", fmt::format("{:.2f}", row.server_cores));
    line("unfairness between two equal jobs", fmt::format("{:.1f} %", 100 * row.unfairness));
    line("all back after the server was killed (30 or less), s", fmt::format("{:.1f}", row.reconnect_seconds));
    line("memory of the server, MB", fmt::format("{:.0f}", row.memory_mb));
  }
}

}  // namespace minnow::bench
