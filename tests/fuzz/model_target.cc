#include "common/model/model.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/model/c_source.h"
#include "common/model/onnx_model.h"
#include "common/model/raw_row.h"
#include "common/sha256.h"
#include "tests/fuzz/targets.h"

namespace minnow::fuzz {
namespace {

using Document = nlohmann::ordered_json;

void Check(std::string_view bytes) {
  const absl::StatusOr<model::Model> read = model::ModelFromJson(bytes);
  if (!read.ok()) return Require(!read.status().message().empty(), "a refusal says why");
  const std::string text = model::ModelToJson(*read);
  const absl::StatusOr<model::Model> again = model::ModelFromJson(text);
  Require(again.ok() && model::ModelToJson(*again) == text, "a model reads back: " + text);
  Require(!model::OnnxModel(*read).empty(), "a model can be written as ONNX");
  const std::vector<float> inputs(static_cast<size_t>(read->shape.inputs));
  const std::vector<float> outputs(static_cast<size_t>(read->shape.outputs));
  const std::vector<model::KnownRow> rows = {
      {.fields = model::RawRow(read->preparation, inputs), .answer = model::AnswerOf(*read, outputs)}};
  const absl::StatusOr<std::string> source = model::CSource(*read, rows);
  Require(source.ok() ? source->ends_with("*/\n") : !source.status().message().empty(), "a model can be written as C");
}

// Hashes keep a fuzzer out of all that lies behind them. Throws what the JSON library throws.
std::string WithItsHashes(std::string_view bytes) {
  constexpr int kDepth = 16;
  Document document = Document::parse(bytes, [](int depth, Document::parse_event_t, Document&) {
    if (depth > kDepth) throw std::invalid_argument("deep");
    return true;
  });
  std::vector<float> weights;
  for (const Document& layer : document.at("network").at("layers")) {
    for (size_t unit = 0; unit < layer.at("weights").size(); ++unit) {
      for (const Document& weight : layer["weights"][unit]) weights.push_back(static_cast<float>(weight.get<double>()));
      weights.push_back(static_cast<float>(layer.at("biases").at(unit).get<double>()));
    }
  }
  document["provenance"]["weights_sha256"] = WeightsSha256(weights);
  document.erase("sha256");
  document["sha256"] = Sha256Hex(document.dump());
  return document.dump();
}

}  // namespace

void Model(std::string_view bytes) {
  Check(bytes);
  std::string repaired;
  try {
    repaired = WithItsHashes(bytes);
  } catch (const std::exception&) {
    return;
  }
  Check(repaired);
}

}  // namespace minnow::fuzz
