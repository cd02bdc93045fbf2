// What is counted over the rows of a certificate.
#ifndef MINNOW_COMMON_REPORT_CERTIFICATE_ROWS_H_
#define MINNOW_COMMON_REPORT_CERTIFICATE_ROWS_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/results.h"

namespace minnow {

// Rows whose reason begins so: "contained in" counts those of every shape.
int64_t CountBecause(const std::vector<VerdictRow>& rows, std::string_view because);
int64_t Sum(const std::vector<VerdictRow>& rows, int64_t VerdictRow::*count);
// Trials that were given up early.
int64_t Stopped(const std::vector<VerdictRow>& rows);

}  // namespace minnow

#endif  // MINNOW_COMMON_REPORT_CERTIFICATE_ROWS_H_
