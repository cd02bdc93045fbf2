// The trained network of a job or a trial, out of a database or from a server.
#ifndef MINNOW_CLIENT_TRAINED_MODEL_H_
#define MINNOW_CLIENT_TRAINED_MODEL_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/model/c_source.h"
#include "common/model/model.h"
#include "common/results.h"
#include "worker/nn/engine.h"

namespace minnow::client {

// Which network: that of a job's answer, or that of one of its trials.
struct NetworkName {
  int64_t job = 0;
  std::optional<int64_t> trial;

  bool operator==(const NetworkName&) const = default;
};

// Reads "jobs/7", "7" or "jobs/7/trials/203".
absl::StatusOr<NetworkName> ParseNetworkName(std::string_view text);

// The network with its preparation. Weights that were not stored are trained again, by `engine`, and must have the
// recorded hash; `talk` is told that, and what a person should know who uses the network. Unavailable when the job has
// no answer, or when the weights cannot be had; DataLoss when they are others than those recorded; InvalidArgument for
// a trial that has no usable network.
absl::StatusOr<model::Model> TrainedModel(Results& reader, const nn::Engine& engine, const NetworkName& name,
                                          std::ostream& talk);

// Raw outputs (rows, outputs) for inputs (rows, model.shape.inputs), with the bits of training.
std::vector<float> RawOutputs(const nn::Engine& engine, const model::Model& model, std::vector<float> inputs);

// Rows of the validation part, spread evenly over it, and what the network says of them.
inline constexpr int kKnownRows = 20;
absl::StatusOr<std::vector<model::KnownRow>> KnownRows(Results& reader, const nn::Engine& engine,
                                                       const model::Model& model);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_TRAINED_MODEL_H_
