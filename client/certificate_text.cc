#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "client/answer_report.h"
#include "common/statistics.h"

namespace minnow::client {
namespace {

constexpr size_t kAllRows = 12;    // a table of so many is shown whole
constexpr size_t kShownRows = 10;  // of a longer one, the largest

using Rows = std::vector<VerdictRow>;

std::string Heading(const AnswerReport& report);
std::string CertificateTable(const JobRecord& job, const Rows& rows, bool full);
std::string Meanings(const AnswerReport& report);
std::string UndecidedText(const AnswerReport& report);

bool Starts(const VerdictRow& row, std::string_view because) { return row.because.starts_with(because); }

int64_t Count(const Rows& rows, std::string_view because) {
  return std::count_if(rows.begin(), rows.end(), [because](const auto& row) { return Starts(row, because); });
}

bool Reliable(const JobRecord& job) { return job.spec.pass == PassPolicy::kReliable; }

int64_t Sum(const Rows& rows, int64_t VerdictRow::*count) {
  int64_t sum = 0;
  for (const VerdictRow& row : rows) sum += row.*count;
  return sum;
}

int64_t Stopped(const Rows& rows) { return Sum(rows, &VerdictRow::tries) - Sum(rows, &VerdictRow::finished); }

}  // namespace

std::string CertificateText(const AnswerReport& report, bool full) {
  std::string text = Heading(report);
  if (!report.certificate.empty()) {
    text += "\n" + CertificateTable(report.job.record, report.certificate, full) + "\n" + Meanings(report);
  }
  return text + UndecidedText(report);
}

double PassRateUpperByAudits(const VerdictRow& row) {
  if (row.tries == 0) return 0;
  return ClopperPearsonUpper(row.passes, row.tries == row.finished ? row.tries : row.audited, kPassRateLevel);
}

namespace {

std::string Heading(const AnswerReport& report) {
  const std::string smaller = report.trial ? " smaller" : "";
  const int64_t rows = static_cast<int64_t>(report.certificate.size());
  const int64_t missed = Count(report.certificate, "missed on test");
  if (rows == 0 && report.undecided.empty()) {
    return fmt::format("Certificate: the search space has no{} shape.\n", smaller);
  }
  if (rows == 0) return fmt::format("Certificate: no{} shape was rejected.\n", smaller);
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
  return text + ".\n";
}

// Which columns a certificate needs.
struct Columns {
  bool multiply_adds = false;
  bool stopped = false;
  bool pass_rate = false;
};

Columns ColumnsFor(const JobRecord& job, const Rows& rows) {
  // Wald's test stops where it likes, so a bound for a fixed number of tries would say too little.
  return {job.spec.order_by == SizeMeasure::kMultiplyAdds, Stopped(rows) > 0, !Reliable(job)};
}

Table EmptyTable(const Columns& columns) {
  std::vector<Table::Column> titles = {{"hidden"}};
  if (columns.multiply_adds) titles.push_back({"multiply-adds", Align::kRight});
  titles.insert(titles.end(), {{"params", Align::kRight}, {"because"}, {"tries", Align::kRight}});
  if (columns.stopped) titles.push_back({"stopped", Align::kRight});
  titles.insert(titles.end(), {{"passes", Align::kRight}, {"best", Align::kRight}});
  if (columns.pass_rate) titles.push_back({"pass rate", Align::kRight});
  return Table(std::move(titles));
}

// A shape that inherits its verdict has no counts of its own.
std::vector<std::string> TableRow(const JobRecord& job, const Columns& columns, const VerdictRow& row) {
  const auto count = [&row](int64_t number) { return row.tries == 0 ? "" : CountText(number); };
  std::vector<std::string> cells = {HiddenText(row.shape.hidden)};
  if (columns.multiply_adds) cells.push_back(CountText(MultiplyAdds(row.shape)));
  cells.insert(cells.end(), {CountText(Parameters(row.shape)), row.because, count(row.tries)});
  if (columns.stopped) cells.push_back(count(row.tries - row.finished));
  cells.push_back(count(row.passes));
  const std::string best =
      row.best_score ? ScoreText(job.spec.goal.metric, *row.best_score, job.threshold) : std::string("none");
  cells.push_back(row.tries == 0 ? "" : best);
  if (!columns.pass_rate) return cells;
  const double upper = ClopperPearsonUpper(row.passes, row.tries, kPassRateLevel);
  cells.push_back(row.tries == 0 ? "" : fmt::format("<= {:.1f} %", 100 * upper));
  return cells;
}

// "and 145 smaller shapes: 60 direct, 84 contained, 1 convex".
std::string Remainder(const Rows& rows, size_t left_out) {
  const Rows left(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(left_out));
  std::string reasons;
  for (const std::string_view because : {"direct", "contained", "convex", "symmetry", "missed on test"}) {
    const int64_t count = Count(left, because);
    if (count > 0) reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", CountText(count), because);
  }
  return fmt::format("  and {}: {} (--full lists them)\n", Counted(static_cast<int64_t>(left_out), "smaller shape"),
                     reasons);
}

std::string CertificateTable(const JobRecord& job, const Rows& rows, bool full) {
  const size_t left_out = full || rows.size() <= kAllRows ? 0 : rows.size() - kShownRows;
  const Columns columns = ColumnsFor(job, rows);
  Table table = EmptyTable(columns);
  for (size_t r = left_out; r < rows.size(); ++r) table.AddRow(TableRow(job, columns, rows[r]));
  std::string text = table.Text(/*indent=*/2);
  if (left_out > 0) text += Remainder(rows, left_out);
  return text;
}

std::string DirectMeaning(const JobRecord& job) {
  if (Reliable(job)) {
    return "by Wald's test, each of its recipes passes too rarely. A recipe that passes for 9 of 10 seeds is rejected "
           "like this with a chance of 5 % at most, one that passes for 7 of 10 is taken for good with a chance of 5 % "
           "at "
           "most.";
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
  if (job.spec.search != SearchKind::kLadder || !job.wrong_at_most || Count(report.certificate, "direct") == 0)
    return "";
  const std::string good =
      Reliable(job) ? "with a recipe that passes for 9 of 10 seeds" : "with a pass rate of 5 % or more";
  std::string text = fmt::format("the chance that a {}shape {} was missed is at most {} (wrong_at_most)",
                                 !report.undecided.empty() ? "rejected "
                                 : report.trial            ? "smaller "
                                                           : "",
                                 good, PercentText(*job.wrong_at_most));
  if (Count(report.certificate, "convex") > 0) text += "; the linear model is not in it";
  if (!report.undecided.empty()) text += "; nothing is known of the undecided shapes";
  return text + ".";
}

std::string NotClaimed(const AnswerReport& report) {
  const JobRecord& job = report.job.record;
  const std::string rarer = Reliable(job) ? "" : "of networks that training finds more rarely, ";
  const std::string linear = Count(report.certificate, "convex") > 0 ? "of the linear model under other recipes, " : "";
  return fmt::format(
      "nothing is said {}{}of other recipes, more than {} or other splits of the rows: all of this is about "
      "the validation part of this one.",
      rarer, linear, Counted(job.spec.epochs, "epoch"));
}

// What the table says and what it does not, by the words that it has.
std::string Meanings(const AnswerReport& report) {
  const std::pair<std::string_view, std::string> meanings[] = {
      {"direct", DirectMeaning(report.job.record)},
      {"contained", ContainedMeaning()},
      {"convex",
       "without a hidden layer the loss has a single valley, so each recipe is tried once; none passed. That excludes "
       "less than a direct rejection."},
      {"symmetry", "its recipes start all units of a layer alike, so it computes what the narrowest shape computes."},
      {"missed on test", "it passed on validation, and its look at the test part did not confirm it."}};
  std::string text;
  for (const auto& [because, meaning] : meanings) {
    if (Count(report.certificate, because) > 0) text += LabelledText(because.substr(0, because.find(' ')), meaning);
  }
  return text + LabelledText("stopped", StoppedMeaning(report)) + LabelledText("in all", ErrorMeaning(report)) +
         LabelledText("not claimed", NotClaimed(report));
}

std::string UndecidedText(const AnswerReport& report) {
  if (report.undecided.empty()) return "";
  const size_t shown = std::min(report.undecided.size(), kShownRows);
  Table table({{"hidden"}, {"parameters", Align::kRight}, {"tries", Align::kRight}, {"passes", Align::kRight}});
  for (size_t r = 0; r < shown; ++r) {
    const VerdictRow& row = report.undecided[r];
    table.AddRow(
        {HiddenText(row.shape.hidden), CountText(Parameters(row.shape)), CountText(row.tries), CountText(row.passes)});
  }
  const size_t more = report.undecided.size() - shown;
  return fmt::format(
      "\nUndecided: {} could still be good enough.\n\n{}{}",
      Counted(static_cast<int64_t>(report.undecided.size()), "shape"), table.Text(/*indent=*/2),
      more == 0 ? ""
                : fmt::format("  and {} (--json lists them)\n", Counted(static_cast<int64_t>(more), "larger shape")));
}

}  // namespace
}  // namespace minnow::client
