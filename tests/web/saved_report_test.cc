#include "web/saved_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <regex>
#include <vector>

#include "common/sha256.h"
#include "web/assets.h"

namespace minnow::web {
namespace {

using testing::HasSubstr;
using testing::Not;

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(SavedReport, HoldsItsDocument) {
  const std::string page = SavedReport({{"job", {{"name", "größe"}}}}, "Saved today.");
  EXPECT_THAT(page, HasSubstr(R"(id="document">{"job":{"name":"größe"}}</script>)"));
  EXPECT_THAT(page, HasSubstr("Saved today."));
}

TEST(SavedReport, ANameEndsNoElement) {
  const std::string hostile = "</script><script>alert(1)</script><!--";
  const std::string page = SavedReport({{"name", hostile}}, "<b>&");
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("<!--")));
  EXPECT_THAT(page, HasSubstr("&lt;b>&amp;"));
  EXPECT_EQ(Count(page, "</script>"), 3);
  // The page reads back what it was.
  const size_t begin = page.find("id=\"document\">") + 14;
  EXPECT_EQ(Json::parse(page.substr(begin, page.find("</script>", begin) - begin))["name"], hostile);
}

std::string Base64Sha256(const std::string& text) {
  const std::array<uint8_t, 32> hash = Sha256(text);
  std::string base64(44, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), hash.data(), 32);
  return base64;
}

// A script without its hash in the policy does not run.
TEST(SavedReport, ItsPolicyNamesItsScriptsAndNothingElse) {
  const std::string page = SavedReport({}, "");
  static const std::regex kPolicy(R"(Content-Security-Policy" content="([^"]*)\")");
  std::smatch policy;
  ASSERT_TRUE(std::regex_search(page, policy, kPolicy));
  EXPECT_THAT(policy[1], testing::StartsWith("default-src 'none'; script-src 'sha256-"));
  EXPECT_THAT(policy[1], Not(HasSubstr("unsafe")));
  for (size_t at = page.find("<script>"); at != std::string::npos; at = page.find("<script>", at + 1)) {
    const std::string script = page.substr(at + 8, page.find("</script>", at) - at - 8);
    EXPECT_THAT(policy[1], HasSubstr("'sha256-" + Base64Sha256(script) + "'"));
  }
}

TEST(Assets, DoNotEndTheElementsTheyStandIn) {
  for (const std::string_view script : {kD3, kScript}) {
    EXPECT_EQ(script.find("</script"), std::string_view::npos);
    EXPECT_EQ(script.find("<!--"), std::string_view::npos);
  }
  EXPECT_EQ(kStyle.find("</style"), std::string_view::npos);
}

TEST(Assets, FetchNothingFromElsewhere) {
  static const std::regex kAddress(R"((src|href)="?(https?:)?//|@import|url\()");
  for (const std::string_view text : {kPage, kStyle, kScript}) {
    EXPECT_FALSE(std::regex_search(std::string(text), kAddress));
  }
}

}  // namespace
}  // namespace minnow::web
