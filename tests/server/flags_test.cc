#include "server/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace minnow::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

absl::StatusOr<std::optional<Flags>> Read(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  return ReadFlags(arguments, "1.2.3", out);
}

std::string ErrorOf(const std::vector<std::string>& arguments) {
  const absl::Status status = Read(arguments).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(Flags, NeedOnlyADatabase) {
  const Flags flags = Read({"--db", "x.db"}).value().value();
  EXPECT_EQ(flags.database, "x.db");
  EXPECT_EQ(flags.listen.text(), "127.0.0.1:7077");
  EXPECT_EQ(flags.http.text(), "127.0.0.1:7078");
  EXPECT_FALSE(flags.insecure);
  EXPECT_EQ(flags.lease, absl::Seconds(10));
  EXPECT_EQ(flags.log_level, log::Level::kInfo);
}

TEST(Flags, SayWhatTheyMean) {
  const Flags flags = Read({"--db=x.db", "--listen", "0.0.0.0:80", "--http", "[::]:0", "--insecure", "--lease-seconds",
                            "3", "--log-level", "debug"})
                          .value()
                          .value();
  EXPECT_EQ(flags.listen.text(), "0.0.0.0:80");
  EXPECT_EQ(flags.http.text(), "[::]:0");
  EXPECT_TRUE(flags.insecure);
  EXPECT_EQ(flags.lease, absl::Seconds(3));
  EXPECT_EQ(flags.log_level, log::Level::kDebug);
}

TEST(Flags, ThatAreWrongAreNamedWithValueAndFix) {
  EXPECT_EQ(ErrorOf({}), "--db: it is missing; name the database file, for example --db minnow.db");
  EXPECT_THAT(ErrorOf({"--db", ""}), StartsWith("--db: "));
  EXPECT_THAT(ErrorOf({"--db", "x", "--listen", "7077"}), StartsWith("--listen: \"7077\" has no port; write it as"));
  EXPECT_THAT(ErrorOf({"--db", "x", "--http", "a:b"}), StartsWith("--http: \"a:b\" has a port that is not a number"));
  EXPECT_THAT(ErrorOf({"--db", "x", "--listen", "10.0.0.1:1"}), HasSubstr("add --insecure"));
  EXPECT_THAT(ErrorOf({"--db", "x", "--http", "10.0.0.1:1"}), HasSubstr("add --insecure"));
  EXPECT_THAT(ErrorOf({"--db", "x", "--lease-seconds", "0"}), StartsWith("--lease-seconds: "));
  EXPECT_EQ(ErrorOf({"--db", "x", "--log-level", "loud"}), "--log-level: \"loud\" is not a level; write info or debug");
  EXPECT_THAT(ErrorOf({"--database", "x"}), AllOf(HasSubstr("unknown flag"), HasSubstr("\"minnow-server --help\"")));
  EXPECT_THAT(ErrorOf({"x.db"}), HasSubstr("one argument too many for \"minnow-server --db FILE [flags]\""));
}

TEST(Flags, ShowExamplesFirst) {
  std::ostringstream out;
  EXPECT_EQ(ReadFlags({"--help"}, "1.2.3", out).value(), std::nullopt);
  EXPECT_THAT(out.str(), HasSubstr("Usage: minnow-server --db FILE [flags]"));
  EXPECT_LT(out.str().find("Examples:"), out.str().find("Usage:"));
  std::ostringstream version;
  EXPECT_EQ(ReadFlags({"--version"}, "1.2.3", version).value(), std::nullopt);
  EXPECT_EQ(version.str(), "minnow-server 1.2.3 (numerics version 2)\n");
}

TEST(Flags, TakeCertificatesAndTokens) {
  const Flags flags = Read({"--db", "x", "--listen", "10.0.0.1:1", "--tls-cert", "c", "--tls-key", "k",
                            "--tls-client-ca", "a", "--token-file", "t"})
                          .value()
                          .value();
  EXPECT_EQ(flags.tls, (access::TlsFiles{.ca = "a", .cert = "c", .key = "k"}));
  EXPECT_EQ(flags.token_file, "t");
  EXPECT_FALSE(flags.insecure);
}

TEST(Flags, NeedBothPartsOfACertificate) {
  EXPECT_THAT(ErrorOf({"--db", "x", "--tls-cert", "c"}), HasSubstr("--tls-key: it is missing"));
  EXPECT_THAT(ErrorOf({"--db", "x", "--tls-key", "k"}), HasSubstr("--tls-cert: it is missing"));
  EXPECT_THAT(ErrorOf({"--db", "x", "--tls-client-ca", "a"}), HasSubstr("--tls-client-ca: it asks callers"));
  EXPECT_THAT(ErrorOf({"--db", "x", "--token-file", ""}), HasSubstr("--token-file: it names no file"));
}

}  // namespace
}  // namespace minnow::server
