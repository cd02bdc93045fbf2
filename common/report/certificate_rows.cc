#include "common/report/certificate_rows.h"

#include <algorithm>

namespace minnow {

int64_t CountBecause(const std::vector<VerdictRow>& rows, std::string_view because) {
  return std::count_if(rows.begin(), rows.end(),
                       [because](const VerdictRow& row) { return row.because.starts_with(because); });
}

int64_t Sum(const std::vector<VerdictRow>& rows, int64_t VerdictRow::*count) {
  int64_t sum = 0;
  for (const VerdictRow& row : rows) sum += row.*count;
  return sum;
}

int64_t Stopped(const std::vector<VerdictRow>& rows) {
  return Sum(rows, &VerdictRow::tries) - Sum(rows, &VerdictRow::finished);
}

}  // namespace minnow
