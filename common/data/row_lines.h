// On which line of its file each row of a table begins.
#ifndef MINNOW_COMMON_DATA_ROW_LINES_H_
#define MINNOW_COMMON_DATA_ROW_LINES_H_

#include <algorithm>
#include <cstdint>
#include <vector>

namespace minnow::data {

// Most rows begin on the line after the one before: only others take room.
class RowLines {
 public:
  void Append(int64_t line) {
    if (runs_.empty() || line != runs_.back().line + (rows_ - runs_.back().row)) runs_.push_back({rows_, line});
    ++rows_;
  }
  int64_t size() const { return rows_; }
  int64_t operator[](int64_t row) const {
    const auto after =
        std::upper_bound(runs_.begin(), runs_.end(), row, [](int64_t r, const Run& run) { return r < run.row; });
    const Run& run = *(after - 1);
    return run.line + (row - run.row);
  }

 private:
  struct Run {
    int64_t row = 0;  // the first
    int64_t line = 0;
  };
  std::vector<Run> runs_;
  int64_t rows_ = 0;
};

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_ROW_LINES_H_
