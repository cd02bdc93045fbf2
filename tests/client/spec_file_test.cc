#include "client/spec_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace minnow::client {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::vector<SpecName> kNames = {{"units", true}, {"epochs", false}, {"good-enough", false}, {"name", false}};

std::vector<SpecEntry> Parse(const std::string& text) { return ParseSpec("s.yaml", text, kNames).value(); }

std::string ErrorOf(const std::string& text) {
  return std::string(ParseSpec("s.yaml", text, kNames).status().message());
}

TEST(SpecFile, TurnsEntriesIntoFlags) {
  const std::vector<SpecEntry> entries =
      Parse("# a search\nunits: [4, 8]\ngood_enough: accuracy >= 0.95\nepochs: 20\n");
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].flag, "units");
  EXPECT_EQ(entries[0].value, "4,8");
  EXPECT_EQ(entries[0].line, 2);
  EXPECT_EQ(entries[1].flag, "good-enough");
  EXPECT_EQ(entries[1].value, "accuracy >= 0.95");
  EXPECT_EQ(entries[2].line, 4);
}

TEST(SpecFile, MayWriteAListAsABlockOrAsOneValue) {
  EXPECT_EQ(Parse("units:\n  - 4\n  - 8\n")[0].value, "4,8");
  EXPECT_EQ(Parse("units: 4\n")[0].value, "4");
}

TEST(SpecFile, MayBeEmpty) {
  EXPECT_TRUE(Parse("").empty());
  EXPECT_TRUE(Parse("# nothing\n").empty());
}

TEST(SpecFile, SuggestsTheNearestNameForAnUnknownOne) {
  EXPECT_THAT(ErrorOf("epochs: 20\nunit: 4\n"), StartsWith("s.yaml:2: unknown name \"unit\"; did you mean \"units\"?"));
  EXPECT_THAT(ErrorOf("good-enough: r2\n"), HasSubstr("did you mean \"good_enough\"?"));
}

TEST(SpecFile, NamesTheLineOfAValueOfTheWrongKind) {
  EXPECT_EQ(ErrorOf("name: x\nepochs: [20, 30]\n"), "s.yaml:2: epochs takes one value");
  EXPECT_THAT(ErrorOf("units: {a: 4}\n"), StartsWith("s.yaml:1: units takes a value or a list of values, not a map"));
  EXPECT_THAT(ErrorOf("units: [[4]]\n"), StartsWith("s.yaml:1: units takes a list of single values"));
  EXPECT_THAT(ErrorOf("units: []\n"), StartsWith("s.yaml:1: the list of units is empty"));
  EXPECT_THAT(ErrorOf("name: x\nepochs:\n"), StartsWith("s.yaml:2: epochs has no value"));
  EXPECT_THAT(ErrorOf("epochs:\nname: x\n"), StartsWith("s.yaml:1: epochs has no value"));
}

TEST(SpecFile, RefusesANameThatIsThereTwice) {
  EXPECT_EQ(ErrorOf("epochs: 20\nepochs: 30\n"), "s.yaml:2: epochs is there twice; keep one");
}

TEST(SpecFile, RefusesWhatIsNotAMap) {
  EXPECT_THAT(ErrorOf("- units\n"), StartsWith("s.yaml:1: write one flag a line"));
  EXPECT_THAT(ErrorOf("units: [4,\n"), HasSubstr("this is not YAML"));
}

TEST(SpecFile, SaysWhenThereIsNone) {
  const absl::Status status = ReadSpecFile("no/such/file.yaml", kNames).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no/such/file.yaml"));
}

}  // namespace
}  // namespace minnow::client
