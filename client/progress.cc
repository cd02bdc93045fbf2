#include "client/progress.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "client/output.h"

namespace minnow::client {
namespace {

constexpr double kPlainLineSeconds = 5;

// What changes it is worth a line of its own.
std::string Phase(const core::JobProgress& progress) {
  if (IsFinal(progress.state)) return "ended";
  if (progress.in_reference) return "reference";
  return fmt::format("search after look {}", progress.looks);
}

std::string Doing(const core::JobProgress& progress) {
  if (IsFinal(progress.state)) return std::string(Name(progress.state));
  if (progress.in_reference) return "finding the threshold with the largest networks";
  if (progress.looks > 0)
    return fmt::format("searching larger shapes after {} at the test part", Counted(progress.looks, "missed look"));
  return "searching";
}

}  // namespace

std::string ProgressLine(const core::JobProgress& progress, Metric metric, double seconds) {
  std::string line = Doing(progress);
  if (progress.in_reference)
    return fmt::format("{}: {}, {}", line, Counted(progress.trials_reported, "trial"), DurationText(seconds));
  if (!IsFinal(progress.state))
    line += fmt::format(", {} of {} open", CountText(progress.shapes_open), Counted(progress.shapes, "shape"));
  if (progress.incumbent) {
    line += fmt::format(", smallest with {} on validation: {} ({})",
                        progress.threshold ? GoalText(metric, progress.threshold) : "a pass",
                        HiddenText(progress.incumbent->hidden), Counted(Parameters(*progress.incumbent), "parameter"));
  }
  return fmt::format("{}, {}, {}", line, Counted(progress.trials_reported, "trial"), DurationText(seconds));
}

void ProgressDisplay::Show(const core::JobProgress& progress, double seconds) {
  const std::string line = ProgressLine(progress, metric_, seconds);
  if (console_.err_is_terminal) {
    // A line that wraps could not be rewritten. All of it is ASCII.
    console_.err << "\r" << line.substr(0, std::max(console_.err_columns - 1, 0)) << "\033[K" << std::flush;
    line_shown_ = true;
    return;
  }
  const std::string phase = Phase(progress);
  if (phase == phase_ && seconds < written_at_ + kPlainLineSeconds) return;
  phase_ = phase;
  written_at_ = seconds;
  console_.err << line << "\n" << std::flush;
}

void ProgressDisplay::End() {
  if (line_shown_) console_.err << "\r\033[K" << std::flush;
  line_shown_ = false;
}

}  // namespace minnow::client
