// Looks at weights over all rows: what is recorded of a trial now and then, and once at its end. In networks of its
// own, because few of the trials that train together come to such a point in the same epoch, and a look takes the time
// of a third of an epoch for all lanes of a network.
#ifndef MINNOW_WORKER_NN_SURVEYOR_H_
#define MINNOW_WORKER_NN_SURVEYOR_H_

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "common/data/dataset.h"
#include "worker/nn/packs.h"
#include "worker/nn/scorer.h"

namespace minnow::nn {

class Surveyor {
 public:
  struct Subject {
    const std::vector<float>* weights = nullptr;
    bool wants_test_score = false;
  };
  struct Finding {
    double mean_loss = 0;  // over the training rows, without weight decay
    int dead_hidden_units = 0;
    double test_score = 0;  // where it is wanted and there is a test part
  };

  // The arguments must outlive the surveyor; `test` may be null.
  Surveyor(const Routes& routes, Metric metric, const data::Part& train, const data::Part* test);

  // One finding for each subject. Once `stop` is true it ends early, and what it gives means nothing.
  std::vector<Finding> Survey(std::span<const Subject> subjects, const std::function<bool()>& stop);

 private:
  void SurveyTogether(Network& network, std::span<const Subject> subjects, std::span<Finding> findings);
  Network& Use(bool alone);

  const Routes& routes_;
  const data::Part& train_;
  const data::Part* const test_;
  Scorer test_scorer_;                    // unused without a test part
  std::unique_ptr<Network> pack_, unit_;  // made when they are first used
};

}  // namespace minnow::nn

#endif  // MINNOW_WORKER_NN_SURVEYOR_H_
