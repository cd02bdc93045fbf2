// What `jobs` and `show` print.
#ifndef MINNOW_CLIENT_RESULTS_H_
#define MINNOW_CLIENT_RESULTS_H_

#include <string>
#include <vector>

#include "common/report/output.h"
#include "common/results.h"

namespace minnow::client {

// Everything about one job.
struct JobDetails {
  JobSummary summary;
  std::vector<VerdictRow> shapes;
  std::vector<EventRecord> events;
  std::vector<SplitAnswer> splits;  // the other splits of its rows
  std::string why_still;            // why the job does not move, and what to do; empty when it moves or has ended
};

// Why a job in state BUDGET_SPENT does not move, and what to do.
inline constexpr char kBudgetIsSpent[] =
    "Its budget is spent: the same question with a larger one goes on from where it stopped.";

std::string JobsText(const std::vector<JobSummary>& jobs);

std::string DetailsText(const JobDetails& details);
Json DetailsJson(const JobDetails& details);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_RESULTS_H_
