#include "common/report/output.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "common/cli/command_line.h"
#include "common/text.h"

namespace minnow {
namespace {

constexpr size_t kLongestWritten = 8;  // digits of a threshold that a person would write
constexpr int kMostExtraDigits = 8;    // of a score; closer to an edge it is written in full

char32_t NextCodePoint(std::string_view text, size_t& at);
int CodePointWidth(char32_t point);

// With `more` digits than usual.
std::string RoundedScore(Metric metric, double score, int more) {
  const bool own_units = metric == Metric::kRmse || metric == Metric::kMae;
  return own_units ? fmt::format("{:.{}g}", score, 5 + more) : fmt::format("{:.{}f}", score, 4 + more);
}

}  // namespace

std::string JsonText(const Json& json) {
  return json.dump(/*indent=*/-1, /*indent_char=*/' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

Json JsonNumber(double value) {
  constexpr double kExactWholes = 9007199254740992;  // 2^53
  if (!std::isfinite(value)) return nullptr;
  if (value == std::trunc(value) && std::fabs(value) < kExactWholes) return static_cast<int64_t>(value);
  return value;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  for (size_t at = 0; at < text.size();) width += CodePointWidth(NextCodePoint(text, at));
  return width;
}

std::string Printable(std::string_view text) {
  std::string printable;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    if (byte == '\n') {
      printable += "\\n";
    } else if (byte == '\t') {
      printable += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      printable += fmt::format("\\x{:02x}", byte);
    } else if (byte == 0xc2 && next >= 0x80 && next <= 0x9f) {  // U+0080 to U+009F: terminals obey some of them
      printable += fmt::format("\\u{:04x}", next);
      ++i;
    } else {
      printable += text[i];
    }
  }
  return printable;
}

std::string ShellWord(std::string_view text) {
  constexpr std::string_view kSafe = "_./-+:,@%=";
  bool plain = !text.empty();
  bool control = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    control |= byte < 0x20 || byte == 0x7f;
    const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    plain &= alphanumeric || kSafe.find(c) != std::string_view::npos;
  }
  if (plain) return std::string(text);
  std::string word = control ? "$'" : "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (control && (c == '\'' || c == '\\' || byte < 0x20 || byte == 0x7f)) {
      word += fmt::format("\\{:03o}", byte);
    } else {
      word += c == '\'' ? "'\\''" : std::string(1, c);
    }
  }
  return word + "'";
}

void Table::AddRow(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::Text(int indent) const {
  std::vector<std::string> titles;
  std::vector<int> widths;
  for (const Column& column : columns_) {
    titles.push_back(Printable(column.title));
    widths.push_back(DisplayWidth(titles.back()));
  }
  for (const std::vector<std::string>& row : rows_) {
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], DisplayWidth(row[c]));
  }
  std::string text = Line(titles, widths, indent);
  for (const std::vector<std::string>& row : rows_) text += Line(row, widths, indent);
  return text;
}

std::string Table::Line(const std::vector<std::string>& cells, const std::vector<int>& widths, int indent) const {
  std::string line(indent, ' ');
  for (size_t c = 0; c < cells.size(); ++c) {
    const std::string padding(widths[c] - DisplayWidth(cells[c]), ' ');
    if (c > 0) line += "  ";
    line += columns_[c].align == Align::kRight ? padding + cells[c] : cells[c] + padding;
  }
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

std::string CountText(int64_t count) {
  std::string digits = std::to_string(count);
  const size_t first = digits.starts_with('-') ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string Counted(int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", CountText(count), noun, count == 1 ? "" : "s");
}

std::string ScoreText(Metric metric, double score, std::optional<double> threshold) {
  if (!std::isfinite(score)) return "none";
  std::vector<double> edges = {0, 1};
  if (threshold) edges.push_back(*threshold);
  for (int more = 0; more <= kMostExtraDigits; ++more) {
    const std::string text = RoundedScore(metric, score, more);
    const auto looks_like = [&](double edge) { return edge != score && RoundedScore(metric, edge, more) == text; };
    if (std::none_of(edges.begin(), edges.end(), looks_like)) return text;
  }
  return NumberText(score);
}

std::string GoalText(Metric metric, std::optional<double> value) {
  if (!value) return std::string(Name(metric));
  const std::string written = NumberText(*value);
  return fmt::format("{} {} {}", Name(metric), Comparison(metric),
                     written.size() <= kLongestWritten ? written : ScoreText(metric, *value));
}

std::string PercentText(double share) { return fmt::format("{:.4g} %", 100 * share); }

std::string WholePercent(double share) {
  return share > 0 && share < 0.01 ? fmt::format("{:.1f} %", 100 * share) : fmt::format("{:.0f} %", 100 * share);
}

std::string SizeText(SizeMeasure measure, const Shape& shape) {
  const std::string parameters = Counted(Parameters(shape), "parameter");
  if (measure == SizeMeasure::kParameters) return parameters;
  return fmt::format("{}, {}", Counted(MultiplyAdds(shape), "multiply-add"), parameters);
}

std::string Paragraph(std::string text, int indent) {
  constexpr char kJoined = '\x01';  // a blank at which no line ends
  for (size_t at = text.find(" %"); at != std::string::npos; at = text.find(" %", at)) text[at] = kJoined;
  std::string lines = Wrapped(text, indent, kTextColumns - indent);
  std::replace(lines.begin(), lines.end(), kJoined, ' ');
  return lines;
}

std::string DurationText(double seconds) {
  if (seconds < 10) return fmt::format("{:.2f} s", seconds);
  if (seconds < 59.5) return fmt::format("{:.0f} s", seconds);
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string TimeText(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

namespace {

// Reads one code point of UTF-8 and moves `at` behind it; a byte that does not belong there counts as itself.
char32_t NextCodePoint(std::string_view text, size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  int follow = 0;
  if (lead >= 0xc0) follow = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  if (follow == 0) return lead;
  char32_t point = lead & (0x3f >> follow);
  for (; follow > 0 && at < text.size(); --follow) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte & 0xc0) != 0x80) break;
    point = point << 6 | (byte & 0x3f);
    ++at;
  }
  return point;
}

struct Range {
  char32_t first;
  char32_t last;
};

// The blocks that matter in practice of Unicode's combining marks and of the wide letters of UAX #11.
constexpr Range kCombining[] = {{0x0300, 0x036f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
                                {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
constexpr Range kWide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},  {0xac00, 0xd7a3},
                           {0xf900, 0xfaff},   {0xfe30, 0xfe4f},   {0xff00, 0xff60},  {0xffe0, 0xffe6},
                           {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

int CodePointWidth(char32_t point) {
  const auto holds = [point](const Range& range) { return range.first <= point && point <= range.last; };
  if (std::any_of(std::begin(kCombining), std::end(kCombining), holds)) return 0;
  return std::any_of(std::begin(kWide), std::end(kWide), holds) ? 2 : 1;
}

}  // namespace
}  // namespace minnow
