#include "common/model/onnx_model.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "common/leaky_relu.h"
#include "common/model/onnx_graph.h"
#include "common/model/raw_row.h"
#include "common/text.h"

namespace minnow::model {
namespace {

using data::ColumnPreparation;
using onnx::TensorProto;

// From the raw columns to the inputs of the network.
std::string Inputs(const data::Preparation& preparation, OnnxGraph& graph);
// From there to its raw outputs.
std::string Layers(const Model& model, std::string inputs, OnnxGraph& graph);
// And from there to an answer.
void Regression(const data::Preparation& preparation, const std::string& outputs, OnnxGraph& graph);
void Classification(const data::Preparation& preparation, const std::string& outputs, OnnxGraph& graph);
void Describe(const Model& model, onnx::ModelProto& file);

}  // namespace

std::string OnnxModel(const Model& model) {
  OnnxGraph graph;
  const std::string inputs = Inputs(model.preparation, graph);
  const std::string outputs = Layers(model, inputs, graph);
  if (model.preparation.task == Task::kRegression) {
    Regression(model.preparation, outputs, graph);
  } else {
    Classification(model.preparation, outputs, graph);
  }
  onnx::ModelProto file;
  Describe(model, file);
  graph.proto().set_name("minnow");
  *file.mutable_graph() = std::move(graph.proto());
  return file.SerializeAsString();
}

namespace {

// Columns of numbers are coded side by side, each of text by itself. Every block has some inputs of the network, in
// double precision and not yet standardised.
struct Blocks {
  std::vector<std::string> names;
  std::vector<int64_t> order;  // the place of each input of the network among the columns of all blocks

