#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/data/prepare.h"
#include "tests/common/data/tables.h"

namespace minnow::data {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kClasses =
    "n,c,k,part,y\n0.1,ü,5,train,a\n,v,5,train,b\n0.3,,5,train,a\n7,ü,5,train,b\n2,v,5,validation,a\n,w,5,test,b\n";
constexpr std::string_view kNumber = "x,y,part\n1,0.1,train\n2,0.7,train\n3,9,validation\n4,0,test\n";

std::string JsonOf(std::string_view table) {
  const auto prepared = PrepareParts(table);
  EXPECT_TRUE(prepared.ok()) << prepared.status();
  return PreparationToJson(prepared->preparation);
}

// The preparation of kClasses after `edit`.
template <typename Edit>
std::string RefusalOf(Edit edit) {
  auto json = nlohmann::ordered_json::parse(JsonOf(kClasses));
  edit(json);
  const auto preparation = PreparationFromJson(json.dump());
  EXPECT_EQ(preparation.status().code(), absl::StatusCode::kInvalidArgument);
  return MessageOf(preparation);
}

TEST(PreparationJson, ReadsBackToTheSameText) {
  for (const std::string_view table : {kClasses, kNumber}) {
    const std::string json = JsonOf(table);
    const auto preparation = PreparationFromJson(json);
    ASSERT_TRUE(preparation.ok()) << preparation.status();
    EXPECT_EQ(PreparationToJson(*preparation), json);
  }
}

TEST(PreparationJson, PreparesRowsToTheSameBitsAfterReadingBack) {
  const auto prepared = PrepareParts(kClasses);
  const auto read = PreparationFromJson(PreparationToJson(prepared->preparation));
  ASSERT_TRUE(read.ok()) << read.status();
  const auto x = EncodeInputs(*read, TableOf("n,c\n2,v\n,w\n"));
  ASSERT_TRUE(x.ok()) << x.status();
  const SharedArray<float>& validation = prepared->training.validation.x;
  std::vector<float> expected(validation.begin(), validation.end());
  expected.insert(expected.end(), prepared->test.x.begin(), prepared->test.x.end());
  EXPECT_EQ(*x, expected);
}

TEST(PreparationJson, IsReadableInAFixedOrder) {
  EXPECT_THAT(JsonOf(kNumber),
              ::testing::StartsWith("{\"version\":1,\"task\":\"regression\",\"target\":\"y\",\"classes\":[],"
                                    "\"class_rows\":[],\"target_mean\":0.39999999999999997,"));
  EXPECT_THAT(JsonOf(kNumber),
              HasSubstr("{\"name\":\"x\",\"kind\":\"number\",\"gaps\":0,\"fill\":1.5,\"categories\":[],"
                        "\"gap_indicator\":false,\"inputs\":[{\"name\":\"x\",\"mean\":1.5,"
                        "\"scale\":0.5,\"dropped\":false}]}"));
}

TEST(PreparationJson, KeepsFormatsAndWhatIsLeftOut) {
  std::string text = "d;c;e;y;part\n";
  for (int row = 0; row < 50; ++row) {
    text += std::to_string(row % 28 + 1) + ".1.2024;v" + std::to_string(row % 40) + ";;" + std::to_string(row % 9) +
            ",5;" +
            (row < 45   ? "train\n"
             : row < 48 ? "validation\n"
                        : "test\n");
  }
  const std::string json = JsonOf(text);
  EXPECT_THAT(json, HasSubstr("\"format\":\"date_day_first\""));
  EXPECT_THAT(json, HasSubstr("\"other\":true"));
  EXPECT_THAT(json, HasSubstr("\"kind\":\"left out\""));
  EXPECT_THAT(json, HasSubstr("\"target_format\":\"decimal_comma\""));
  const auto preparation = PreparationFromJson(json);
  ASSERT_TRUE(preparation.ok()) << preparation.status();
  EXPECT_EQ(PreparationToJson(*preparation), json);
  const auto formats = FormatsOf(*preparation);
  EXPECT_EQ(formats.at("d"), NumberFormat::kDateDayFirst);
  EXPECT_EQ(formats.at("y"), NumberFormat::kDecimalComma);
}

// Jobs that were stored before columns had formats.
TEST(PreparationJson, WithoutFormatsNumbersArePlain) {
  EXPECT_THAT(JsonOf(kClasses), Not(HasSubstr("format")));
  EXPECT_THAT(JsonOf(kClasses), Not(HasSubstr("other")));
  const auto preparation = PreparationFromJson(JsonOf(kClasses));
  ASSERT_TRUE(preparation.ok()) << preparation.status();
  EXPECT_EQ(preparation->columns[0].format, NumberFormat::kPlain);
  EXPECT_FALSE(preparation->columns[1].other);
}

TEST(PreparationJson, RefusesWhatIsNotAPreparation) {
  for (const std::string_view text : {"", "{", "[]", "null", "{}", "{\"version\":1}"}) {
    EXPECT_EQ(PreparationFromJson(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(PreparationJson, RefusesEveryPieceOfAText) {
  const std::string json = JsonOf(kClasses);
  for (size_t size = 0; size < json.size(); ++size)
    EXPECT_FALSE(PreparationFromJson(json.substr(0, size)).ok()) << size;
}

TEST(PreparationJson, RefusesWhatCannotPrepareARow) {
  EXPECT_THAT(RefusalOf([](auto& json) { json["version"] = 2; }), HasSubstr("version 2, not 1"));
  EXPECT_THAT(RefusalOf([](auto& json) { json["version"] = 3.1e49; }), HasSubstr("3.1e+49 is not a whole number"));
  EXPECT_THAT(RefusalOf([](auto& json) { json["class_rows"] = {1.5, 2}; }), HasSubstr("1.5 is not a whole number"));
  EXPECT_THAT(RefusalOf([](auto& json) { json["columns"][0]["gaps"] = uint64_t{1} << 63; }), HasSubstr("in range"));
  EXPECT_THAT(RefusalOf([](auto& json) { json["task"] = "clustering"; }), HasSubstr("clustering"));
  EXPECT_THAT(RefusalOf([](auto& json) { json["classes"] = {"a"}; }), HasSubstr("classes"));
  EXPECT_THAT(RefusalOf([](auto& json) { json["class_rows"] = {1}; }), HasSubstr("class_rows"));
  EXPECT_THAT(RefusalOf([](auto& json) { json["target_scale"] = 0; }), HasSubstr("target_scale"));
  EXPECT_THAT(RefusalOf([](auto& json) { json["columns"][0]["kind"] = "date"; }), HasSubstr("\"date\""));
  EXPECT_THAT(RefusalOf([](auto& json) { json["columns"][0]["format"] = "roman"; }), HasSubstr("\"roman\""));
  EXPECT_THAT(RefusalOf([](auto& json) { json["columns"][1]["other"] = true; }), HasSubstr("needs 4 inputs"));
  EXPECT_THAT(RefusalOf([](auto& json) { json["columns"][0]["kind"] = "left out"; }), HasSubstr("left out"));
  EXPECT_THAT(RefusalOf([](auto& json) { json["columns"][0]["inputs"].erase(0); }), HasSubstr("needs 2 inputs"));
  EXPECT_THAT(RefusalOf([](auto& json) { json["columns"][0]["inputs"][0]["scale"] = -1; }), HasSubstr("column \"n\""));
  EXPECT_THAT(RefusalOf([](auto& json) { json["columns"][1]["categories"] = {"v", "a"}; }), HasSubstr("not sorted"));
  EXPECT_THAT(RefusalOf([](auto& json) { json["columns"] = nlohmann::json::array(); }), HasSubstr("0 inputs"));
}

}  // namespace
}  // namespace minnow::data
