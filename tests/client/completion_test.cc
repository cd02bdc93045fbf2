#include "client/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "common/recipe.h"

namespace minnow::client {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> ValuesOf(const Completed& completed) {
  std::vector<std::string> values;
  for (const Candidate& candidate : completed.candidates) values.push_back(candidate.value);
  return values;
}

std::vector<std::string> After(const std::vector<std::string>& words) { return ValuesOf(Complete(words)); }

TEST(Completion, BeginsWithTheCommands) {
  EXPECT_THAT(After({"an"}), ElementsAre("answer"));
  EXPECT_THAT(After({"help", "re"}), ElementsAre("report", "replay", "resume"));
  EXPECT_THAT(After({"--v"}), ElementsAre("--version"));
  EXPECT_THAT(After({"anwser", ""}), IsEmpty());
  EXPECT_EQ(After({}).size(), AllCommands().size() + 1);
}

TEST(Completion, KnowsTheFlagsOfEveryCommand) {
  for (const Command& command : AllCommands()) {
    EXPECT_THAT(After({std::string(command.name), "--"}), Contains("--help")) << command.name;
    if (command.name != "completion" && command.name != "predict") {
      EXPECT_GT(After({std::string(command.name), "--"}).size(), 2) << command.name;
    }
  }
  EXPECT_THAT(After({"run", "data.csv", "--un"}), ElementsAre("--units"));
}

TEST(Completion, OffersNoFlagTwice) { EXPECT_THAT(After({"run", "data.csv", "--units", "1,2", "--un"}), IsEmpty()); }

TEST(Completion, KnowsTheNamesOfEnumerators) {
  EXPECT_THAT(After({"run", "data.csv", "--search", ""}), ElementsAre("ladder", "grid", "random"));
  EXPECT_THAT(After({"run", "data.csv", "--early-stop", ""}), ElementsAre("on", "off"));
  EXPECT_THAT(After({"run", "data.csv", "--good-enough", "r"}), ElementsAre("r2", "rmse"));
  EXPECT_THAT(After({"jobs", "--state", "A"}), ElementsAre("ANSWERED"));
  EXPECT_THAT(After({"trials", "1", "--state", "PA"}), ElementsAre("PASSED"));
  EXPECT_THAT(After({"completion", ""}), ElementsAre("bash", "zsh"));
}

// Every flag whose value is one of a few names offers all that its reader accepts.
TEST(Completion, OffersWhatTheParsersAccept) {
  const std::vector<std::string> inits = After({"run", "d.csv", "--init", ""});
  EXPECT_EQ(inits.size(), 8);
  for (const std::string& name : inits) EXPECT_TRUE(ParseInitScheme(name).ok()) << name;
  const std::vector<std::string> activations = After({"run", "d.csv", "--activation", ""});
  EXPECT_EQ(activations.size(), 4);
  for (const std::string& name : activations) EXPECT_TRUE(ParseActivation(name).ok()) << name;
}

TEST(Completion, GoesOnWithAList) {
  const Completed completed = Complete({"run", "data.csv", "--init", "he,xavier,l"});
  EXPECT_THAT(ValuesOf(completed), ElementsAre("he,xavier,lecun"));
  EXPECT_TRUE(completed.goes_on);
  EXPECT_THAT(After({"run", "data.csv", "--init", "he,"}), AllOf(Contains("he,xavier"), Not(Contains("he,he"))));
}

TEST(Completion, TakesAValueBehindAnEqualsSign) {
  EXPECT_THAT(After({"run", "data.csv", "--search=g"}), ElementsAre("--search=grid"));
  EXPECT_THAT(After({"run", "data.csv", "--search", "=", "g"}), ElementsAre("grid")) << "as bash splits it";
  EXPECT_THAT(After({"run", "data.csv", "--search", "="}), ElementsAre("ladder", "grid", "random"));
}

TEST(Completion, LeavesFilesToTheShell) {
  EXPECT_TRUE(Complete({"run", ""}).files);
  EXPECT_TRUE(Complete({"answer", "1", "--db", ""}).files);
  EXPECT_TRUE(Complete({"run", "data.csv", "--spec", ""}).files);
  EXPECT_FALSE(Complete({"run", "data.csv", "--search", ""}).files);
  EXPECT_FALSE(Complete({"query", ""}).files);
}

TEST(Completion, ReadsTheColumnsOfTheTableOnTheLine) {
  const std::string file = testing::TempDir() + "/completion columns.csv";
  std::ofstream(file) << "length,body mass,species\n1,2,a\n3,4,b\n";
  EXPECT_THAT(After({"run", file, "--target", ""}), ElementsAre("length", "body mass", "species"));
  EXPECT_THAT(After({"run", "'" + file + "'", "--target", "\"bo"}), ElementsAre("body mass"))
      << "quoted, as in a shell";
  EXPECT_THAT(After({"run", "no/such.csv", "--target", ""}), IsEmpty());
  std::filesystem::remove(file);
}

TEST(Completion, StaysSilentWithoutADatabase) {
  EXPECT_THAT(After({"answer", "--db", "no/such.db", ""}), IsEmpty());
  EXPECT_THAT(After({"watch", "--server", "nowhere", ""}), IsEmpty());
}

}  // namespace
}  // namespace minnow::client
