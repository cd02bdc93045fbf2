// The picture of a running job for a terminal: what it does, the ladder of sizes as a strip, the sizes at the frontier
// as rows.
#ifndef MINNOW_CLIENT_LADDER_PICTURE_H_
#define MINNOW_CLIENT_LADDER_PICTURE_H_

#include <optional>
#include <string>
#include <vector>

#include "common/results.h"
#include "common/threshold.h"

namespace minnow::client {

// What is known of a job that runs.
struct LiveJob {
  JobProgress progress;
  Metric metric = Metric::kAccuracy;
  double seconds = 0;              // since somebody looks
  std::vector<VerdictRow> shapes;  // in listing order; empty until they are known
  std::optional<double> trials_per_second;
  std::string crew;  // "2 threads"; empty: the workers of `progress`
};

struct PictureStyle {
  int columns = 80;
  int lines = 24;
  bool color = false;
  bool unicode = false;
};

// At most that many lines of less than that many columns each. With few lines it is ProgressLine alone.
std::vector<std::string> LadderPicture(const LiveJob& job, const PictureStyle& style);

// Trials that are left when every shape that could still become the answer takes as many as the rejection of the
// shapes that were rejected directly took; nothing while no shape was.
std::optional<int64_t> MostTrialsLeft(const LiveJob& job);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_LADDER_PICTURE_H_
