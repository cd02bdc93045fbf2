// What there is to say about a job, in words, for whoever shows it: a terminal wraps them, a page sets them. The words
// are plain text; parts that the job has not reached are empty.
#ifndef MINNOW_COMMON_REPORT_ANSWER_WORDS_H_
#define MINNOW_COMMON_REPORT_ANSWER_WORDS_H_

#include <string>
#include <vector>

#include "common/results.h"

namespace minnow {

struct Labelled {
  std::string label;
  std::string text;
};

// A paragraph, and what is listed under it.
struct Passage {
  std::string text;
  std::vector<std::string> lines = {};
};

struct AnswerWords {
  std::string headline;            // of a job that has not ended: how far it is
  std::string question;            // what was asked, of which data
  std::string threshold_rule;      // where a threshold comes from that nobody gave
  std::string more_to_come;        // of an answer to which more is added
  std::vector<Labelled> network;   // recipe, trial, pass rate, reliable shape, splits, scores
  std::vector<Passage> test;       // what the test part says, once the job has ended
  std::string certificate;         // how many smaller shapes are rejected
  std::vector<Labelled> meanings;  // what that claims, and what it does not
  std::string spent;
  std::string advice;  // what could help where the answer disappoints
};

// `why_still`: of an answer to which more is to be added, why that does not move; empty when it does.
AnswerWords WordsOf(const AnswerReport& report, const std::string& why_still);

// How often the answer's recipe passes, the smallest reliable shape and the other splits, as far as they are known or
// under way.
std::vector<Labelled> CharacterWords(const AnswerReport& report);

std::string CertificateHeading(const AnswerReport& report);
// Empty without a row in the certificate.
std::vector<Labelled> CertificateMeanings(const AnswerReport& report);

}  // namespace minnow

#endif  // MINNOW_COMMON_REPORT_ANSWER_WORDS_H_
