#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "common/report/answer_report.h"
#include "common/report/answer_words.h"
#include "common/report/certificate_rows.h"
#include "common/statistics.h"

namespace minnow {
namespace {

constexpr size_t kAllRows = 12;    // a table of so many is shown whole
constexpr size_t kShownRows = 10;  // of a longer one, the largest

using Rows = std::vector<VerdictRow>;

std::string CertificateTable(const JobRecord& job, const Rows& rows, bool full);
std::string UndecidedText(const AnswerReport& report);

bool Reliable(const JobRecord& job) { return job.spec.pass == PassPolicy::kReliable; }

}  // namespace

std::string CertificateText(const AnswerReport& report, bool full) {
  std::string text = CertificateHeading(report) + "\n";
  if (!report.certificate.empty()) {
    text += "\n" + CertificateTable(report.job.record, report.certificate, full) + "\n";
    for (const Labelled& meaning : CertificateMeanings(report)) text += LabelledText(meaning.label, meaning.text);
  }
  return text + UndecidedText(report);
}

namespace {

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
    const int64_t count = CountBecause(left, because);
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
}  // namespace minnow
