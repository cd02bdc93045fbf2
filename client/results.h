// What `jobs` and `show` print.
#ifndef MINNOW_CLIENT_RESULTS_H_
#define MINNOW_CLIENT_RESULTS_H_

#include <string>
#include <vector>

#include "client/output.h"
#include "server/storage/queries.h"

namespace minnow::client {

// Everything about one job.
struct JobDetails {
  storage::JobSummary summary;
  std::vector<storage::VerdictRow> shapes;
  std::vector<core::EventRecord> events;
  bool held = false;  // a process works on the database
};

std::string JobsText(const std::vector<storage::JobSummary>& jobs);
Json JobJson(const storage::JobSummary& job);

std::string DetailsText(const JobDetails& details);
Json DetailsJson(const JobDetails& details);

// Why the job does not move, and what to do; empty when it moves or has ended.
std::string WhyStill(const core::JobRecord& job, bool held);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_RESULTS_H_
