// What a certificate claims, and what it does not.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "common/report/answer_report.h"
#include "common/report/answer_words.h"
#include "common/report/certificate_rows.h"
#include "common/statistics.h"

namespace minnow {
namespace {

using Rows = std::vector<VerdictRow>;

bool Reliable(const JobRecord& job) { return job.spec.pass == PassPolicy::kReliable; }

std::string DirectMeaning(const JobRecord& job) {
  if (Reliable(job)) {
    return "by Wald's test, each of its recipes passes too rarely. A recipe that passes for 9 of 10 seeds is rejected "
           "like this with a chance of 5 % at most, one that passes for 7 of 10 is taken for good with a chance of 5 % "
           "at most.";
  }
  return "it was tried so many times, evenly over the recipes, and never passed. That excludes, for this shape, a pass "
         "rate of 5 % or more, at 95 % confidence; \"pass rate\" is the exact bound.";
}

// The assumption that early stop makes, and what speaks for it.
std::string StoppedMeaning(const AnswerReport& report) {
  const int64_t stopped = Stopped(report.certificate);
  if (stopped == 0) return "";
  std::string text = fmt::format(
      "{} of these {} were given up early, too far behind. All of this holds if none of them would have passed.",
      CountText(stopped), Counted(Sum(report.certificate, &VerdictRow::tries), "trial"));
  if (!report.early_stop_audit) return text;
  const EarlyStopAudit& audit = *report.early_stop_audit;
  text +=
      fmt::format(" What speaks for that: {} trained on whatever happened; ", Counted(audit.audited, "audited trial"));
  if (audit.would_have_stopped == 0) return text + "none of them would have been given up, so that is nothing yet.";
  text += fmt::format(
      "{} would have been given up, and {} of them passed. So at 95 % confidence at most {} of those given up would "
      "have.",
      CountText(audit.would_have_stopped), audit.passed == 0 ? "none" : CountText(audit.passed),
      WholePercent(ClopperPearsonUpper(audit.passed, audit.would_have_stopped, kPassRateLevel)));
  if (Reliable(report.job.record)) return text;  // what nothing may stop there is no fixed number of trials
  // Of the shape that is nearest to the answer.
  const auto nearest = std::find_if(report.certificate.rbegin(), report.certificate.rend(),
                                    [](const VerdictRow& row) { return row.tries > row.finished; });
  return text +
         fmt::format(
             " That is about all shapes together; what was audited of {} alone excludes pass rates above {} and no "
             "others. A shape that jumps late, rarely, and unlike those around it can be missed.",
             HiddenText(nearest->shape.hidden), WholePercent(PassRateUpperByAudits(*nearest)));
}

std::string ContainedMeaning() {
  return "a shape with as many layers, none of them narrower, was rejected directly; a network of this one is at best "
         "as "
         "good.";
}

// The chance that the answer is not the smallest, where it is known.
std::string ErrorMeaning(const AnswerReport& report) {
  const JobRecord& job = report.job.record;
  if (job.spec.search != SearchKind::kLadder || !job.wrong_at_most || CountBecause(report.certificate, "direct") == 0)
    return "";
  const std::string good =
      Reliable(job) ? "with a recipe that passes for 9 of 10 seeds" : "with a pass rate of 5 % or more";
  std::string text = fmt::format("the chance that a {}shape {} was missed is at most {} (wrong_at_most)",
                                 !report.undecided.empty() ? "rejected "
                                 : report.trial            ? "smaller "
                                                           : "",
                                 good, PercentText(*job.wrong_at_most));
  if (CountBecause(report.certificate, "convex") > 0) text += "; the linear model is not in it";
  if (!report.undecided.empty()) text += "; nothing is known of the undecided shapes";
  return text + ".";
}

std::string NotClaimed(const AnswerReport& report) {
  const JobRecord& job = report.job.record;
  const std::string rarer = Reliable(job) ? "" : "of networks that training finds more rarely, ";
  const std::string linear =
      CountBecause(report.certificate, "convex") > 0 ? "of the linear model under other recipes, " : "";
  return fmt::format(
      "nothing is said {}{}of other recipes, more than {} or other splits of the rows: all of this is about "
      "the validation part of this one.",
      rarer, linear, Counted(job.spec.epochs, "epoch"));
}

}  // namespace

std::string CertificateHeading(const AnswerReport& report) {
  const std::string smaller = report.trial ? " smaller" : "";
  const int64_t rows = static_cast<int64_t>(report.certificate.size());
  const int64_t missed = CountBecause(report.certificate, "missed on test");
  if (rows == 0 && report.undecided.empty()) {
    return fmt::format("Certificate: the search space has no{} shape.", smaller);
  }
  if (rows == 0) return fmt::format("Certificate: no{} shape was rejected.", smaller);
  const int64_t shapes = rows + static_cast<int64_t>(report.undecided.size());
  std::string text =
      shapes == 1 ? fmt::format("Certificate: the only{} shape", smaller)
                  : fmt::format("Certificate: {} of {}{} shapes", CountText(rows - missed), CountText(shapes), smaller);
  text += rows - missed == 0 && shapes == 1 ? " is not rejected"
          : rows - missed == 1              ? " is rejected"
                                            : " are rejected";
  if (missed > 0) text += fmt::format(", {} not confirmed on the test part", CountText(missed));
  if (!report.undecided.empty())
    text += fmt::format(", {} undecided", CountText(static_cast<int64_t>(report.undecided.size())));
  return text + ".";
}

// By the words that the table has.
std::vector<Labelled> CertificateMeanings(const AnswerReport& report) {
  if (report.certificate.empty()) return {};
  const Labelled of_reasons[] = {
      {"direct", DirectMeaning(report.job.record)},
      {"contained", ContainedMeaning()},
      {"convex",
       "without a hidden layer the loss has a single valley, so each recipe is tried once; none passed. That excludes "
       "less than a direct rejection."},
      {"symmetry", "its recipes start all units of a layer alike, so it computes what the narrowest shape computes."},
      {"missed on test", "it passed on validation, and its look at the test part did not confirm it."}};
  std::vector<Labelled> meanings;
  for (const Labelled& reason : of_reasons) {
    if (CountBecause(report.certificate, reason.label) == 0) continue;
    meanings.push_back({reason.label.substr(0, reason.label.find(' ')), reason.text});
  }
  for (const Labelled& whole : {Labelled{"stopped", StoppedMeaning(report)}, Labelled{"in all", ErrorMeaning(report)},
                                Labelled{"not claimed", NotClaimed(report)}}) {
    if (!whole.text.empty()) meanings.push_back(whole);
  }
  return meanings;
}

double PassRateUpperByAudits(const VerdictRow& row) {
  if (row.tries == 0) return 0;
  return ClopperPearsonUpper(row.passes, row.tries == row.finished ? row.tries : row.audited, kPassRateLevel);
}

}  // namespace minnow
