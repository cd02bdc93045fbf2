// The page of a job as one file that needs nothing else: no server, no network.
#ifndef MINNOW_WEB_SAVED_REPORT_H_
#define MINNOW_WEB_SAVED_REPORT_H_

#include <string>

#include "common/report/output.h"

namespace minnow::web {

// HTML with the document, the style and the scripts in it. Its policy lets the scripts run that it has, by their
// hashes, and nothing else, and lets it reach no network, whatever names the document holds. `made` is a line at its
// end: when it was saved, and by what.
std::string SavedReport(const Json& document, const std::string& made);

}  // namespace minnow::web

#endif  // MINNOW_WEB_SAVED_REPORT_H_
