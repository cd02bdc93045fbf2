#include "common/results.h"

#include "common/names.h"

namespace minnow {
namespace {

constexpr NameTable<Verdict, 3> kVerdicts = {{{Verdict::kUndecided, "UNDECIDED"},
                                              {Verdict::kGoodEnough, "GOOD_ENOUGH"},
                                              {Verdict::kNotGoodEnough, "NOT_GOOD_ENOUGH"}}};

}  // namespace

bool IsOver(const JobRecord& job) { return IsFinal(job.state) && !job.characterising; }

std::string_view Name(Verdict verdict) { return NameIn(kVerdicts, verdict); }
absl::StatusOr<Verdict> ParseVerdict(std::string_view name) { return ParseIn(kVerdicts, "verdict", name); }

}  // namespace minnow
