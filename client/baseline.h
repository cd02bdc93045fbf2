// What is reached without looking at a single input: a threshold that this meets asks for no network.
#ifndef MINNOW_CLIENT_BASELINE_H_
#define MINNOW_CLIENT_BASELINE_H_

#include <string>

#include "common/data/prepare.h"
#include "common/threshold.h"

namespace minnow::client {

// The score on the validation rows of outputs that are the same for every row: for classes the logits of their shares
// of the training rows, so that the answer is the most frequent class; for numbers the mean of the training rows. NaN
// where the metric has no score for it.
double ConstantScore(Metric metric, const data::Prepared& prepared);

// When that meets the goal already, a sentence which says so and what else could be asked: "0.9860 is reached by always
// answering 'inactive': did you mean balanced_accuracy?". Else, and for a goal without a value, nothing.
std::string BaselineWarning(const Goal& goal, const data::Prepared& prepared);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_BASELINE_H_
