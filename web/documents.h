// What the pages show, as JSON: one document for the list of jobs and one for each job. The same documents are served
// while a job runs and kept in a saved report, and they are all that the pages know.
//
// A document is bounded however large its job is: what is counted is counted in SQL, of trials it has a sample of each
// shape, and what does not fit in is said in the list "left_out". Reading is bounded as well: when the time is up, the
// parts that are not read yet are left out, and said.
#ifndef MINNOW_WEB_DOCUMENTS_H_
#define MINNOW_WEB_DOCUMENTS_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "common/report/output.h"
#include "common/results.h"

namespace minnow::web {

inline constexpr int kMaxJobs = 500;         // in the list, the newest
inline constexpr int kMaxShownShapes = 600;  // the tried ones first, then those next to the answer
inline constexpr int kMaxRanked = 150'000;   // trials that are ranked; of more, a sample
inline constexpr int kMaxDots = 3000;        // trials drawn, over all shapes
inline constexpr int kMaxCurves = 400;       // trials whose curves are drawn
inline constexpr int kMaxCurvePoints = 64;   // of one curve
inline constexpr int kMaxRecipeRows = 1500;
inline constexpr int kMaxWorkers = 50;
inline constexpr int kMaxEvents = 200;  // the newest

struct Reading {
  double seconds = 60;                                     // for a document as a whole
  std::function<bool()> cancelled = [] { return false; };  // asked now and then: true ends the reading
  // Why a job does not move, asked of who knows better than the database; empty: nobody does.
  std::function<absl::StatusOr<std::string>(const JobRecord&)> why_still = nullptr;
};

// {"jobs": [...], "total": ...}, the newest job first, the other splits of a job among the others.
absl::StatusOr<Json> JobsDocument(Results& results, const Reading& reading);

// Everything about one job. NotFound names the job.
absl::StatusOr<Json> JobDocument(Results& results, int64_t job, const Reading& reading);

}  // namespace minnow::web

#endif  // MINNOW_WEB_DOCUMENTS_H_
