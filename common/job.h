// A job is one question: a data set, a search space, a threshold.
#ifndef MINNOW_COMMON_JOB_H_
#define MINNOW_COMMON_JOB_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/recipe.h"
#include "common/route.h"
#include "common/shape.h"
#include "common/threshold.h"

namespace minnow {

enum class SearchKind { kLadder, kGrid, kRandom };

// What settles a shape: one pass, or a recipe that passes for nearly every seed.
enum class PassPolicy { kAny, kReliable };

// What makes one shape smaller than another.
enum class SizeMeasure { kParameters, kMultiplyAdds };

enum class JobState { kQueued, kRunning, kPaused, kAnswered, kExhausted, kBudgetSpent, kCancelled, kFailed };

std::string_view Name(SearchKind kind);      // "ladder", "grid", "random"
std::string_view Name(PassPolicy policy);    // "any", "reliable"
std::string_view Name(SizeMeasure measure);  // "parameters", "multiply_adds"
std::string_view Name(JobState state);       // "RUNNING", "ANSWERED", ...
absl::StatusOr<SearchKind> ParseSearchKind(std::string_view name);
absl::StatusOr<PassPolicy> ParsePassPolicy(std::string_view name);
absl::StatusOr<SizeMeasure> ParseSizeMeasure(std::string_view name);
absl::StatusOr<JobState> ParseJobState(std::string_view name);

// True when nothing more will happen to the job by itself.
bool IsFinal(JobState state);

// Limits on what the search may spend; absent means none.
struct Budget {
  std::optional<int64_t> trials;
  std::optional<int64_t> epochs;
  std::optional<double> seconds;

  bool operator==(const Budget&) const = default;
};

inline constexpr int64_t kMaxShapes = 100'000;
inline constexpr int64_t kMaxRecipes = 10'000;
inline constexpr int kMaxEpochs = 100'000;
inline constexpr int kMaxBatchSize = 1'000'000;
inline constexpr int kMaxSplits = 100;
inline constexpr int kDefaultRandomTrials = 100;

struct JobSpec {
  // The question. Two jobs with equal questions on equal data are the same job.
  Goal goal;           // metric and, unless the one-standard-error rule finds it, value
  int min_layers = 0;  // hidden layers
  int max_layers = 2;
  std::vector<int> units = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};
  std::vector<InitScheme> inits = {InitScheme::kHe, InitScheme::kXavier, InitScheme::kLecun};
  std::vector<Activation> activations = {Activation::kRelu};
  std::vector<Optimizer> optimizers = {Optimizer::kSgd};
  std::vector<double> learning_rates = {0.01, 0.05, 0.2};
  std::vector<int> batch_sizes = {32};
  std::vector<double> weight_decays = {0};
  double momentum = 0.9;
  int epochs = 40;
  SearchKind search = SearchKind::kLadder;
  int grid_seeds = 3;  // grid: trials of each candidate
  PassPolicy pass = PassPolicy::kAny;
  SizeMeasure order_by = SizeMeasure::kParameters;
  bool early_stop = false;     // trials that cannot reach the threshold any more are stopped
  int confirm = 3;             // how many times the test part may be opened
  bool require_shown = false;  // a look confirms only when its interval lies wholly on the good side
  bool characterise = false;   // the answer's pass rate and the smallest reliable shape are found after it
  int splits = 1;              // of the rows, the answer's own among them
  uint64_t seed = 1;

  // Not part of the question.
  Budget budget;
  int priority = 1;
  std::string name;
  std::string label;
  Route route = Route::kAuto;  // for measurements; held in memory alone, so that a restart goes on with kAuto
};

// InvalidArgument names the flag, the value and the fix: an empty or repeated list entry, units beyond 1..kMaxUnits, a
// learning rate that is not positive, fewer than 2 epochs, more than kMaxShapes shapes, ...
absl::Status Validate(const JobSpec& spec);

// The question as one line of JSON with fixed key order, and back. Equal questions give equal text.
std::string QuestionJson(const JobSpec& spec);
absl::StatusOr<JobSpec> SpecFromQuestionJson(std::string_view json);

}  // namespace minnow

#endif  // MINNOW_COMMON_JOB_H_
