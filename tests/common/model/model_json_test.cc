#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "common/sha256.h"
#include "tests/common/model/models.h"

namespace minnow::model {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

Model SomeModel() { return FixtureOf(kMixedTable, "y", {4, 3}, Activation::kTanh).model; }

std::string Refusal(const std::string& text) {
  const auto model = ModelFromJson(text);
  EXPECT_EQ(model.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(model.status().message());
}

// The model with a change, and the hash that it then has.
std::string Forged(const std::function<void(Json&)>& change) {
  Json json = Json::parse(ModelToJson(SomeModel()));
  change(json);
  json.erase("sha256");
  json["sha256"] = Sha256Hex(json.dump());
  return json.dump();
}

TEST(ModelJson, ReadsBackToTheLastBit) {
  Model model = SomeModel();
  model.weights[0] = -0.0f;
  model.weights[1] = std::numeric_limits<float>::denorm_min();
  model.weights[2] = std::nextafter(1.0f, 2.0f);
  model.weights[3] = -std::numeric_limits<float>::max();
  model.provenance.weights_sha256 = WeightsSha256(model.weights);
  model.provenance.test_score = 1.0 / 3;
  model.provenance.threshold = 0.7;
  const std::string text = ModelToJson(model);
  const Model again = ModelFromJson(text).value();
  EXPECT_EQ(WeightsSha256(again.weights), model.provenance.weights_sha256);
  EXPECT_TRUE(std::signbit(again.weights[0]));
  EXPECT_EQ(again.shape, model.shape);
  EXPECT_EQ(again.provenance.test_score, model.provenance.test_score);
  EXPECT_EQ(again.provenance.recipe, model.provenance.recipe);
  EXPECT_EQ(data::PreparationToJson(again.preparation), data::PreparationToJson(model.preparation));
  EXPECT_EQ(ModelToJson(again), text);
}

TEST(ModelJson, ScoresThatDoNotExistAreNull) {
  Model model = SomeModel();
  model.provenance.validation_score = std::nan("");
  const Model again = ModelFromJson(ModelToJson(model)).value();
  EXPECT_TRUE(std::isnan(again.provenance.validation_score));
  EXPECT_EQ(again.provenance.test_score, std::nullopt);
}

TEST(ModelJson, MayBeLaidOutAnew) {
  const std::string text = ModelToJson(SomeModel());
  EXPECT_TRUE(ModelFromJson(Json::parse(text).dump(2)).ok());
}

TEST(ModelJson, AFileNameThatIsNotUtf8DoesNoHarm) {
  Model model = SomeModel();
  model.provenance.data_file = "caf\xe9.csv";
  EXPECT_EQ(ModelFromJson(ModelToJson(model)).value().provenance.data_file, "caf\xef\xbf\xbd.csv");
}

TEST(ModelJson, WhatWasCutOrChangedIsRefused) {
  const std::string text = ModelToJson(SomeModel());
  EXPECT_THAT(Refusal(text.substr(0, text.size() / 2)), HasSubstr("not JSON, or damaged"));
  EXPECT_THAT(Refusal(""), HasSubstr("not JSON"));
  EXPECT_THAT(Refusal("[]"), HasSubstr("\"format\""));
  EXPECT_THAT(Refusal("{\"format\": 7}"), HasSubstr("\"format\""));
  const size_t fill = text.find("\"fill\":");
  std::string changed = text;
  changed.insert(fill + 7, "1");
  EXPECT_THAT(Refusal(changed), HasSubstr("do not have the hash"));
}

TEST(ModelJson, AnotherVersionIsNamed) {
  EXPECT_THAT(Refusal(Forged([](Json& json) { json["version"] = 2; })), HasSubstr("version 2"));
}

// With the right hash, so that it is the check that refuses.
TEST(ModelJson, WhatDoesNotFitTogetherIsRefused) {
  EXPECT_TRUE(ModelFromJson(Forged([](Json&) {})).ok());
  const auto network = [](const std::function<void(Json&)>& change) {
    return Refusal(Forged([&](Json& json) { change(json["network"]); }));
  };
  EXPECT_THAT(network([](Json& n) { n["inputs"] = 1'000'000'000; }), HasSubstr("does not fit a preparation"));
  EXPECT_THAT(network([](Json& n) { n["hidden"] = {4, 1'000'000}; }), HasSubstr("1000000 units"));
  EXPECT_THAT(network([](Json& n) { n["hidden"] = std::vector<int>(9, 1); }), HasSubstr("hidden layers"));
  EXPECT_THAT(network([](Json& n) { n["hidden"] = {4}; }), HasSubstr("the layers must be 2"));
  EXPECT_THAT(network([](Json& n) { n["layers"][0]["weights"].erase(0); }), HasSubstr("units of a layer must be 4"));
  EXPECT_THAT(network([](Json& n) { n["layers"][1]["biases"].push_back(1); }),
              HasSubstr("biases of a layer must be 3"));
  EXPECT_THAT(network([](Json& n) { n["layers"][0]["weights"][0].erase(0); }), HasSubstr("weights of a unit"));
  EXPECT_THAT(network([](Json& n) { n["layers"][0]["weights"][0][0] = 1e300; }), HasSubstr("not finite"));
  EXPECT_THAT(network([](Json& n) { n["layers"][0]["weights"][0][0] = nullptr; }), HasSubstr("not a number"));
  EXPECT_THAT(network([](Json& n) { n["layers"][0]["weights"][0][0] = 0.25; }), HasSubstr("do not have their hash"));
  EXPECT_THAT(network([](Json& n) { n["activation"] = "relu"; }), HasSubstr("two activations"));
  EXPECT_THAT(Refusal(Forged([](Json& j) { j["provenance"]["metric"] = "rmse"; })), HasSubstr("does not fit its task"));
  EXPECT_THAT(Refusal(Forged([](Json& j) { j["preparation"]["columns"][0]["inputs"][0]["scale"] = 0; })),
              HasSubstr("not usable"));
}

TEST(ModelJson, NestingWithoutEndIsRefused) {
  const std::string nested = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  EXPECT_THAT(Refusal(nested), HasSubstr("nested too deeply"));
  EXPECT_THAT(Refusal("{\"format\": \"minnow model\", \"version\": 1, \"sha256\": \"\", \"more\": " + nested + "}"),
              HasSubstr("nested too deeply"));
}

TEST(Layer, HasTheWeightsInTheirOrder) {
  Model model;
  model.shape = {.inputs = 2, .hidden = {2}, .outputs = 1};
  model.weights = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const Layer first(model, 0), second(model, 1);
  EXPECT_EQ(first.weights(1)[0], 4);
  EXPECT_EQ(first.bias(1), 6);
  EXPECT_EQ(second.weights(0)[1], 8);
  EXPECT_EQ(second.bias(0), 9);
}

}  // namespace
}  // namespace minnow::model
