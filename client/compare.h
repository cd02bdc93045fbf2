// The answers of several jobs side by side.
#ifndef MINNOW_CLIENT_COMPARE_H_
#define MINNOW_CLIENT_COMPARE_H_

#include <string>
#include <vector>

#include "common/report/output.h"
#include "common/results.h"

namespace minnow::client {

// Something that jobs may agree or differ in, with its value for each of them.
struct ComparedLine {
  std::string label;
  std::vector<std::string> values;

  bool differs() const;
};

// Whether one may put the answers beside each other at all.
struct Comparability {
  bool comparable = true;
  std::vector<std::string> remarks;  // why not, or with what care; one sentence each
};

Comparability ComparabilityOf(const std::vector<AnswerReport>& reports);

// What was asked, and the data it was asked of; budgets and names are left to the costs.
std::vector<ComparedLine> QuestionLines(const std::vector<AnswerReport>& reports);
// Size, recipe, scores with their intervals, pass rates, what it took.
std::vector<ComparedLine> AnswerLines(const std::vector<AnswerReport>& reports);

// For people: the remarks, what differs in the questions, then the answers.
std::string CompareText(const std::vector<AnswerReport>& reports);
// {"jobs", "comparable", "remarks", "differences": [{"field", "values"}], "answers": [as `answer --json`]}.
Json CompareJson(const std::vector<AnswerReport>& reports);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_COMPARE_H_
