#include "server/rpc/submit.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "common/data/dataset_stream.h"
#include "common/data/prepare.h"
#include "common/rpc/channel.h"
#include "common/rpc/convert.h"
#include "common/rpc/fields.h"
#include "server/rpc/services.h"
#include "server/rpc/unary.h"

namespace minnow::rpc {
namespace {

static_assert(kMaxServedParameters * kMaxSliceTrials * sizeof(float) < kMaxMessageBytes);

// What a question and each of its other splits have alike: a SplitOfRows without what its data sets say.
template <class Proto>
void ReadSplit(Fields& fields, const Proto& proto, core::SplitOfRows& split) {
  fields.Require(proto.preparation().size() <= kMaxPreparationBytes, "preparation",
                 std::to_string(proto.preparation().size()) + " bytes are too many; at most " +
                     std::to_string(kMaxPreparationBytes) + " are taken: use fewer columns or categories");
  split.split_seed = proto.split_seed();
  split.preparation = proto.preparation();
  fields.Read("training_dataset", ParseDatasetName(proto.training_dataset()), split.training.sha256);
  fields.Read("test_dataset", ParseDatasetName(proto.test_dataset()), split.test.sha256);
}

absl::StatusOr<core::SplitOfRows> OwnSplit(const v1::SubmitJobRequest& proto) {
  Fields fields;
  core::SplitOfRows split;
  ReadSplit(fields, proto, split);
  if (!proto.has_split_seed()) split.split_seed = 1;
  return fields.Done(std::move(split));
}

absl::StatusOr<core::SplitOfRows> FromProto(const v1::OtherSplit& proto) {
  Fields fields;
  core::SplitOfRows split;
  ReadSplit(fields, proto, split);
  return fields.Done(std::move(split));
}

// The request without its own split.
absl::StatusOr<core::SubmitRequest> ReadFields(const v1::SubmitJobRequest& proto) {
  Fields fields;
  core::SubmitRequest request;
  fields.Read("request_id", ParseRequestId(proto.request_id()), request.request_id);
  fields.ReadMessage("spec", rpc::FromProto(proto.spec()), request.spec);
  fields.ReadText("data_file", proto.data_file(), request.data_file);
  fields.ReadText("target", proto.target(), request.target);
  fields.ReadList("other_splits", proto.other_splits(), kMaxSplits, request.other_splits,
                  [](const v1::OtherSplit& split) { return FromProto(split); });
  return fields.Done(std::move(request));
}

absl::Status CheckNumerics(int client) {
  if (client == kNumericsVersion) return absl::OkStatus();
  return absl::FailedPreconditionError("this server trains under numerics version " + std::to_string(kNumericsVersion) +
                                       ", and the client under " + std::to_string(client) +
                                       ": use a client of the server's version");
}

// The data sets that are stored, and what is known of them.
struct Shelf {
  Results& results;
  Outlines& outlines;
};

absl::StatusOr<Outlines::Outline> Stored(const Shelf& shelf, const std::string& field, const std::string& sha256,
                                         bool training) {
  absl::StatusOr<Outlines::Outline> outline = shelf.outlines.Of(shelf.results, sha256);
  if (absl::IsNotFound(outline.status())) {
    return absl::FailedPreconditionError(field + ": " + DatasetName(sha256) + " is not stored here: upload it first");
  }
  if (!outline.ok()) return OfField(field, outline.status());
  if ((*outline)->training == training) return outline;
  return absl::InvalidArgumentError(field + ": " + DatasetName(sha256) +
                                    (training ? " is a test part" : " has training rows") +
                                    ": give the other one of the two data sets");
}

absl::Status CheckFit(const std::string& prefix, const data::DatasetOutline& training, const data::DatasetOutline& test,
                      const data::Preparation& preparation) {
  const auto misfit = [&](const std::string& what, auto first, auto second) {
    return absl::InvalidArgumentError(prefix + "test_dataset: its rows have " + std::to_string(second) + " " + what +
                                      ", and those of training_dataset " + std::to_string(first) +
                                      ": both come from one preparation");
  };
  const Targets& truth = training.targets;
  if (truth.task != test.targets.task) {
    return absl::InvalidArgumentError(prefix + "test_dataset: it is for " + std::string(Name(test.targets.task)) +
                                      ", and training_dataset for " + std::string(Name(truth.task)) +
                                      ": both come from one preparation");
  }
  if (training.inputs != test.inputs) return misfit("inputs", training.inputs, test.inputs);
  if (truth.classes != test.targets.classes) return misfit("classes", truth.classes, test.targets.classes);
  if (preparation.task == truth.task && preparation.inputs() == training.inputs) return absl::OkStatus();
  return absl::InvalidArgumentError(prefix + "preparation: it makes " + std::to_string(preparation.inputs()) +
                                    " inputs for " + std::string(Name(preparation.task)) +
                                    ", and training_dataset has " + std::to_string(training.inputs) + " for " +
                                    std::string(Name(truth.task)));
}

// One split for each that is asked for, each by another seed.
absl::Status CheckSplits(const core::SubmitRequest& request, uint64_t own_seed) {
  const int given = static_cast<int>(request.other_splits.size());
  const int wanted = request.spec.splits - 1;
  if (given != wanted) {
    return absl::InvalidArgumentError("other_splits: " + std::to_string(given) + " came, and " +
                                      std::to_string(request.spec.splits) + " splits in all need " +
                                      std::to_string(wanted) + " beside the question's own: send as many");
  }
  std::set<uint64_t> seeds = {own_seed};
  for (const core::SplitOfRows& split : request.other_splits) {
    if (seeds.insert(split.split_seed).second) continue;
    return absl::InvalidArgumentError("other_splits: two splits have the seed " + std::to_string(split.split_seed) +
                                      ", and so the same rows: give each another one");
  }
  return absl::OkStatus();
}

// Refuses a space whose largest network is too large to travel.
absl::Status CheckSize(const JobSpec& spec, int inputs, int outputs) {
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

// Adds to a split what its data sets say, and checks that they fit together and `spec`. `prefix` leads to its fields;
// `outputs` is set to those of its networks.
absl::Status ReadData(const Shelf& shelf, const std::string& prefix, const JobSpec& spec, core::SplitOfRows& split,
                      int& outputs) {
  const auto stored_training = Stored(shelf, prefix + "training_dataset", split.training.sha256, /*training=*/true);
  if (!stored_training.ok()) return stored_training.status();
  const auto stored_test = Stored(shelf, prefix + "test_dataset", split.test.sha256, /*training=*/false);
  if (!stored_test.ok()) return stored_test.status();
  const data::DatasetOutline& training = **stored_training;
  const data::DatasetOutline& test = **stored_test;
  const absl::StatusOr<data::Preparation> preparation = data::PreparationFromJson(split.preparation);
  if (!preparation.ok()) return OfField(prefix + "preparation", preparation.status());
  if (absl::Status status = CheckFit(prefix, training, test, *preparation); !status.ok()) return status;
  if (absl::Status status = CheckSize(spec, training.inputs, training.outputs()); !status.ok()) return status;
  // As this program writes it: nothing that a caller put beside it, however deep, goes on from here.
  split.preparation = data::PreparationToJson(*preparation);
  split.training.kind = "training";
  split.training.rows = training.rows;
  split.training.inputs = training.inputs;
  split.test.kind = "test";
  split.test.rows = test.rows;
  split.test.inputs = test.inputs;
  split.validation_targets = training.targets;
  split.test_targets = test.targets;
  split.inputs = training.inputs;
  split.rows_train = training.first_rows;
  outputs = training.outputs();
  return absl::OkStatus();
}

absl::Status ReadOtherSplits(const Shelf& shelf, core::SubmitRequest& request) {
  for (size_t i = 0; i < request.other_splits.size(); ++i) {
    core::SplitOfRows& split = request.other_splits[i];
    const std::string prefix = "other_splits[" + std::to_string(i) + "].";
    int outputs = 0;
    if (absl::Status status = ReadData(shelf, prefix, request.spec, split, outputs); !status.ok()) return status;
    const Task task = split.test_targets.task;
    if (task == request.test_targets.task && outputs == request.outputs) continue;
    return absl::InvalidArgumentError(prefix + "training_dataset: it is for " + std::string(Name(task)) + " with " +
                                      std::to_string(outputs) + " outputs, and the question's own for " +
                                      std::string(Name(request.test_targets.task)) + " with " +
                                      std::to_string(request.outputs) + ": all splits are of the same rows");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<core::SubmitRequest> ReadSubmitRequest(const v1::SubmitJobRequest& proto, Results& results,
                                                      Outlines& outlines) {
  const Shelf shelf = {results, outlines};
  if (absl::Status status = CheckNumerics(proto.numerics_version()); !status.ok()) return status;
  absl::StatusOr<core::SubmitRequest> request = ReadFields(proto);
  if (!request.ok()) return request.status();
  absl::StatusOr<core::SplitOfRows> own = OwnSplit(proto);
  if (!own.ok()) return own.status();
  if (absl::Status status = Validate(request->spec); !status.ok()) return status;
  if (absl::Status status = CheckSplits(*request, own->split_seed); !status.ok()) return status;
  if (absl::Status status = ReadData(shelf, "", request->spec, *own, request->outputs); !status.ok()) return status;
  request->preparation = std::move(own->preparation);
  request->training = std::move(own->training);
  request->test = std::move(own->test);
  request->validation_targets = std::move(own->validation_targets);
  request->test_targets = std::move(own->test_targets);
  request->inputs = own->inputs;
  request->rows_train = own->rows_train;
  request->split_seed = own->split_seed;
  if (absl::Status status = ReadOtherSplits(shelf, *request); !status.ok()) return status;
  return request;
}

}  // namespace minnow::rpc
