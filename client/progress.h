// How far a job is, on stderr: one line that is rewritten on a terminal, plain lines elsewhere.
#ifndef MINNOW_CLIENT_PROGRESS_H_
#define MINNOW_CLIENT_PROGRESS_H_

#include <limits>
#include <string>

#include "common/cli/console.h"
#include "common/results.h"
#include "common/threshold.h"

namespace minnow::client {

// "searching, 12 of 157 shapes open, 412 trials, 4.20 s", or "ANSWERED, now how often its recipe passes, ...". Fields
// are left out from the right, each as a whole, until the line has at most `columns` columns.
std::string ProgressLine(const JobProgress& progress, Metric metric, double seconds,
                         int columns = std::numeric_limits<int>::max());

// Time is an argument: seconds since the start.
class ProgressDisplay {
 public:
  ProgressDisplay(Console& console, Metric metric) : console_(console), metric_(metric) {}
  ~ProgressDisplay() { End(); }
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  // To be called as often as there is news. Without a terminal it writes when the phase changes and every 5 seconds. A
  // reason why nothing moves gets a line of its own, once it has held for half a second.
  void Show(const JobProgress& progress, double seconds);
  // Writes a line that stays.
  void Note(const std::string& text);
  // Clears the rewritten line, so that other text can follow.
  void End();

 private:
  void NoteWhyStill(const std::string& why, double seconds);

  Console& console_;
  Metric metric_;
  std::string phase_;
  double written_at_ = 0;
  bool line_shown_ = false;
  std::string why_;
  double why_since_ = 0;
  bool why_noted_ = false;
};

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_PROGRESS_H_
