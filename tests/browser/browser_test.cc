// The pages in a browser: headless Chromium, driven by playwright-core.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/integration/service.h"

namespace minnow {
namespace {

// From the Debian packages of the same names.
#define MINNOW_CHROMIUM "/usr/bin/chromium"
#define MINNOW_NODE "/usr/bin/node"

constexpr char kTokens[] = "wall read wall-wall-wall-wall\nfarm work farm-farm-farm-farm\n";

class BrowserTest : public ServiceTest {
 protected:
  void SetUp() override {
    ServiceTest::SetUp();
    for (const char* needed : {MINNOW_CHROMIUM, MINNOW_NODE, MINNOW_MODULES "/playwright-core"}) {
      if (!std::filesystem::exists(needed)) GTEST_SKIP() << needed << " is not there: `./dev test` installs it";
    }
  }

  static std::string Script(const std::string& scenario) {
    return "env MINNOW_MODULES=" MINNOW_MODULES " MINNOW_CHROMIUM=" MINNOW_CHROMIUM " " MINNOW_NODE
           " " MINNOW_SOURCE_DIR "/tests/browser/scenarios.mjs " +
           scenario;
  }

  // Plays a scenario to its end; `variables` are what it needs, as "NAME='value' ...".
  void Play(const std::string& scenario, const std::string& variables) const {
    const Finished played = Run("env " + variables + " " + Script(scenario));
    EXPECT_EQ(played.code, 0) << played.out << played.err;
  }

  // What the database and the command say of job 1, for the scenarios that compare.
  std::string Facts(const std::string& place) const {
    const auto rows = [&](const std::string& sql) { return Run("minnow query \"" + sql + "\" --json" + place).out; };
    Write("facts.json",
          "{\"shapes\":" + rows("SELECT hidden, parameters, verdict, tries, passes, best_score FROM size_ladder") +
              ",\"trials\":" + rows("SELECT init, state, best_score FROM trials WHERE job = 1 AND evidence = 1") +
              ",\"answers\":" + rows("SELECT hidden, validation_score, test_score FROM answers") + "}");
    Write("answer.txt", Run("minnow answer 1 --full" + place).out);
    return "FACTS='" + Path("facts.json") + "' ANSWER='" + Path("answer.txt") + "' ";
  }
};

TEST_F(BrowserTest, ASavedReportShowsWhatTheDatabaseHolds) {
  ASSERT_THAT(Run("minnow run " + std::string(kQuestion) + " --db minnow.db").code, 0);
  const Finished saved = Run("minnow report jobs/1 --db minnow.db -o report.html");
  ASSERT_EQ(saved.code, 0) << saved.err;
  Play("saved", Facts(" --db minnow.db") + "ADDRESS='file://" + Path("report.html") + "'");
}

TEST_F(BrowserTest, TheServerShowsWhatItsDatabaseHolds) {
  StartServer();
  StartWorker("w1");
  ASSERT_EQ(Minnow("submit " + std::string(kQuestion) + " --name digits --follow").code, 0);
  const std::string facts = Facts(" --server " + address());
  Play("served", facts + "NAME=digits ADDRESS=" + http());
}

TEST_F(BrowserTest, ThePageOfARunningJobReachesItsEndByItself) {
  StartServer();
  ASSERT_EQ(Minnow("submit " + std::string(kQuestion)).code, 0);
  Background browser(Path(""), "env ADDRESS=" + http() + " " + Script("live") + " >&2");
  browser.WaitFor("(watching)");
  StartWorker("w1");
  EXPECT_EQ(browser.Wait(), 0) << browser.err();
}

TEST_F(BrowserTest, AsksForATokenWhereThereAreSome) {
  Write("tokens", kTokens);
  Run("chmod 600 tokens");
  StartServer("--token-file tokens");
  Play("login", "TOKEN=wall-wall-wall-wall ADDRESS=" + http());
}

TEST_F(BrowserTest, SaysThatTheServerIsAwayAndNoticesItsReturn) {
  StartServer();
  Background browser(Path(""), "env ADDRESS=" + http() + " " + Script("offline") + " >&2");
  browser.WaitFor("(kill it)");
  server_->Signal(SIGKILL);
  server_->Wait();
  browser.WaitFor("(start it)");
  StartServer();
  EXPECT_EQ(browser.Wait(), 0) << browser.err();
}

TEST_F(BrowserTest, NamesAreNothingButNames) {
  const std::string name = "<img src=x onerror=hostile=1><script>alert(1)</script>\"'";
  Write("name.sh", "name=$(cat <<'END'\n" + name + "\nEND\n)\nexport NAME=$name\n");
  StartServer();
  StartWorker("w1");
  const std::string submit =
      "submit data/iris.csv --target species --good-enough 'accuracy >= 0.9' --units 1,2 --layers 0..1"
      " --splits 1 --label \"$NAME\" --name \"$NAME\" --follow";
  Write("submit.sh", ". ./name.sh\nminnow " + submit + " --server " + address() + "\n");
  ASSERT_THAT(Run("bash submit.sh").code, testing::AnyOf(0, 3));
  ASSERT_EQ(Minnow("report 1 -o report.html").code, 0);
  Write("play.sh",
        ". ./name.sh\nexec env ADDRESS=" + http() + " SAVED=file://" + Path("report.html") + " " + Script("hostile"));
  const Finished played = Run("bash play.sh");
  EXPECT_EQ(played.code, 0) << played.out << played.err;
}

}  // namespace
}  // namespace minnow
