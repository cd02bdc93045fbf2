// Hand-made results for the tests of what is printed.
#ifndef MINNOW_TESTS_COMMON_REPORT_REPORTS_H_
#define MINNOW_TESTS_COMMON_REPORT_REPORTS_H_

#include <string>
#include <vector>

#include "common/results.h"

namespace minnow {

// A shape of the job below: 61 inputs, 10 outputs.
Shape DigitsShape(std::vector<int> hidden);

// A shape that was rejected by `tries` trials of its own.
VerdictRow Rejected(std::vector<int> hidden, int64_t tries, double best_score, std::string because = "direct");

// jobs/1: digits at accuracy >= 0.95 was ANSWERED with one hidden layer of 8 units, confirmed by the first look, with
// early stop, characterised, and asked of 4 other splits.
AnswerReport DigitsAnswer();

// The same question, and nothing good enough.
AnswerReport DigitsExhausted();

}  // namespace minnow

#endif  // MINNOW_TESTS_COMMON_REPORT_REPORTS_H_
