// Wald's sequential test of a pass rate (Wald 1945, "Sequential tests of statistical hypotheses", section 5.3): 0.7
// against 0.9, at most 5 % error either way.
#ifndef MINNOW_SERVER_SEARCH_WALD_H_
#define MINNOW_SERVER_SEARCH_WALD_H_

#include <cstdint>

namespace minnow::search {

enum class WaldDecision { kOpen, kAccepted, kRejected };

// With L = passes x ln(0.9 / 0.7) + misses x ln(0.1 / 0.3): accepted when L >= ln 20, rejected when L <= -ln 20, else
// open. These boundaries keep both errors at 5 % or less whenever the test is looked at (Ville's inequality); Wald's
// own, ln 19, do so nearly. So 12 passes in a row accept (0.2513 x 12 = 3.016 >= 2.996) and 3 misses in a row reject.
// The logarithms are stored as whole billionths, so deciding is exact; it agrees with the definition for all counts
// up to 100,000.
WaldDecision Wald(int64_t passes, int64_t misses);

// The further misses in a row that would reject: 3 of a fresh candidate, 0 of one that is rejected. Not for an accepted
// one.
int64_t WaldMissesToReject(int64_t passes, int64_t misses);

}  // namespace minnow::search

#endif  // MINNOW_SERVER_SEARCH_WALD_H_
