// The pages of jobs: saved by `minnow report`, and served while jobs run.
#include <gmock/gmock.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/integration/service.h"

namespace minnow {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// What a saved page holds.
nlohmann::json DocumentOf(const std::string& page) {
  constexpr std::string_view kBegin = "id=\"document\">";
  const size_t begin = page.find(kBegin) + kBegin.size();
  return nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

class PagesTest : public ServiceTest {};

TEST_F(PagesTest, AReportIsTheSameFromAFileAndFromAServer) {
  StartServer();
  StartWorker("w1");
  ASSERT_EQ(Minnow("submit " + std::string(kQuestion) + " --follow").code, 0);
  const Finished asked = Minnow("report jobs/1");
  EXPECT_EQ(asked.code, 0) << asked.err;
  EXPECT_THAT(asked.out, StartsWith("report-1.html: "));
  const Finished read = Run("minnow report 1 --db minnow.db -o -");
  EXPECT_EQ(read.code, 0) << read.err;
  const nlohmann::json document = DocumentOf(read.out);
  EXPECT_EQ(document, DocumentOf(Read("report-1.html")));
  EXPECT_EQ(document["job"]["state"], "ANSWERED");
  EXPECT_EQ(document, nlohmann::json::parse(Run("curl -s " + http() + "/api/jobs/1").out));
}

TEST_F(PagesTest, AReportReplacesTheOneBefore) {
  ASSERT_EQ(Run("minnow run " + std::string(kQuestion) + " --db minnow.db").code, 0);
  Write("page.html", "old");
  const Finished saved = Run("minnow report 1 --db minnow.db -o page.html --json");
  EXPECT_EQ(saved.code, 0) << saved.err;
  EXPECT_EQ(nlohmann::json::parse(saved.out)["bytes"], Read("page.html").size());
  EXPECT_THAT(Read("page.html"), StartsWith("<!doctype html>"));
}

TEST_F(PagesTest, AReportSaysWhatIsWrong) {
  ASSERT_EQ(Run("minnow run " + std::string(kQuestion) + " --db minnow.db").code, 0);
  const Finished missing = Run("minnow report 7 --db minnow.db -o page.html");
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("no job 7"));
  EXPECT_FALSE(Exists("page.html"));
  EXPECT_THAT(Run("minnow report --db minnow.db").err, HasSubstr("the job is missing"));
  EXPECT_THAT(Run("minnow report 1 --db minnow.db -o - --json").err, HasSubstr("name one with -o"));
  EXPECT_THAT(Run("minnow report 1 --db minnow.db -o no/such/folder.html").err, HasSubstr("cannot be written"));
}

// Eight who ask without a pause change nothing of what the job finds, and fail nothing.
TEST_F(PagesTest, WhoeverLooksDisturbsNoJob) {
  const Truth truth = RunAlone(kQuestion);
  StartServer();
  Write("look.sh", "while true; do curl -s " + http() + "/api/jobs/1 " + http() + "/api/jobs " + http() +
                       "/api/workers " + http() + "/ >/dev/null; done\n");
  std::vector<std::unique_ptr<Background>> lookers;
  for (int looker = 0; looker < 8; ++looker) {
    lookers.push_back(std::make_unique<Background>(Path(""), "bash look.sh"));
  }
  StartWorker("w1");
  ExpectTheSame(truth, Minnow("submit " + std::string(kQuestion) + " --follow --json"));
  EXPECT_EQ(Metric("minnow_store_healthy"), 1);
  EXPECT_EQ(Metric("minnow_leases_expired_total"), 0);
  EXPECT_EQ(Run("curl -s " + http() + "/healthz").out, "ok\n");
  lookers.clear();
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->Wait(), 0) << server_->err();
}

}  // namespace
}  // namespace minnow
