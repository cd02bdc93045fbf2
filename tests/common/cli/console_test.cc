#include "common/cli/console.h"

#include <gtest/gtest.h>

#include <map>

namespace minnow {
namespace {

bool Wants(bool is_terminal, const std::map<std::string, const char*>& variables) {
  return WantsColor(is_terminal, [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second;
  });
}

TEST(WantsColor, OnATerminalThatCan) {
  EXPECT_TRUE(Wants(true, {{"TERM", "xterm"}}));
  EXPECT_FALSE(Wants(false, {{"TERM", "xterm"}}));
  EXPECT_FALSE(Wants(true, {{"TERM", "dumb"}}));
  EXPECT_FALSE(Wants(true, {}));
}

TEST(WantsColor, NoColorWinsOverEverything) {
  EXPECT_FALSE(Wants(true, {{"TERM", "xterm"}, {"NO_COLOR", "1"}, {"CLICOLOR_FORCE", "1"}}));
  EXPECT_TRUE(Wants(true, {{"TERM", "xterm"}, {"NO_COLOR", ""}})) << "an empty one is none";
}

TEST(WantsColor, CanBeSwitchedOffAndForced) {
  EXPECT_FALSE(Wants(true, {{"TERM", "xterm"}, {"CLICOLOR", "0"}}));
  EXPECT_TRUE(Wants(true, {{"TERM", "xterm"}, {"CLICOLOR", "1"}}));
  EXPECT_TRUE(Wants(false, {{"CLICOLOR_FORCE", "1"}, {"CLICOLOR", "0"}}));
  EXPECT_FALSE(Wants(false, {{"CLICOLOR_FORCE", "0"}}));
}

}  // namespace
}  // namespace minnow
