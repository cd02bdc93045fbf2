#include "common/work.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

namespace minnow {
namespace {

Lease SliceLease() {
  SliceWork work;
  work.shape = {.inputs = 2, .hidden = {2}, .outputs = 3};
  work.threshold = 0.9;
  work.data_sha256 = "abc";
  work.trials = {{.seed = 1}, {.seed = 2}};
  return {.id = 1, .job = 1, .slice = work};
}

TEST(TrainTogether, TakesSlicesOfOneGroupWhateverTheirTrials) {
  const Lease a = SliceLease();
  Lease b = SliceLease();
  b.id = 2;
  b.bundle = 7;
  b.slice_number = 3;
  b.expected_seconds = 5;
  b.slice->trials = {{.recipe = {.init = InitScheme::kZeros, .learning_rate = 0.7, .weight_decay = 0.1}, .seed = 9}};
  EXPECT_TRUE(TrainTogether(a, b));
}

TEST(TrainTogether, LeavesApartWhatDiffersInAnythingElse) {
  const std::map<std::string, std::function<void(Lease&)>> changes = {
      {"job", [](Lease& lease) { lease.job = 2; }},
      {"shape", [](Lease& lease) { lease.slice->shape.hidden = {3}; }},
      {"phase", [](Lease& lease) { lease.slice->phase = Phase::kReference; }},
      {"metric", [](Lease& lease) { lease.slice->metric = Metric::kAuc; }},
      {"threshold", [](Lease& lease) { lease.slice->threshold.reset(); }},
      {"epochs", [](Lease& lease) { lease.slice->epochs = 41; }},
      {"momentum", [](Lease& lease) { lease.slice->momentum = 0.5; }},
      {"job_seed", [](Lease& lease) { lease.slice->job_seed = 2; }},
      {"train_on", [](Lease& lease) { lease.slice->train_on = true; }},
      {"first_pass_settles", [](Lease& lease) { lease.slice->first_pass_settles = true; }},
      {"data", [](Lease& lease) { lease.slice->data_sha256 = "abd"; }},
      {"test", [](Lease& lease) { lease.slice->test_sha256 = "abc"; }},
      {"route", [](Lease& lease) { lease.slice->route = Route::kUnit; }},
      {"activation", [](Lease& lease) { lease.slice->trials[0].recipe.activation = Activation::kTanh; }},
      {"optimizer", [](Lease& lease) { lease.slice->trials[0].recipe.optimizer = Optimizer::kAdam; }},
      {"batch size", [](Lease& lease) { lease.slice->trials[0].recipe.batch_size = 64; }},
      {"no trials", [](Lease& lease) { lease.slice->trials.clear(); }},
      {"no slice", [](Lease& lease) { lease.slice.reset(); }}};
  for (const auto& [what, change] : changes) {
    Lease other = SliceLease();
    change(other);
    EXPECT_FALSE(TrainTogether(SliceLease(), other)) << what;
    EXPECT_FALSE(TrainTogether(other, SliceLease())) << what;
  }
}

}  // namespace
}  // namespace minnow
