// A few lines at the end of a terminal that are rewritten in place.
#ifndef MINNOW_CLIENT_SCREEN_H_
#define MINNOW_CLIENT_SCREEN_H_

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace minnow::client {

// Columns that a line takes on the terminal: UTF-8 whose letters take one column each, with colours, which take none.
int VisibleWidth(std::string_view line);

// The line without what does not fit into `columns` columns; its colours are ended all the same.
std::string Clipped(std::string_view line, int columns);

// The cursor is hidden while lines are shown; it comes back with Clear, at the end of the object, and when a second
// signal ends the process. Terminals that know synchronised output (private mode 2026) show a change at once as a
// whole, others ignore that.
class Screen {
 public:
  explicit Screen(std::ostream& out) : out_(out) {}
  ~Screen() { Clear(); }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // Shows these lines in place of those before, on a terminal that is `columns` wide now. No line may be that wide: it
  // would wrap. Writes nothing when nothing has changed.
  void Draw(const std::vector<std::string>& lines, int columns);
  // Takes the lines away, so that other text can follow.
  void Clear();

 private:
  // What moves the cursor to the first column of the first line. A terminal that became narrower has wrapped lines.
  std::string ToTheTop(int columns) const;

  std::ostream& out_;
  std::vector<std::string> lines_;
  int columns_ = 0;
};

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_SCREEN_H_
