// What stands in the file; that it computes what it should is for onnx_runtime_test.cc.
#include "common/model/onnx_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx.pb.h>

#include "tests/common/model/commands.h"
#include "tests/common/model/models.h"

namespace minnow::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

onnx::ModelProto Parsed(const std::string& bytes) {
  onnx::ModelProto file;
  EXPECT_TRUE(file.ParseFromString(bytes));
  return file;
}

std::vector<std::string> Names(const google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>& values) {
  std::vector<std::string> names;
  for (const onnx::ValueInfoProto& value : values) names.push_back(value.name());
  return names;
}

TEST(OnnxModel, HasOneInputForEveryRawColumn) {
  const onnx::ModelProto file = Parsed(OnnxModel(FixtureOf(kMixedTable, "y", {4}).model));
  const onnx::GraphProto& graph = file.graph();
  EXPECT_THAT(Names(graph.input()), ElementsAre("class", "two words", "*/ \"?\"", "Größe", "steady"));
  EXPECT_EQ(graph.input(0).type().tensor_type().elem_type(), onnx::TensorProto::FLOAT);
  EXPECT_EQ(graph.input(1).type().tensor_type().elem_type(), onnx::TensorProto::STRING);
  EXPECT_EQ(graph.input(1).type().tensor_type().shape().dim(0).dim_param(), "N");
  EXPECT_EQ(graph.input(1).type().tensor_type().shape().dim(1).dim_value(), 1);
  EXPECT_THAT(graph.input(4).doc_string(), HasSubstr("not used"));
  EXPECT_THAT(Names(graph.output()), ElementsAre("label", "probabilities"));
  EXPECT_EQ(graph.output(0).type().tensor_type().elem_type(), onnx::TensorProto::STRING);
  EXPECT_EQ(graph.output(1).type().tensor_type().shape().dim(1).dim_value(), 3);
  EXPECT_EQ(file.opset_import(0).version(), 13);
}

TEST(OnnxModel, WholeNumbersAsClassesAreInt64) {
  Model model = FixtureOf(kMixedTable, "y", {4}).model;
  model.preparation.classes = {"-1", "0", "12"};
  EXPECT_EQ(Parsed(OnnxModel(model)).graph().output(0).type().tensor_type().elem_type(), onnx::TensorProto::INT64);
  model.preparation.classes = {"-1", "0", "1.0"};
  EXPECT_EQ(Parsed(OnnxModel(model)).graph().output(0).type().tensor_type().elem_type(), onnx::TensorProto::STRING);
  model.preparation.classes = {"-1", "0", "007"};
  EXPECT_EQ(Parsed(OnnxModel(model)).graph().output(0).type().tensor_type().elem_type(), onnx::TensorProto::STRING);
}

TEST(OnnxModel, AnOutputGivesWayToAColumnOfItsName) {
  Model model = FixtureOf(kMixedTable, "y", {4}).model;
  model.preparation.columns[0].name = "label";
  model.preparation.columns[1].name = "minnow/coded";
  const onnx::ModelProto file = Parsed(OnnxModel(model));
  EXPECT_THAT(Names(file.graph().output()), ElementsAre("label_", "probabilities"));
}

TEST(OnnxModel, SaysWhatDatesAre) {
  Model model = FixtureOf(kMixedTable, "y", {4}).model;
  model.preparation.columns[0].format = data::NumberFormat::kDate;
  const onnx::ModelProto file = Parsed(OnnxModel(model));
  EXPECT_THAT(file.graph().input(0).doc_string(), HasSubstr("days since 1970-01-01"));
}

TEST(OnnxModel, SaysWhereItComesFrom) {
  const onnx::ModelProto file = Parsed(OnnxModel(FixtureOf(kMixedTable, "y", {4}).model));
  EXPECT_EQ(file.producer_name(), "minnow");
  bool found = false;
  for (const auto& entry : file.metadata_props())
    found |= entry.key() == "trial" && entry.value() == "jobs/7/trials/203";
  EXPECT_TRUE(found);
}

TEST(OnnxModel, TheCheckerOfOnnxAcceptsIt) {
  if (!Succeeds("/usr/bin/python3 -c 'import onnx'")) GTEST_SKIP() << "SKIPPED: python3-onnx is not installed";
  for (const Activation activation :
       {Activation::kRelu, Activation::kLeakyRelu, Activation::kTanh, Activation::kSigmoid}) {
    const storage::TemporaryFolder folder;
    storage::WriteBytes(folder.File("model.onnx"), OnnxModel(FixtureOf(kMixedTable, "y", {4, 2}, activation).model));
    const Ended ended = RunIn(folder,
                              "/usr/bin/python3 -c 'import onnx; "
                              "onnx.checker.check_model(onnx.load(\"model.onnx\"), full_check=True)'");
    EXPECT_EQ(ended.code, 0) << ended.output;
  }
}

}  // namespace
}  // namespace minnow::model
