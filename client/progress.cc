#include "client/progress.h"

#include <spdlog/fmt/fmt.h>

#include <cstdlib>
#include <vector>

#include "client/ladder_picture.h"
#include "common/cli/values.h"
#include "common/report/output.h"
#include "common/text.h"

namespace minnow::client {
namespace {

constexpr double kPlainLineSeconds = 5;
constexpr double kDrawSeconds = 0.1;
constexpr double kMeasureSeconds = 5;     // over which the rate of trials is taken
constexpr double kLeastMeasured = 1;      // less says nothing
constexpr double kWhyStillSeconds = 0.5;  // workers that are just starting are no news

// The answer is there, and more is being added to it.
bool Adding(const JobProgress& progress) { return IsFinal(progress.state) && !progress.over; }

// Every shape that is smaller than the incumbent is rejected.
bool Looking(const JobProgress& progress) {
  return progress.state == JobState::kRunning && !progress.in_reference && progress.incumbent &&
         progress.shapes_open == 0;
}

std::string AddingText(const JobProgress& progress) {
  if (progress.adding == Phase::kPassRate) return "how often its recipe passes";
  if (progress.adding == Phase::kReliable) return "the smallest size that passes for nearly every seed";
  if (progress.splits_open > 0) return fmt::format("{} to go", Counted(progress.splits_open, "other split"));
  return "adding to the answer";
}

// What changes it is worth a line of its own.
std::string PhaseKey(const JobProgress& progress) {
  if (progress.over) return "ended";
  if (!progress.why_still.empty()) return "waiting";
  if (Adding(progress)) return AddingText(progress);
  if (progress.in_reference) return "reference";
  return fmt::format("{} after look {}", Looking(progress) ? "look" : "search", progress.looks);
}

}  // namespace

std::string DoingText(const JobProgress& progress) {
  if (progress.over) return std::string(Name(progress.state));
  if (progress.state == JobState::kPaused) return "paused";
  if (!progress.why_still.empty()) return "waiting";
  if (Adding(progress)) return fmt::format("{}, now {}", Name(progress.state), AddingText(progress));
  if (progress.in_reference) return "finding the threshold with the largest networks";
  if (Looking(progress)) return "opening the test part";
  if (progress.looks > 0) return "searching larger shapes";
  return progress.trials == 0 && !progress.incumbent ? "first trials" : "searching";
}

namespace {

// The same numbers as the answer has. In the reference phase no trial counts.
std::string TrialsText(const JobProgress& progress) {
  const int64_t beside = progress.trials_reported - progress.trials;
  if (progress.in_reference || beside <= 0) return Counted(progress.trials_reported, "trial");
  return fmt::format("{} that {} and {} beside", Counted(progress.trials, "trial"),
                     progress.trials == 1 ? "counts" : "count", CountText(beside));
}

// What the line is made of, the most important first.
std::vector<std::string> Fields(const JobProgress& progress, Metric metric, double seconds) {
  std::vector<std::string> fields = {DoingText(progress)};
  if (progress.looks > 0 && !IsFinal(progress.state)) {
    fields.push_back(fmt::format("{} at the test part", Counted(progress.looks, "unconfirmed look")));
  }
  if (!progress.in_reference && !IsFinal(progress.state)) {
    fields.push_back(fmt::format("{} of {} open", CountText(progress.shapes_open), Counted(progress.shapes, "shape")));
  }
  if (!progress.in_reference && progress.incumbent) {
    fields.push_back(fmt::format(
        "smallest with {} on validation: {} ({})", progress.threshold ? GoalText(metric, progress.threshold) : "a pass",
        HiddenText(progress.incumbent->hidden), Counted(Parameters(*progress.incumbent), "parameter")));
  }
  fields.push_back(TrialsText(progress));
  fields.push_back(DurationText(seconds));
  return fields;
}

// A sentence in which only a time moves on is no news.
std::string WithoutNumbers(std::string text) {
  std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
  return text;
}

}  // namespace

std::string ProgressLine(const JobProgress& progress, Metric metric, double seconds, int columns) {
  std::vector<std::string> fields = Fields(progress, metric, seconds);
  std::string line = Join(fields, ", ");
  // All of it is ASCII.
  while (static_cast<int>(line.size()) > columns && !fields.empty()) {
    fields.pop_back();
    line = Join(fields, ", ");
  }
  return line;
}

bool TakesUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string upper = UpperCase(value);
    return upper.find("UTF-8") != std::string::npos || upper.find("UTF8") != std::string::npos;
  }
  return false;
}

ProgressDisplay::~ProgressDisplay() {
  End();
  if (!drawn_) return;
  console_.err << ProgressLine(drawn_->first, options_.metric, drawn_->second) << "\n" << std::flush;
}

void ProgressDisplay::Show(const JobProgress& news, double seconds) {
  if (options_.quiet) return;
  NoteWhyStill(news.why_still, seconds);
  JobProgress progress = news;
  if (!why_noted_) progress.why_still.clear();
  const std::string phase = PhaseKey(progress);
  if (console_.err_moves) {
    Measure(progress.trials_reported, seconds);
    if (drawn_ && phase == phase_ && seconds < drawn_->second + kDrawSeconds) return;
    phase_ = phase;
    Draw(progress, seconds);
    return;
  }
  if (phase == phase_ && (why_noted_ || seconds < written_at_ + kPlainLineSeconds)) return;
  phase_ = phase;
  written_at_ = seconds;
  console_.err << ProgressLine(progress, options_.metric, seconds) << "\n" << std::flush;
}

void ProgressDisplay::Draw(const JobProgress& progress, double seconds) {
  const PictureStyle style = {.columns = console_.err_columns(),
                              .lines = console_.err_lines(),
                              .color = console_.err_color,
                              .unicode = options_.unicode};
  const LiveJob job = {.progress = progress,
                       .metric = options_.metric,
                       .seconds = seconds,
                       .shapes = shapes_,
                       .trials_per_second = TrialsPerSecond(),
                       .crew = options_.crew};
  screen_.Draw(LadderPicture(job, style), style.columns);
  drawn_ = {progress, seconds};
}

void ProgressDisplay::Measure(int64_t trials, double seconds) {
  measurements_.emplace_back(seconds, trials);
  while (measurements_.front().first < seconds - kMeasureSeconds) measurements_.pop_front();
}

std::optional<double> ProgressDisplay::TrialsPerSecond() const {
  const double span = measurements_.back().first - measurements_.front().first;
  if (span < kLeastMeasured) return std::nullopt;
  return static_cast<double>(measurements_.back().second - measurements_.front().second) / span;
}

void ProgressDisplay::NoteWhyStill(const std::string& why, double seconds) {
  if (WithoutNumbers(why) != WithoutNumbers(why_)) {
    why_since_ = seconds;
    why_noted_ = false;
  }
  why_ = why;
  if (why_.empty() || why_noted_ || seconds < why_since_ + kWhyStillSeconds) return;
  Note(Printable(why_));
  why_noted_ = true;
}

void ProgressDisplay::Note(const std::string& text) {
  End();
  console_.err << text << "\n" << std::flush;
}

}  // namespace minnow::client
