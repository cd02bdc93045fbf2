// How often the promises of an answer hold, counted over many jobs.
#ifndef MINNOW_BENCH_COVERAGE_TALLY_H_
#define MINNOW_BENCH_COVERAGE_TALLY_H_

#include <span>
#include <string>
#include <vector>

#include "bench/coverage/judge_looks.h"

namespace minnow::bench {

struct Share {
  int count = 0;
  int of = 0;

  bool operator==(const Share&) const = default;
};

// Over jobs with one threshold, accuracy >= `threshold`. The answer of a job is its confirmed look, or else its first.
struct Tally {
  int jobs = 0;
  Share confirmed;                 // of the jobs with a look
  Share good;                      // of the confirmed answers: truly good enough
  Share first_inside;              // of the first looks: the interval contains the truth
  Share looks_inside;              // of all looks
  Share confirmed_inside;          // of the confirmed answers
  Share jobs_inside;               // of the jobs with a look: all their intervals contain the truth
  double mean_surplus = 0;         // truth - threshold, mean over the confirmed answers; 0 without one
  std::vector<double> shortfalls;  // threshold - truth of the confirmed answers that are not good enough, ascending

  bool operator==(const Tally&) const = default;
};

Tally TallyOf(std::span<const std::vector<JudgedLook>> jobs, double threshold);

// "93 of 100, 93.0 % (86.3 to 96.6)": with the Wilson interval at 95 %.
std::string ShareText(Share share);

// One row of a Markdown table, without and with its head, and one JSON object.
std::string TableHead();
std::string TableRow(const std::string& name, const Tally& tally);
std::string TallyJson(const Tally& tally);

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_COVERAGE_TALLY_H_
