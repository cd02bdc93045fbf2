// The source text is compiled and run.
#include "common/model/c_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/common/data/tables.h"
#include "tests/common/model/commands.h"
#include "tests/common/model/models.h"

namespace minnow::model {
namespace {

using ::testing::HasSubstr;

constexpr char kFlags[] = " -std=c99 -Wall -Wextra -pedantic -Werror -O1 ";

Ended CompileAndRun(const std::string& compiler, const std::string& source) {
  const storage::TemporaryFolder folder;
  storage::WriteBytes(folder.File("model.c"), source);
  return RunIn(folder, compiler + kFlags + "-DMINNOW_SELF_TEST model.c -o model -lm && ./model");
}

// Every row of the table is predicted alike by the text under both compilers.
void ExpectSameAnswers(const Fixture& fixture) {
  const std::vector<KnownRow> rows = KnownRowsOf(fixture.model, fixture.table);
  const std::string source = CSource(fixture.model, rows).value();
  for (const std::string compiler : {"gcc", "clang"}) {
    const Ended ended = CompileAndRun(compiler, source);
    EXPECT_EQ(ended.code, 0) << compiler << ": " << ended.output << source;
    const std::string all = std::to_string(rows.size());
    EXPECT_THAT(ended.output, HasSubstr(all + " of " + all + " rows"));
  }
}

class CSourceOf : public testing::TestWithParam<Activation> {};

TEST_P(CSourceOf, PredictsAsMinnowDoes) { ExpectSameAnswers(FixtureOf(kMixedTable, "y", {5, 3}, GetParam())); }

INSTANTIATE_TEST_SUITE_P(EveryActivation, CSourceOf,
                         testing::Values(Activation::kRelu, Activation::kLeakyRelu, Activation::kTanh,
                                         Activation::kSigmoid),
                         [](const auto& test) { return std::string(Name(test.param)); });

constexpr char kTwoClasses[] =
    "part,x,y\ntrain,1,b\ntrain,2,a\ntrain,3,b\ntrain,5,a\nvalidation,2.5,a\nvalidation,1.5,b\ntest,4,a\ntest,-1,b\n";
constexpr char kNumber[] =
    "part,x,y\ntrain,1,100.5\ntrain,2,-7.25\ntrain,3,1e6\ntrain,5,1\nvalidation,2.5,3.5\nvalidation,1.5,2\ntest,4,9\n";

TEST(CSource, LinearModelsOfTwoClassesAndOfANumber) {
  ExpectSameAnswers(FixtureOf(kTwoClasses, "y", {}));
  ExpectSameAnswers(FixtureOf(kNumber, "y", {3}));
}

TEST(CSource, TheSelfTestFailsWhereAnAnswerIsAnother) {
  const Fixture fixture = FixtureOf(kTwoClasses, "y", {2});
  std::vector<KnownRow> rows = KnownRowsOf(fixture.model, fixture.table);
  rows[3].answer[0] += 1e-4;
  const Ended ended = CompileAndRun("gcc", CSource(fixture.model, rows).value());
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.output, HasSubstr("row 3: another prediction"));
}

TEST(CSource, TextsThatAreNotListedShareAnInput) {
  const Model model = ModelOfTexts();
  std::vector<KnownRow> rows;
  for (const auto& [text, answer] :
       std::vector<std::pair<std::string, double>>{{"a", 1}, {"b", 2}, {"c", 4}, {"", 8}}) {
    rows.push_back({.fields = {{.text = text}}, .answer = {answer}});
  }
  const Ended ended = CompileAndRun("gcc", CSource(model, rows).value());
  EXPECT_EQ(ended.code, 0) << ended.output;
}

TEST(CSource, IsItsOwnHeader) {
  const Fixture fixture = FixtureOf(kTwoClasses, "y", {2});
  const storage::TemporaryFolder folder;
  storage::WriteBytes(folder.File("model.c"),
                      CSource(fixture.model, KnownRowsOf(fixture.model, fixture.table)).value());
  storage::WriteBytes(folder.File("user.c"),
                      "#define MINNOW_DECLARATIONS\n#include \"model.c\"\n#include <string.h>\n"
                      "int main(void) {\n  minnow_row row = {1.0};\n  minnow_prediction prediction;\n"
                      "  predict(&row, &prediction);\n  return strlen(prediction.name) == 1 ? 0 : 1;\n}\n");
  const Ended ended = RunIn(folder, std::string("gcc") + kFlags + "user.c model.c -o user -lm && ./user");
  EXPECT_EQ(ended.code, 0) << ended.output;
}

TEST(CSource, TakesNothingFromTheHeap) {
  const Fixture fixture = FixtureOf(kMixedTable, "y", {4});
  const std::string source = CSource(fixture.model, KnownRowsOf(fixture.model, fixture.table)).value();
  EXPECT_EQ(source.find("alloc"), source.find("allocates nothing")) << "but in its own praise";
  EXPECT_EQ(source.find("#include"), source.find("#include <math.h>\n#include <string.h>"));
}

TEST(CSource, ATextLongerThanC99AllowsIsRefused) {
  Fixture fixture = FixtureOf(kTwoClasses, "y", {});
  fixture.model.preparation.classes[1] = std::string(5000, 'x');
  const auto source = CSource(fixture.model, KnownRowsOf(fixture.model, fixture.table));
  EXPECT_EQ(source.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(data::MessageOf(source), HasSubstr("a class has 5000 bytes"));
}

}  // namespace
}  // namespace minnow::model
