// How far a job is, on stderr: a picture that is rewritten on a terminal, plain lines elsewhere.
#ifndef MINNOW_CLIENT_PROGRESS_H_
#define MINNOW_CLIENT_PROGRESS_H_

#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/screen.h"
#include "common/cli/console.h"
#include "common/results.h"
#include "common/threshold.h"

namespace minnow::client {

// What the job does now: "first trials" (nothing is evidence yet: often the pilot), "searching", "opening the test
// part", ...
std::string DoingText(const JobProgress& progress);

// "searching, 12 of 157 shapes open, 412 trials, 4.20 s", or "ANSWERED, now how often its recipe passes, ...". Fields
// are left out from the right, each as a whole, until the line has at most `columns` columns.
std::string ProgressLine(const JobProgress& progress, Metric metric, double seconds,
                         int columns = std::numeric_limits<int>::max());

// Whether the letters of this process' terminal are UTF-8, by LC_ALL, LC_CTYPE and LANG.
bool TakesUtf8();

struct ProgressOptions {
  Metric metric = Metric::kAccuracy;
  std::string crew;      // who works, where that is known: "2 threads"
  bool quiet = false;    // shows nothing
  bool unicode = false;  // the terminal takes UTF-8
};

// Time is an argument: seconds since the start.
class ProgressDisplay {
 public:
  ProgressDisplay(Console& console, ProgressOptions options)
      : console_(console), options_(std::move(options)), screen_(console.err) {}
  // On a terminal the last state stays, as one plain line.
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  // To be called as often as there is news. A terminal whose cursor moves gets a picture, drawn at most ten times a
  // second; without one it writes when the phase changes and every 5 seconds. A reason why nothing moves gets a line of
  // its own, once it has held for half a second.
  void Show(const JobProgress& progress, double seconds);
  // Writes a line that stays.
  void Note(const std::string& text);
  // All shapes of the job as they stand now, for the pictures that follow.
  void SetShapes(std::vector<VerdictRow> shapes) { shapes_ = std::move(shapes); }
  // Clears the picture, so that other text can follow.
  void End() { screen_.Clear(); }

 private:
  void Draw(const JobProgress& progress, double seconds);
  void Measure(int64_t trials, double seconds);
  std::optional<double> TrialsPerSecond() const;
  void NoteWhyStill(const std::string& why, double seconds);

  Console& console_;
  const ProgressOptions options_;
  Screen screen_;
  std::string phase_;
  double written_at_ = 0;
  std::optional<std::pair<JobProgress, double>> drawn_;  // what the picture shows, and when that was
  std::deque<std::pair<double, int64_t>> measurements_;  // of late: seconds, trials reported
  std::vector<VerdictRow> shapes_;
  std::string why_;
  double why_since_ = 0;
  bool why_noted_ = false;
};

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_PROGRESS_H_
