#include "server/rpc/submit.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/data/dataset.h"
#include "common/data/prepare.h"
#include "common/rpc/channel.h"
#include "common/rpc/convert.h"
#include "common/rpc/fields.h"
#include "server/rpc/services.h"
#include "server/rpc/unary.h"

namespace minnow::rpc {
namespace {

static_assert(kMaxServedParameters * kMaxSliceTrials * sizeof(float) < kMaxMessageBytes);

absl::StatusOr<core::SubmitRequest> ReadFields(const v1::SubmitJobRequest& proto) {
  Fields fields;
  core::SubmitRequest request;
  fields.Read("request_id", ParseRequestId(proto.request_id()), request.request_id);
  fields.ReadMessage("spec", FromProto(proto.spec()), request.spec);
  fields.ReadText("data_file", proto.data_file(), request.data_file);
  fields.ReadText("target", proto.target(), request.target);
  fields.Require(proto.preparation().size() <= kMaxPreparationBytes, "preparation",
                 std::to_string(proto.preparation().size()) + " bytes are too many; at most " +
                     std::to_string(kMaxPreparationBytes) + " are taken: use fewer columns or categories");
  request.preparation = proto.preparation();
  fields.Read("training_dataset", ParseDatasetName(proto.training_dataset()), request.training.sha256);
  fields.Read("test_dataset", ParseDatasetName(proto.test_dataset()), request.test.sha256);
  return fields.Done(std::move(request));
}

absl::Status CheckNumerics(int client) {
  if (client == kNumericsVersion) return absl::OkStatus();
  return absl::FailedPreconditionError("this server trains under numerics version " + std::to_string(kNumericsVersion) +
                                       ", and the client under " + std::to_string(client) +
                                       ": use a client of the server's version");
}

// The data set as `decode` reads it.
template <class Data>
absl::StatusOr<Data> Stored(Results& results, const std::string& field, const std::string& sha256,
                            absl::StatusOr<Data> (*decode)(const SharedBytes&)) {
  absl::StatusOr<std::string> bytes = results.Dataset(sha256);
  if (absl::IsNotFound(bytes.status())) {
    return absl::FailedPreconditionError(field + ": " + DatasetName(sha256) + " is not stored here: upload it first");
  }
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<Data> data = decode(*std::move(bytes));
  if (!data.ok()) return OfField(field, data.status());
  return data;
}

absl::Status CheckFit(const data::TrainingData& training, const data::Part& test,
                      const data::Preparation& preparation) {
  const auto misfit = [](const std::string& what, auto first, auto second) {
    return absl::InvalidArgumentError("test_dataset: its rows have " + std::to_string(second) + " " + what +
                                      ", and those of training_dataset " + std::to_string(first) +
                                      ": both come from one preparation");
  };
  const Targets& truth = training.train.targets;
  if (truth.task != test.targets.task) {
    return absl::InvalidArgumentError("test_dataset: it is for " + std::string(Name(test.targets.task)) +
                                      ", and training_dataset for " + std::string(Name(truth.task)) +
                                      ": both come from one preparation");
  }
  if (training.inputs() != test.inputs) return misfit("inputs", training.inputs(), test.inputs);
  if (truth.classes != test.targets.classes) return misfit("classes", truth.classes, test.targets.classes);
  if (preparation.task == truth.task && preparation.inputs() == training.inputs()) return absl::OkStatus();
  return absl::InvalidArgumentError("preparation: it makes " + std::to_string(preparation.inputs()) + " inputs for " +
                                    std::string(Name(preparation.task)) + ", and training_dataset has " +
                                    std::to_string(training.inputs()) + " for " + std::string(Name(truth.task)));
}

// Refuses a space whose largest network is too large to travel.
absl::Status CheckSize(const JobSpec& spec, int inputs, int outputs) {
  if (absl::Status status = Validate(spec); !status.ok()) return status;
  const int widest = spec.units.empty() ? 1 : *std::max_element(spec.units.begin(), spec.units.end());
  int64_t largest = 0;
  for (int layers = spec.min_layers; layers <= spec.max_layers; ++layers) {
    largest = std::max(largest, Parameters({inputs, std::vector<int>(layers, widest), outputs}));
  }
  if (largest <= kMaxServedParameters) return absl::OkStatus();
  return absl::InvalidArgumentError("--units: the largest network of the space has " + std::to_string(largest) +
                                    " parameters, and a server takes at most " + std::to_string(kMaxServedParameters) +
                                    ": ask for fewer units or layers, or use \"minnow run\"");
}

}  // namespace

absl::StatusOr<core::SubmitRequest> ReadSubmitRequest(const v1::SubmitJobRequest& proto, Results& results) {
  if (absl::Status status = CheckNumerics(proto.numerics_version()); !status.ok()) return status;
  absl::StatusOr<core::SubmitRequest> request = ReadFields(proto);
  if (!request.ok()) return request.status();
  const auto training = Stored(results, "training_dataset", request->training.sha256, data::DecodeTrainingData);
  if (!training.ok()) return training.status();
  const auto test = Stored(results, "test_dataset", request->test.sha256, data::DecodePart);
  if (!test.ok()) return test.status();
  const absl::StatusOr<data::Preparation> preparation = data::PreparationFromJson(request->preparation);
  if (!preparation.ok()) return OfField("preparation", preparation.status());
  if (absl::Status status = CheckFit(*training, *test, *preparation); !status.ok()) return status;
  if (absl::Status status = CheckSize(request->spec, training->inputs(), training->outputs()); !status.ok()) {
    return status;
  }
  // As this program writes it: nothing that a caller put beside it, however deep, goes on from here.
  request->preparation = data::PreparationToJson(*preparation);
  request->training.kind = "training";
  request->training.rows = training->train.rows() + training->validation.rows();
  request->training.inputs = training->inputs();
  request->test.kind = "test";
  request->test.rows = test->rows();
  request->test.inputs = test->inputs;
  request->validation_targets = training->validation.targets;
  request->test_targets = test->targets;
  request->inputs = training->inputs();
  request->outputs = training->outputs();
  request->rows_train = training->train.rows();
  return request;
}

}  // namespace minnow::rpc
