// The answer of a job and its certificate, for people and for scripts.
#ifndef MINNOW_COMMON_REPORT_ANSWER_REPORT_H_
#define MINNOW_COMMON_REPORT_ANSWER_REPORT_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/cli/console.h"
#include "common/report/output.h"
#include "common/results.h"

namespace minnow {

// Confidence level of pass rates.
inline constexpr double kPassRateLevel = 0.95;

struct ReportOptions {
  std::string place_flag;  // with which the next commands find the same results, with a blank in front, or empty
  bool json = false;
  bool full = false;      // every row of the certificate
  std::string why_still;  // of an answer to which more is to be added: why that does not move; empty when it does
};

// What `minnow answer JOB --json` prints.
Json AnswerJson(const AnswerReport& report);

// One of its splits.
Json SplitJson(const SplitAnswer& split);

// What is still to be added to the answer, as a list of words: "how often its recipe passes, 2 other splits of the
// rows".
std::string StillToCome(const JobRecord& job, const std::vector<SplitAnswer>& splits);

// Why there is no reliable shape, as one clause.
std::string WhyNotReliable(const JobRecord& job);

// The search ended with an answer that the test part did not confirm.
bool Unconfirmed(const AnswerReport& report);

// The report of a job that has ended. `console` says whether to use colours.
std::string AnswerText(const AnswerReport& report, const ReportOptions& options, const Console& console);

// How `answer` and `run` end: 0 answered, 3 nothing good enough or nothing confirmed, 4 budget spent, 1 otherwise.
ExitCode AnswerExitCode(const AnswerReport& report);

// Writes one of the two to stdout and returns the exit code.
ExitCode PrintReport(const AnswerReport& report, const ReportOptions& options, Console& console);

// "one hidden layer of 8 units", "2 hidden layers of 16 and 8 units", "no hidden layer (a linear model)".
std::string HiddenWords(const std::vector<int>& hidden);

// "  recipe      he initial weights, ...": a line of the report; what does not fit goes on under the text. Nothing for
// an empty text.
std::string LabelledText(std::string_view label, const std::string& text);

// The upper bound of a rejected shape's pass rate that needs no assumption about early stop: from its audited trials
// alone, which were drawn by lot, or from all its tries where none was stopped. 0 of a shape that was not tried.
double PassRateUpperByAudits(const VerdictRow& row);

// The part of AnswerText about smaller shapes: the table of the certificate, what it claims, what is open.
std::string CertificateText(const AnswerReport& report, bool full);

}  // namespace minnow

#endif  // MINNOW_COMMON_REPORT_ANSWER_REPORT_H_
