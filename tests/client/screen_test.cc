#include "client/screen.h"

#include <gtest/gtest.h>

#include <sstream>

namespace minnow::client {
namespace {

TEST(VisibleWidth, CountsLettersAndNoColours) {
  EXPECT_EQ(VisibleWidth("plain"), 5);
  EXPECT_EQ(VisibleWidth("\033[1;32mgood\033[0m"), 4);
  EXPECT_EQ(VisibleWidth("━━·"), 3);
}

TEST(Clipped, KeepsWholeLettersAndEndsColours) {
  EXPECT_EQ(Clipped("\033[32m━━━\033[0m", 2), "\033[32m━━\033[0m");
  EXPECT_EQ(Clipped("short", 9), "short");
}

TEST(Screen, RewritesItsLinesInPlace) {
  std::ostringstream out;
  Screen screen(out);
  screen.Draw({"one", "two", "three"}, 80);
  EXPECT_EQ(out.str(), "\033[?2026h\033[?25l\r\033[Jone\033[K\r\ntwo\033[K\r\nthree\033[K\033[J\033[?2026l");
  out.str("");
  screen.Draw({"one", "two", "three"}, 80);
  EXPECT_EQ(out.str(), "") << "nothing changed";
  screen.Draw({"four"}, 80);
  EXPECT_EQ(out.str(), "\033[?2026h\033[?25l\r\033[2Afour\033[K\033[J\033[?2026l");
}

TEST(Screen, CountsTheLinesThatANarrowerTerminalWrapped) {
  std::ostringstream out;
  Screen screen(out);
  screen.Draw({std::string(50, 'x'), "y"}, 80);
  out.str("");
  screen.Draw({"z"}, 20);
  EXPECT_EQ(out.str(), "\033[?2026h\033[?25l\r\033[3A\033[Jz\033[K\033[J\033[?2026l");
}

TEST(Screen, ShowsTheCursorAgainWhateverHappens) {
  std::ostringstream out;
  {
    Screen screen(out);
    screen.Draw({"one", "two"}, 80);
    out.str("");
  }
  EXPECT_EQ(out.str(), "\r\033[1A\033[J\033[?2026l\033[?25h");
}

}  // namespace
}  // namespace minnow::client
