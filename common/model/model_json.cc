// Models as JSON. Numbers are written with digits that read back to the same bits.
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "common/json_numbers.h"
#include "common/metrics.h"
#include "common/model/model.h"
#include "common/sha256.h"

namespace minnow::model {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kFormat[] = "minnow model";
constexpr int kVersion = 1;
constexpr char kHash[] = "sha256";
constexpr int kMaxDepth = 16;  // of values within values; a model has 6

[[noreturn]] void Refuse(const std::string& what) { throw std::invalid_argument(what); }

// Numbers that are not finite are written as null: JSON has none.
Json NumberOrNull(std::optional<double> number) {
  return number && std::isfinite(*number) ? Json(*number) : Json(nullptr);
}

std::optional<double> OptionalNumber(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(json.get<double>());
}

template <class Value>
Value Parsed(const absl::StatusOr<Value>& value) {
  if (!value.ok()) Refuse(std::string(value.status().message()));
  return *value;
}

// Names of files need not be UTF-8.
std::string Text(const Json& json) {
  return json.dump(/*indent=*/-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

// Of the document without its hash, written without blanks: to be laid out anew does not change it.
std::string HashOf(Json document) {
  document.erase(kHash);
  return Sha256Hex(Text(document));
}

Json ToJson(const Recipe& recipe) {
  return {{"init", Name(recipe.init)},           {"activation", Name(recipe.activation)},
          {"optimizer", Name(recipe.optimizer)}, {"learning_rate", recipe.learning_rate},
          {"batch_size", recipe.batch_size},     {"weight_decay", recipe.weight_decay}};
}

Recipe RecipeFromJson(const Json& json) {
  return {.init = Parsed(ParseInitScheme(json.at("init").get<std::string>())),
          .activation = Parsed(ParseActivation(json.at("activation").get<std::string>())),
          .optimizer = Parsed(ParseOptimizer(json.at("optimizer").get<std::string>())),
          .learning_rate = json.at("learning_rate").get<double>(),
          .batch_size = WholeNumber<int>(json.at("batch_size")),
          .weight_decay = json.at("weight_decay").get<double>()};
}

Json ToJson(const Provenance& from) {
  return {{"job", from.job},
          {"job_name", from.job_name},
          {"trial", from.trial},
          {"data_file", from.data_file},
          {"metric", Name(from.metric)},
          {"comparison", Comparison(from.metric)},
          {"threshold", NumberOrNull(from.threshold)},
          {"validation_score", NumberOrNull(from.validation_score)},
          {"test_score", NumberOrNull(from.test_score)},
          {"rows", {{"train", from.rows_train}, {"validation", from.rows_validation}, {"test", from.rows_test}}},
          {"recipe", ToJson(from.recipe)},
          {"seed", from.seed},
          {"epoch", from.epoch},
          {"numerics_version", from.numerics_version},
          {"weights_sha256", from.weights_sha256},
          {"data_sha256", from.data_sha256},
          {"test_sha256", from.test_sha256}};
}

Provenance ProvenanceFromJson(const Json& json) {
  Provenance from;
  from.job = json.at("job").get<std::string>();
  from.job_name = json.at("job_name").get<std::string>();
  from.trial = json.at("trial").get<std::string>();
  from.data_file = json.at("data_file").get<std::string>();
  from.metric = Parsed(ParseMetric(json.at("metric").get<std::string>()));
  from.threshold = OptionalNumber(json.at("threshold"));
  from.validation_score = OptionalNumber(json.at("validation_score")).value_or(std::nan(""));
  from.test_score = OptionalNumber(json.at("test_score"));
  from.rows_train = WholeNumber<int>(json.at("rows").at("train"));
  from.rows_validation = WholeNumber<int>(json.at("rows").at("validation"));
  from.rows_test = WholeNumber<int>(json.at("rows").at("test"));
  from.recipe = RecipeFromJson(json.at("recipe"));
  from.seed = WholeNumber<int64_t>(json.at("seed"));
  from.epoch = WholeNumber<int>(json.at("epoch"));
  from.numerics_version = WholeNumber<int>(json.at("numerics_version"));
  from.weights_sha256 = json.at("weights_sha256").get<std::string>();
  from.data_sha256 = json.at("data_sha256").get<std::string>();
  from.test_sha256 = json.at("test_sha256").get<std::string>();
  return from;
}

Json NetworkToJson(const Model& model) {
  Json layers = Json::array();
  for (int l = 0; l < model.shape.layers(); ++l) {
    const Layer layer(model, l);
    Json weights = Json::array(), biases = Json::array();
    for (int unit = 0; unit < layer.units(); ++unit) {
      const std::span<const float> incoming = layer.weights(unit);
      weights.push_back(std::vector<float>(incoming.begin(), incoming.end()));
      biases.push_back(layer.bias(unit));
    }
    layers.push_back({{"weights", std::move(weights)}, {"biases", std::move(biases)}});
  }
  return {{"inputs", model.shape.inputs},
          {"hidden", model.shape.hidden},
          {"outputs", model.shape.outputs},
          {"activation", Name(model.provenance.recipe.activation)},
          {"layers", std::move(layers)}};
}

float Weight(const Json& json) {
  if (!json.is_number()) Refuse("a weight is not a number");
  const auto weight = static_cast<float>(json.get<double>());
  if (!std::isfinite(weight)) Refuse("a weight is not finite");
  return weight;
}

const Json& ListOf(const Json& json, int size, const std::string& what) {
  if (!json.is_array() || json.size() != static_cast<size_t>(size)) Refuse(what + " must be " + std::to_string(size));
  return json;
}

// The shape is checked before anything is made in its size.
Shape ShapeFromJson(const Json& json, const data::Preparation& preparation) {
  const Shape shape = {.inputs = WholeNumber<int>(json.at("inputs")),
                       .hidden = WholeNumbers<int>(json.at("hidden")),
                       .outputs = WholeNumber<int>(json.at("outputs"))};
  if (shape.hidden.size() > static_cast<size_t>(kMaxHiddenLayers)) {
    Refuse("more than " + std::to_string(kMaxHiddenLayers) + " hidden layers");
  }
  for (const int units : shape.hidden) {
    if (units < 1 || units > kMaxUnits) Refuse("a hidden layer of " + std::to_string(units) + " units");
  }
  const int outputs = OutputColumns(preparation.task, static_cast<int>(preparation.classes.size()));
  if (shape.inputs != preparation.inputs() || shape.outputs != outputs) {
    Refuse("the network " + ShapeText(shape) + " does not fit a preparation of " +
           std::to_string(preparation.inputs()) + " inputs and " + std::to_string(outputs) + " outputs");
  }
  return shape;
}

std::vector<float> WeightsFromJson(const Json& layers, const Shape& shape) {
  std::vector<float> weights;
  ListOf(layers, shape.layers(), "the layers");
  for (int l = 0; l < shape.layers(); ++l) {
    const Json& rows = ListOf(layers[l].at("weights"), shape.fan_out(l), "the units of a layer");
    const Json& biases = ListOf(layers[l].at("biases"), shape.fan_out(l), "the biases of a layer");
    for (int unit = 0; unit < shape.fan_out(l); ++unit) {
      for (const Json& weight : ListOf(rows[unit], shape.fan_in(l), "the weights of a unit")) {
        weights.push_back(Weight(weight));
      }
      weights.push_back(Weight(biases[unit]));
    }
  }
  return weights;
}

Model FromJson(const Json& json) {
  if (!json.is_object() || json.value("format", Json()) != kFormat) {
    Refuse("its \"format\" is not \"" + std::string(kFormat) + "\"");
  }
  if (const int version = WholeNumber<int>(json.at("version")); version != kVersion) {
    Refuse("version " + std::to_string(version) + ", and this program reads version " + std::to_string(kVersion));
  }
  if (json.at(kHash) != HashOf(json)) Refuse("its contents do not have the hash that it names");
  Model model;
  model.provenance = ProvenanceFromJson(json.at("provenance"));
  model.preparation = Parsed(data::PreparationFromJson(json.at("preparation").dump()));
  const Json& network = json.at("network");
  model.shape = ShapeFromJson(network, model.preparation);
  model.weights = WeightsFromJson(network.at("layers"), model.shape);
  if (network.at("activation") != Name(model.provenance.recipe.activation)) Refuse("it names two activations");
  if (WeightsSha256(model.weights) != model.provenance.weights_sha256) Refuse("its weights do not have their hash");
  if (TaskOf(model.provenance.metric) != model.preparation.task) Refuse("its metric does not fit its task");
  return model;
}

}  // namespace

std::string ModelToJson(const Model& model) {
  Json document = {{"format", kFormat},
                   {"version", kVersion},
                   {"provenance", ToJson(model.provenance)},
                   {"preparation", Json::parse(data::PreparationToJson(model.preparation))},
                   {"network", NetworkToJson(model)}};
  document[kHash] = HashOf(document);
  std::string text = "{";
  for (const auto& [name, value] : document.items()) {
    text += (text.size() > 1 ? ",\n " : "\n ") + Text(name) + ": " + Text(value);
  }
  return text + "\n}\n";
}

// The JSON library reports by exceptions, and so do the checks here; they end in this function.
absl::StatusOr<Model> ModelFromJson(std::string_view text) {
  try {
    // What is nested without end would be written, for its hash, by calls without end.
    const auto shallow = [](int depth, Json::parse_event_t, Json&) {
      if (depth > kMaxDepth) Refuse("it is nested too deeply");
      return true;
    };
    return FromJson(Json::parse(text, shallow));
  } catch (const nlohmann::json::parse_error&) {
    return absl::InvalidArgumentError(
        "is not a model: it is not JSON, or damaged; write it with minnow export --format json");
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(std::string("is not a usable model: ") + error.what() +
                                      "; write it anew with minnow export --format json");
  }
}

}  // namespace minnow::model
