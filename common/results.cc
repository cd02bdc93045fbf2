#include "common/results.h"

#include "common/names.h"

namespace minnow {
namespace {

constexpr NameTable<Verdict, 3> kVerdicts = {{{Verdict::kUndecided, "UNDECIDED"},
                                              {Verdict::kGoodEnough, "GOOD_ENOUGH"},
                                              {Verdict::kNotGoodEnough, "NOT_GOOD_ENOUGH"}}};

constexpr NameTable<Standing, 4> kStandings = {{{Standing::kGood, "good"},
                                                {Standing::kPausing, "pausing"},
                                                {Standing::kOnProbation, "probation"},
                                                {Standing::kQuarantined, "quarantined"}}};

}  // namespace

bool IsOver(const JobRecord& job) { return IsFinal(job.state) && !job.characterising; }

std::string_view Name(Verdict verdict) { return NameIn(kVerdicts, verdict); }
absl::StatusOr<Verdict> ParseVerdict(std::string_view name) { return ParseIn(kVerdicts, "verdict", name); }

std::string_view Name(Standing standing) { return NameIn(kStandings, standing); }
absl::StatusOr<Standing> ParseStanding(std::string_view name) { return ParseIn(kStandings, "standing", name); }

}  // namespace minnow
