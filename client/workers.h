// What `workers` prints.
#ifndef MINNOW_CLIENT_WORKERS_H_
#define MINNOW_CLIENT_WORKERS_H_

#include <string>
#include <vector>

#include "common/report/output.h"
#include "common/results.h"

namespace minnow::client {

std::string WorkersText(const std::vector<WorkerSummary>& workers);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_WORKERS_H_
