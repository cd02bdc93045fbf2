#include "client/screen.h"

#include <algorithm>
#include <string_view>

#include "common/cli/interrupt.h"

namespace minnow::client {
namespace {

constexpr char kBegin[] = "\033[?2026h\033[?25l";  // hold the picture back, hide the cursor
constexpr char kEnd[] = "\033[?2026l";
constexpr char kShowCursor[] = "\033[?25h";
constexpr char kLastWords[] = "\033[?2026l\033[?25h\r\n";
constexpr char kEraseLine[] = "\033[K";
constexpr char kEraseBelow[] = "\033[J";

// Hands over each byte of the line, with the width of what stands up to its end, and whether it is of an escape
// sequence for colours.
template <class Visit>
void WalkThrough(std::string_view line, Visit visit) {
  int width = 0;
  bool in_escape = false;
  for (const char c : line) {
    in_escape |= c == '\033';
    const bool continues = (static_cast<unsigned char>(c) & 0xC0) == 0x80;  // a character of UTF-8
    if (!in_escape && !continues) ++width;
    visit(c, width, in_escape);
    if (c == 'm') in_escape = false;
  }
}

}  // namespace

int VisibleWidth(std::string_view line) {
  int width = 0;
  WalkThrough(line, [&width](char, int after, bool) { width = after; });
  return width;
}

std::string Clipped(std::string_view line, int columns) {
  std::string clipped;
  WalkThrough(line, [&](char c, int width, bool in_escape) {
    if (in_escape || width <= columns) clipped += c;
  });
  return clipped;
}

void Screen::Draw(const std::vector<std::string>& lines, int columns) {
  if (lines == lines_ && columns == columns_) return;
  std::string text = kBegin + ToTheTop(columns);
  if (columns != columns_) text += kEraseBelow;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) text += "\r\n";
    text += lines[i] + kEraseLine;
  }
  text += kEraseBelow;
  text += kEnd;
  SetLastWords(kLastWords);
  out_ << text << std::flush;
  lines_ = lines;
  columns_ = columns;
}

void Screen::Clear() {
  if (lines_.empty()) return;
  out_ << ToTheTop(columns_) << kEraseBelow << kEnd << kShowCursor << std::flush;
  SetLastWords("");
  lines_.clear();
}

std::string Screen::ToTheTop(int columns) const {
  int rows = -1;
  for (const std::string& line : lines_) rows += std::max(1, (VisibleWidth(line) + columns - 1) / columns);
  return rows > 0 ? "\r\033[" + std::to_string(rows) + "A" : "\r";
}

}  // namespace minnow::client
