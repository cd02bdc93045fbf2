// Results as people and scripts read them: aligned tables, JSON, numbers.
#ifndef MINNOW_COMMON_REPORT_OUTPUT_H_
#define MINNOW_COMMON_REPORT_OUTPUT_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/job.h"
#include "common/shape.h"
#include "common/threshold.h"

namespace minnow {

using Json = nlohmann::ordered_json;  // keys stay in the order of the contract

// One line; bytes that are not UTF-8 are replaced, numbers that are not finite become null.
std::string JsonText(const Json& json);
// The number for JSON: null when not finite, without a fraction when it has none.
Json JsonNumber(double value);

// Columns that `text` takes on a terminal: wide East Asian letters take two, combining marks none.
int DisplayWidth(std::string_view text);
// The text on one line: control characters (which could move the cursor) are written as escapes.
std::string Printable(std::string_view text);

// The text as one word of a shell command, quoted when it needs to be. Control characters are written as in $'\012'
// (POSIX.1-2024).
std::string ShellWord(std::string_view text);

enum class Align { kLeft, kRight };

// A table for people: a header, a gap of two blanks between columns, no rules.
class Table {
 public:
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void AddRow(std::vector<std::string> cells);
  // Every line indented by `indent` blanks; none ends in a blank.
  std::string Text(int indent = 0) const;

 private:
  std::string Line(const std::vector<std::string>& cells, const std::vector<int>& widths, int indent) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Prose in lines of kTextColumns, all but the first indented by `indent`, where the text begins. A number stays with
// its percent sign.
inline constexpr int kTextColumns = 80;
std::string Paragraph(std::string text, int indent = 0);

// "1,797".
std::string CountText(int64_t count);
// "1 row", "1,797 rows".
std::string Counted(int64_t count, std::string_view noun);
// A score for people: four decimals, or for metrics in the target's own units five significant digits. "none" when it
// is not finite. It gets more digits when it would look like 0, 1 or the threshold and is not.
std::string ScoreText(Metric metric, double score, std::optional<double> threshold = std::nullopt);
// "accuracy >= 0.95": the value as it was written, but rounded as a score when it is a long one that was found; the
// metric alone without a value.
std::string GoalText(Metric metric, std::optional<double> value);
// "97.5 %" of 0.975.
std::string PercentText(double share);
// "14 %" of 0.1406, "0.4 %" of 0.0042.
std::string WholePercent(double share);
// "586 parameters", or with multiply-adds as the measure "568 multiply-adds, 586 parameters".
std::string SizeText(SizeMeasure measure, const Shape& shape);
// "0.84 s", "4 min 10 s", "2 h 5 min".
std::string DurationText(double seconds);
// "2024-05-31T12:00:00Z".
std::string TimeText(absl::Time time);

}  // namespace minnow

#endif  // MINNOW_COMMON_REPORT_OUTPUT_H_
