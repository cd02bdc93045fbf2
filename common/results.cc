#include "common/results.h"

#include "common/names.h"
#include "common/resource_names.h"

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

std::string WhySplitWaits(int64_t parent) {
  return "It is another split of the rows of " + JobName(parent) +
         ": these are searched one after another, once that has its answer.";
}

bool WasCutShort(const JobRecord& job) {
  const bool adds = job.state == JobState::kAnswered && job.spec.search == SearchKind::kLadder && !job.parent &&
                    job.spec.characterise;
  return adds && !job.characterising && (!job.pass_rate || (!job.reliable && job.reliable_reason.empty()));
}

std::string_view Name(Verdict verdict) { return NameIn(kVerdicts, verdict); }
absl::StatusOr<Verdict> ParseVerdict(std::string_view name) { return ParseIn(kVerdicts, "verdict", name); }

std::string_view Name(Standing standing) { return NameIn(kStandings, standing); }
absl::StatusOr<Standing> ParseStanding(std::string_view name) { return ParseIn(kStandings, "standing", name); }

}  // namespace minnow
