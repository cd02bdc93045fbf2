#include "client/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace minnow::client {
namespace {

using ::testing::StartsWith;

const Surroundings kNothing = {};
const Surroundings kFileHere = {.has_database = true};
const Surroundings kVariable = {.server = "farm:7077"};
const Surroundings kBoth = {.server = "farm:7077", .has_database = true};

const Place kFile = {.database = "minnow.db"};
const Place kHere = {.server = "127.0.0.1:7077"};
const Place kFarm = {.server = "farm:7077"};

TEST(ChoosePlace, AFlagDecides) {
  for (const Surroundings& surroundings : {kNothing, kFileHere, kVariable, kBoth}) {
    EXPECT_EQ(ChoosePlace({.database = "other.db"}, surroundings).value(), Place{.database = "other.db"});
    EXPECT_EQ(ChoosePlace({.server = "[::1]:9"}, surroundings).value(), Place{.server = "[::1]:9"});
  }
}

TEST(ChoosePlace, WithoutAFlagTheVariableThenTheFileThenThisMachine) {
  EXPECT_EQ(ChoosePlace({}, kBoth).value(), kFarm);
  EXPECT_EQ(ChoosePlace({}, kVariable).value(), kFarm);
  EXPECT_EQ(ChoosePlace({}, kFileHere).value(), kFile);
  EXPECT_EQ(ChoosePlace({}, kNothing).value(), kHere);
}

TEST(ChoosePlace, TwoFlagsExcludeEachOther) {
  const absl::Status status = ChoosePlace({.database = "minnow.db", .server = "farm:7077"}, kNothing).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), StartsWith("--db and --server exclude each other"));
}

TEST(ChoosePlace, AWrongAddressNamesWhereItWasWritten) {
  EXPECT_THAT(std::string(ChoosePlace({.server = "farm"}, kNothing).status().message()),
              StartsWith("--server: \"farm\" has no port"));
  EXPECT_THAT(std::string(ChoosePlace({}, {.server = "farm"}).status().message()),
              StartsWith("MINNOW_SERVER: \"farm\" has no port"));
  EXPECT_EQ(ChoosePlace({.server = ""}, kNothing).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ChooseServer, LooksAtNoFile) {
  EXPECT_EQ(ChooseServer({}, kFileHere).value(), kHere);
  EXPECT_EQ(ChooseServer({}, kBoth).value(), kFarm);
  EXPECT_EQ(ChooseServer({.server = "other:1"}, kBoth).value(), Place{.server = "other:1"});
}

TEST(ChooseServer, AFileIsNoServer) {
  const absl::Status status = ChooseServer({.server = MINNOW_SOURCE_DIR "/README.md"}, kNothing).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("is a file; write --db "));
}

TEST(FlagFor, IsEmptyWhenTheNextCommandFindsThePlaceByItself) {
  EXPECT_EQ(FlagFor(kFile, kFileHere), "");
  EXPECT_EQ(FlagFor(kHere, kNothing), "");
  EXPECT_EQ(FlagFor(kFarm, kBoth), "");
  EXPECT_EQ(FlagFor(kHere, kFileHere, /*needs_server=*/true), "");
}

TEST(FlagFor, NamesAPlaceThatOthersWouldHide) {
  EXPECT_EQ(FlagFor(kHere, kFileHere), " --server 127.0.0.1:7077");
  EXPECT_EQ(FlagFor(kFile, kBoth), " --db minnow.db");
  EXPECT_EQ(FlagFor(kHere, kVariable, /*needs_server=*/true), " --server 127.0.0.1:7077");
  EXPECT_EQ(FlagFor({.database = "my runs.db"}, kFileHere), " --db 'my runs.db'");
}

}  // namespace
}  // namespace minnow::client