  // Returns the place of the first of its columns.
  int64_t Add(const std::string& name, int64_t columns) {
    names.push_back(name);
    width += columns;
    return width - columns;
  }
  int64_t width = 0;
};

// Numbers with gaps filled, and 1 for each gap.
void AddNumbers(const data::Preparation& preparation, const std::vector<NetworkInput>& inputs, Blocks& blocks,
                OnnxGraph& graph) {
  std::vector<std::string> names;
  std::vector<double> fills;
  std::vector<int64_t> place(preparation.columns.size(), -1);  // of each column among these
  bool any_gap = false;
  for (const NetworkInput& input : inputs) {
    const ColumnPreparation& column = preparation.columns[input.column];
    if (TakesText(column)) continue;
    any_gap |= input.kind == InputKind::kGap;
    if (place[input.column] >= 0) continue;
    place[input.column] = static_cast<int64_t>(names.size());
    names.push_back(column.name);
    fills.push_back(column.fill);
  }
  if (names.empty()) return;
  const auto columns = static_cast<int64_t>(names.size());
  const std::string raw = graph.Add("Concat", names, "numbers").Integer("axis", 1);
  const std::string gaps = graph.Add("IsNaN", {raw}, "is_missing");
  const std::string numbers = graph.Add("Cast", {raw}, "numbers_double").Integer("to", TensorProto::DOUBLE);
  const std::string fill = graph.Constant("fills", {columns}, fills);
  const int64_t first = blocks.Add(graph.Add("Where", {gaps, fill, numbers}, "filled"), columns);
  int64_t first_gap = 0;
  if (any_gap) {
    first_gap = blocks.Add(graph.Add("Cast", {gaps}, "missing").Integer("to", TensorProto::DOUBLE), columns);
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (place[inputs[i].column] < 0) continue;
    blocks.order[i] = (inputs[i].kind == InputKind::kGap ? first_gap : first) + place[inputs[i].column];
  }
}

// A text is coded by the number of its category; the first number that is free is that of all other texts, and the next
// that of the empty one.
int64_t CodeOf(const NetworkInput& input, const ColumnPreparation& column) {
  const auto categories = static_cast<int64_t>(column.categories.size());
  switch (input.kind) {
    case InputKind::kOther:
      return categories;
    case InputKind::kGap:
      return categories + 1;
    default:
      return input.category;
  }
}

void AddText(const ColumnPreparation& column, const std::vector<int64_t>& codes_of_inputs, Blocks& blocks,
             OnnxGraph& graph) {
  std::vector<std::string> texts = column.categories;
  std::vector<int64_t> codes;
  for (size_t c = 0; c < texts.size(); ++c) codes.push_back(static_cast<int64_t>(c));
  texts.push_back("");
  codes.push_back(static_cast<int64_t>(column.categories.size()) + 1);
  OnnxGraph::Node encoder = graph.Add("LabelEncoder", {column.name}, column.name + "/code");
  encoder.proto->set_domain(OnnxGraph::kMachineLearning);
  encoder.Texts("keys_strings", texts)
      .Integers("values_int64s", codes)
      .Integer("default_int64", static_cast<int64_t>(column.categories.size()));
  const auto columns = static_cast<int64_t>(codes_of_inputs.size());
  const std::string wanted = graph.Constant(column.name + "/codes", {1, columns}, codes_of_inputs);
  const std::string equal = graph.Add("Equal", {encoder, wanted}, column.name + "/is");
  blocks.Add(graph.Add("Cast", {equal}, column.name + "/one_hot").Integer("to", TensorProto::DOUBLE), columns);
}

void AddTexts(const data::Preparation& preparation, const std::vector<NetworkInput>& inputs, Blocks& blocks,
              OnnxGraph& graph) {
  for (size_t first = 0, next = 0; first < inputs.size(); first = next) {
    const int c = inputs[first].column;
    const ColumnPreparation& column = preparation.columns[c];
    std::vector<int64_t> codes;
    for (; next < inputs.size() && inputs[next].column == c; ++next) codes.push_back(CodeOf(inputs[next], column));
    if (!TakesText(column)) continue;
    for (size_t i = first; i < next; ++i) blocks.order[i] = blocks.width + static_cast<int64_t>(i - first);
    AddText(column, codes, blocks, graph);
  }
}

std::string Inputs(const data::Preparation& preparation, OnnxGraph& graph) {
  const std::vector<NetworkInput> inputs = NetworkInputs(preparation);
  for (size_t c = 0; c < preparation.columns.size(); ++c) {
    const ColumnPreparation& column = preparation.columns[c];
    const bool used = std::any_of(inputs.begin(), inputs.end(),
                                  [c](const NetworkInput& input) { return input.column == static_cast<int>(c); });
    const std::string gap = TakesText(column) ? "; empty where it is missing" : "; NaN where it is missing";
    graph.Input(column.name, TakesText(column) ? TensorProto::STRING : TensorProto::FLOAT,
                FieldText(column) + (used ? gap : "; not used by the network"));
  }
  Blocks blocks;
  blocks.order.resize(inputs.size());
  AddNumbers(preparation, inputs, blocks, graph);
  AddTexts(preparation, inputs, blocks, graph);
  const std::string coded = graph.Add("Concat", blocks.names, "coded").Integer("axis", 1);
  const auto columns = static_cast<int64_t>(inputs.size());
  const std::string order = graph.Constant("order", {columns}, blocks.order);
  const std::string ordered = graph.Add("Gather", {coded, order}, "ordered").Integer("axis", 1);
  std::vector<double> means, scales;
  for (const NetworkInput& input : inputs) {
    means.push_back(input.mean);
    scales.push_back(input.scale);
  }
  const std::string centred = graph.Add("Sub", {ordered, graph.Constant("means", {columns}, means)}, "centred");
  const std::string scaled = graph.Add("Div", {centred, graph.Constant("scales", {columns}, scales)}, "standardised");
  return graph.Add("Cast", {scaled}, "inputs").Integer("to", TensorProto::FLOAT);
}

std::string Activated(Activation activation, const std::string& sums, const std::string& name, OnnxGraph& graph) {
  switch (activation) {
    case Activation::kRelu:
      return graph.Add("Relu", {sums}, name);
    case Activation::kTanh:
      return graph.Add("Tanh", {sums}, name);
    case Activation::kSigmoid:
      return graph.Add("Sigmoid", {sums}, name);
    case Activation::kLeakyRelu:
      return graph.Add("LeakyRelu", {sums}, name).Float("alpha", kLeak);
  }
  return sums;
}

std::string Layers(const Model& model, std::string inputs, OnnxGraph& graph) {
  for (int l = 0; l < model.shape.layers(); ++l) {
    const Layer layer(model, l);
    const std::string name = "layer_" + std::to_string(l + 1);
    std::vector<float> weights, biases;
    for (int unit = 0; unit < layer.units(); ++unit) {
      weights.insert(weights.end(), layer.weights(unit).begin(), layer.weights(unit).end());
      biases.push_back(layer.bias(unit));
    }
    const std::string w = graph.Constant(name + "/weights", {layer.units(), layer.inputs()}, weights);
    const std::string b = graph.Constant(name + "/biases", {layer.units()}, biases);
    inputs = graph.Add("Gemm", {inputs, w, b}, name + "/sums").Integer("transB", 1);
    if (l + 1 < model.shape.layers()) {
      inputs = Activated(model.provenance.recipe.activation, inputs, name + "/outputs", graph);
    }
  }
  return inputs;
}

void Regression(const data::Preparation& preparation, const std::string& outputs, OnnxGraph& graph) {
  const std::string standardised = graph.Add("Cast", {outputs}, "output_double").Integer("to", TensorProto::DOUBLE);
  const std::string scale = graph.Constant("target_scale", {1}, std::vector<double>{preparation.target_scale});
  const std::string mean = graph.Constant("target_mean", {1}, std::vector<double>{preparation.target_mean});
  const std::string scaled = graph.Add("Mul", {standardised, scale}, "output_scaled");
  const std::string prediction = graph.Free("prediction");
  graph.AddOutput("Add", {scaled, mean}, prediction);
  graph.Output(prediction, TensorProto::DOUBLE, 1);
}

// The classes as whole numbers, when all are written as such.
std::optional<std::vector<int64_t>> WholeClasses(const std::vector<std::string>& classes) {
  std::vector<int64_t> numbers;
  for (const std::string& name : classes) {
    const std::optional<int64_t> number = ParseInteger(name);
    if (!number || std::to_string(*number) != name) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

// The number of the predicted class, (N), and the output `probabilities`.
std::string IndexAndProbabilities(int outputs_of_network, const std::string& outputs, const std::string& probabilities,
                                  OnnxGraph& graph) {
  if (outputs_of_network > 1) {
    graph.AddOutput("Softmax", {outputs}, probabilities).Integer("axis", 1);
    return graph.Add("ArgMax", {outputs}, "class").Integer("axis", 1).Integer("keepdims", 0);
  }
  // One output: the logit of the second class.
  const std::string negated = graph.Add("Neg", {outputs}, "negated");
  const std::string first = graph.Add("Sigmoid", {negated}, "probability_1");
  const std::string second = graph.Add("Sigmoid", {outputs}, "probability_2");
  graph.AddOutput("Concat", {first, second}, probabilities).Integer("axis", 1);
  const std::string zero = graph.Constant("zero", {1}, std::vector<float>{0});
  const std::string positive = graph.Add("Greater", {outputs, zero}, "is_second");
  const std::string index = graph.Add("Cast", {positive}, "class_column").Integer("to", TensorProto::INT64);
  const std::string axis = graph.Constant("second_axis", {1}, std::vector<int64_t>{1});
  return graph.Add("Squeeze", {index, axis}, "class");
}

void Classification(const data::Preparation& preparation, const std::string& outputs, OnnxGraph& graph) {
  const auto classes = static_cast<int64_t>(preparation.classes.size());
  const std::string label = graph.Free("label");
  const std::string probabilities = graph.Free("probabilities");
  const std::string index =
      IndexAndProbabilities(classes == 2 ? 1 : static_cast<int>(classes), outputs, probabilities, graph);
  const std::optional<std::vector<int64_t>> whole = WholeClasses(preparation.classes);
  const std::string names =
      whole ? graph.Constant("classes", {classes}, *whole) : graph.Constant("classes", {classes}, preparation.classes);
  graph.AddOutput("Gather", {names, index}, label).Integer("axis", 0);
  graph.Output(label, whole ? TensorProto::INT64 : TensorProto::STRING, 0);
  graph.Output(probabilities, TensorProto::FLOAT, static_cast<int>(classes));
}

void Describe(const Model& model, onnx::ModelProto& file) {
  constexpr int kIrVersion = 7;  // of ONNX 1.8, which came with operator set 13
  constexpr int kOperatorSet = 13;
  constexpr int kMachineLearningSet = 2;
  const Provenance& from = model.provenance;
  file.set_ir_version(kIrVersion);
  onnx::OperatorSetIdProto& standard = *file.add_opset_import();
  standard.set_domain("");
  standard.set_version(kOperatorSet);
  onnx::OperatorSetIdProto& machine_learning = *file.add_opset_import();
  machine_learning.set_domain(OnnxGraph::kMachineLearning);
  machine_learning.set_version(kMachineLearningSet);
  file.set_producer_name("minnow");
  file.set_doc_string("\"" + model.preparation.target + "\" from raw rows, by a network of " + ShapeText(model.shape) +
                      " units");
  const auto say = [&file](const std::string& key, const std::string& value) {
    onnx::StringStringEntryProto& entry = *file.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  };
  say("job", from.job);
  say("trial", from.trial);
  say("target", model.preparation.target);
  say("classes", nlohmann::json(model.preparation.classes).dump());
  say("metric", std::string(Name(from.metric)));
  if (from.threshold) say("threshold", NumberText(*from.threshold));
  say("validation_score", NumberText(from.validation_score));
  if (from.test_score) say("test_score", NumberText(*from.test_score));
  say("numerics_version", std::to_string(from.numerics_version));
  say("weights_sha256", from.weights_sha256);
}

}  // namespace
}  // namespace minnow::model
