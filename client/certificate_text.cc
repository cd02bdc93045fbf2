#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "client/answer_report.h"
#include "common/statistics.h"

namespace minnow::client {
namespace {

constexpr size_t kAllRows = 12;    // a table of so many is shown whole
constexpr size_t kShownRows = 10;  // of a longer one, the largest
constexpr double kPassRateLevel = 0.95;

using Rows = std::vector<VerdictRow>;

std::string Heading(const AnswerReport& report);
std::string CertificateTable(const JobRecord& job, const Rows& rows, bool full);
std::string Legend(const Rows& rows);
std::string Claim(const AnswerReport& report);
std::string UndecidedText(const AnswerReport& report);

bool Starts(const VerdictRow& row, std::string_view because) { return row.because.starts_with(because); }

int64_t Count(const Rows& rows, std::string_view because) {
  return std::count_if(rows.begin(), rows.end(), [because](const auto& row) { return Starts(row, because); });
}

}  // namespace

std::string CertificateText(const AnswerReport& report, bool full) {
  std::string text = Heading(report);
  if (!report.certificate.empty()) {
    text += "\n" + CertificateTable(report.job.record, report.certificate, full) + "\n" + Legend(report.certificate) +
            Claim(report);
  }
  return text + UndecidedText(report);
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

std::vector<std::string> TableRow(const JobRecord& job, const VerdictRow& row) {
  const std::string verdict = row.verdict == Verdict::kGoodEnough ? "good enough" : "not good enough";
  std::vector<std::string> cells = {HiddenText(row.shape.hidden), CountText(Parameters(row.shape)), verdict,
                                    row.because};
  if (row.tries == 0) {
    cells.insert(cells.end(), {"", "", "", ""});
    return cells;
  }
  const double upper = ClopperPearsonUpper(row.passes, row.tries, kPassRateLevel);
  cells.insert(cells.end(), {CountText(row.tries), CountText(row.passes),
                             row.best_score ? ScoreText(job.spec.goal.metric, *row.best_score, job.threshold) : "none",
                             fmt::format("{:.1f} %", 100 * upper)});
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
  Table table({{"hidden"},
               {"parameters", Align::kRight},
               {"verdict"},
               {"because"},
               {"tries", Align::kRight},
               {"passes", Align::kRight},
               {"best score", Align::kRight},
               {"pass rate at most", Align::kRight}});
  for (size_t r = left_out; r < rows.size(); ++r) table.AddRow(TableRow(job, rows[r]));
  std::string text = table.Text(/*indent=*/2);
  if (left_out > 0) text += Remainder(rows, left_out);
  return text;
}

// What the reasons mean that the table has.
std::string Legend(const Rows& rows) {
  constexpr std::pair<std::string_view, std::string_view> kMeanings[] = {
      {"direct", "direct: none of its own trials passed, and there were enough of them."},
      {"contained", "contained: a shape with as many layers, none of them narrower, was rejected directly."},
      {"convex",
       "convex: without a hidden layer the loss has a single valley, so each recipe is tried once; none passed.\n"
       "That excludes less than a direct rejection."},
      {"symmetry",
       "symmetry: its recipes start all units of a layer alike, so it computes what the narrowest shape computes."},
      {"missed on test", "missed on test: it passed on validation, and its look at the test part did not confirm it."}};
  std::string text;
  for (const auto& [because, meaning] : kMeanings) {
    if (Count(rows, because) > 0) text += fmt::format("{}\n", meaning);
  }
  return text;
}

std::string Claim(const AnswerReport& report) {
  const JobRecord& job = report.job.record;
  std::string text;
  if (Count(report.certificate, "direct") > 0) {
    text +=
        "A direct rejection excludes, for its shape, a pass rate of 5 % or more over these recipes, at 95 % "
        "confidence.\n";
    if (job.spec.search == SearchKind::kLadder && job.wrong_at_most) {
      text += fmt::format("The chance that a shape with such a pass rate was missed is at most {} (wrong_at_most){}.\n",
                          PercentText(*job.wrong_at_most),
                          Count(report.certificate, "convex") > 0 ? "; the linear model is not in it" : "");
    }
  }
  return text + fmt::format(
                    "All of this is about the validation part, this split and order of the rows, this search space and "
                    "at most {} epochs.\n",
                    job.spec.epochs);
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
