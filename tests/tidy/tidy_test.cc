// The mechanical rules of the tree: what may depend on what, how long things may be, which words are not used.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace minnow {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinesOfAFile = 500;
constexpr int kMostLinesOfAFunction = 70;

// Folders from the top of the house down, and what each may include of the others beside itself. `common` is
// everybody's.
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"client",
     {"common/access", "common/cli", "common/data", "common/model", "common/report", "common/rpc", "server/core",
      "server/ledger", "server/search", "server/storage", "web", "worker", "worker/nn"}},
    {"worker", {"common/access", "common/cli", "common/data", "common/files", "common/rpc", "worker/nn"}},
    {"server",
     {"common/access", "common/cli", "common/data", "common/files", "common/rpc", "server/access", "server/core",
      "server/http", "server/ledger", "server/log", "server/rpc", "server/search", "server/storage"}},
    {"health", {"common/access", "common/cli", "common/rpc"}},
    {"server/rpc",
     {"common/access", "common/data", "common/files", "common/rpc", "server/access", "server/core", "server/ledger",
      "server/search"}},
    {"server/http",
     {"common/access", "common/cli", "common/report", "server/access", "server/core", "server/ledger", "server/search",
      "web"}},
    {"server/access", {"common/access"}},
    {"web", {"common/cli", "common/report"}},
    {"server/log", {"common/data", "server/core", "server/search"}},
    {"server/ledger", {"server/core", "server/search"}},
    {"server/storage", {"common/data", "server/core", "server/search"}},
    {"server/core", {"server/search"}},
    {"server/search", {}},
    {"worker/nn", {"common/data"}},
    {"common/rpc", {"common/access", "common/data"}},
    {"common/access", {"common/cli"}},
    {"common/report", {"common/cli"}},
    {"common/cli", {}},
    {"common/model", {"common/data"}},
    {"common/data", {}},
    {"common/files", {}},
    {"common", {}}};

// Folders that are functions of their arguments: no thread, clock, file or random device.
const std::set<std::string> kPure = {"common", "server/search", "server/core", "worker/nn"};
const std::set<std::string> kImpureHeaders = {"<thread>",
                                              "<mutex>",
                                              "<condition_variable>",
                                              "<atomic>",
                                              "<future>",
                                              "<fstream>",
                                              "<filesystem>",
                                              "<chrono>",
                                              "<random>",
                                              "<unistd.h>",
                                              "<ctime>",
                                              "<sqlite3.h>",
                                              "<cstdio>",
                                              "<iostream>",
                                              "<fcntl.h>",
                                              "\"absl/time/clock.h\"",
                                              "<csignal>",
                                              "<sys/stat.h>",
                                              "<Eigen/Dense>",
                                              "<Eigen/Core>"};

struct SourceFile {
  std::string path;    // relative to the source tree
  std::string folder;  // of kMayInclude
  std::vector<std::string> lines;
};

std::vector<std::string> LinesOf(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<SourceFile> SourcesUnder(const std::vector<std::string>& folders) {
  std::vector<SourceFile> sources;
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(MINNOW_SOURCE_DIR) / folder)) {
      const std::string extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc") continue;
      const fs::path relative = fs::relative(entry.path(), MINNOW_SOURCE_DIR);
      sources.push_back({relative, relative.parent_path(), LinesOf(entry.path())});
    }
  }
  return sources;
}

std::vector<SourceFile> Product() { return SourcesUnder({"client", "common", "health", "server", "web", "worker"}); }
std::vector<SourceFile> Everything() {
  return SourcesUnder({"client", "common", "health", "server", "web", "worker", "tests"});
}

// What stands in the include lines of a file: "\"common/shape.h\"" or "<vector>".
std::vector<std::string> IncludesOf(const SourceFile& source) {
  static const std::regex kInclude(R"(^#include ([<"][^>"]+[>"]))");
  std::vector<std::string> includes;
  std::smatch match;
  for (const std::string& line : source.lines) {
    if (std::regex_search(line, match, kInclude)) includes.push_back(match[1]);
  }
  return includes;
}

TEST(Tree, EveryFolderIncludesOnlyWhatLiesBelowIt) {
  for (const SourceFile& source : Product()) {
    ASSERT_TRUE(kMayInclude.contains(source.folder)) << source.path << ": say in this test where the folder stands";
    for (const std::string& include : IncludesOf(source)) {
      if (include.front() != '"') continue;
      const std::string folder = fs::path(include.substr(1, include.size() - 2)).parent_path();
      if (!kMayInclude.contains(folder) || folder == source.folder || folder == "common") continue;
      EXPECT_TRUE(kMayInclude.at(source.folder).contains(folder)) << source.path << " includes " << include;
    }
  }
}

TEST(Tree, PureFoldersTouchNoThreadClockFileOrRandomDevice) {
  for (const SourceFile& source : Product()) {
    if (!kPure.contains(source.folder)) continue;
    for (const std::string& include : IncludesOf(source)) {
      EXPECT_FALSE(kImpureHeaders.contains(include)) << source.path << " includes " << include;
    }
  }
}

// Files that include `header`.
std::set<std::string> UsersOf(const std::string& header) {
  std::set<std::string> users;
  for (const SourceFile& source : Product()) {
    for (const std::string& include : IncludesOf(source)) {
      if (include == header) users.insert(source.path);
    }
  }
  return users;
}

TEST(Tree, OneFileSpeaksToSqliteItselfAndOneToHttplib) {
  EXPECT_EQ(UsersOf("<sqlite3.h>"), std::set<std::string>{"server/storage/sqlite_gate.cc"});
  EXPECT_EQ(UsersOf("<httplib.h>"), std::set<std::string>{"server/http/http_server.cc"});
}

// Whatever clients send, the edges that read it open no file: but the copy of the database that the server itself made
// for a backup, and what the system says of this process.
TEST(Tree, TheEdgesOfTheServerOpenNoFileOfAClient) {
  static const std::set<std::string> kOwnFiles = {"server/rpc/downloads.cc", "server/http/process.cc"};
  static const std::regex kOpens(R"(<fstream>|<filesystem>|<fcntl\.h>|<cstdio>|\bf?open(at)?\()");
  for (const SourceFile& source : Product()) {
    const bool edge = source.folder == "server/rpc" || source.folder == "server/http" ||
                      source.folder == "server/core" || source.folder == "server/ledger";
    if (!edge || kOwnFiles.contains(source.path)) continue;
    for (const std::string& line : source.lines) EXPECT_FALSE(std::regex_search(line, kOpens)) << source.path << line;
  }
}

// `data_file` is what a person called their table; it is stored and shown.
TEST(Tree, NoMessageNamesAFile) {
  static const std::regex kField(R"(^\s+(?:repeated |optional )?string (\w*(?:file|path|folder|directory)\w*) = )");
  for (const std::string file : {"job.proto", "service.proto"}) {
    int fields = 0;
    for (const std::string& line : LinesOf(fs::path(MINNOW_SOURCE_DIR) / "proto/minnow/v1" / file)) {
      std::smatch match;
      fields += line.find(" = ") != std::string::npos ? 1 : 0;
      if (!std::regex_search(line, match, kField)) continue;
      EXPECT_EQ(match[1], "data_file") << file << ": " << line;
    }
    EXPECT_GT(fields, 50) << file;
  }
}

TEST(Tree, FilesAreShort) {
  for (const SourceFile& source : Everything()) {
    EXPECT_LE(source.lines.size(), static_cast<size_t>(kMostLinesOfAFile)) << source.path;
  }
}

// True when the statement that `line` belongs to began on an earlier line.
bool ContinuesInto(const std::string& line) {
  static const std::regex kEnds(
      R"(^\s*$|[;{}]$|^\s*(public|private|protected|default|case .*):$|^\s*(//|#)|^\s*template)");
  return !std::regex_search(line, kEnds);
}

// A function begins with a statement that ends in ") {" or the like, and ends at the next "}" as far in as its first
// line; clang-format makes that exact.
TEST(Tree, FunctionsFitOnAScreen) {
  static const std::regex kBody(R"(\)[^={]*\{$)");  // not a table: those begin with "= {"
  for (const SourceFile& source : Everything()) {
    const std::vector<std::string>& lines = source.lines;
    for (size_t body = 0; body < lines.size(); ++body) {
      if (!std::regex_search(lines[body], kBody)) continue;
      size_t first = body;
      while (first > 0 && ContinuesInto(lines[first - 1])) --first;
      const std::string end = std::string(lines[first].find_first_not_of(' '), ' ') + "}";
      size_t last = body + 1;
      while (last < lines.size() && !lines[last].starts_with(end)) ++last;
      EXPECT_LE(last - first + 1, static_cast<size_t>(kMostLinesOfAFunction)) << source.path << ":" << first + 1;
    }
  }
}

TEST(Tree, WordsAreChosen) {
  static const std::regex kUnfinished(R"(\b(TODO|FIXME|XXX|HACK)\b)");
  static const std::regex kVague(R"(\b(class|struct) \w*(Manager|Helper|Util|Utils|Base|Impl)\b)");
  for (const SourceFile& source : Everything()) {
    if (source.path == "tests/tidy/tidy_test.cc") continue;
    for (size_t i = 0; i < source.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(source.lines[i], kUnfinished)) << source.path << ":" << i + 1;
      EXPECT_FALSE(std::regex_search(source.lines[i], kVague)) << source.path << ":" << i + 1;
    }
  }
}

TEST(Tree, HeadersHaveTheGuardOfTheirPath) {
  for (const SourceFile& source : Product()) {
    if (!source.path.ends_with(".h")) continue;
    std::string guard = "MINNOW_" + source.path;
    std::transform(guard.begin(), guard.end(), guard.begin(),
                   [](unsigned char c) { return std::isalnum(c) ? std::toupper(c) : '_'; });
    const std::string wanted = "#ifndef " + guard + "_";
    EXPECT_NE(std::find(source.lines.begin(), source.lines.end(), wanted), source.lines.end()) << source.path;
  }
}

}  // namespace
}  // namespace minnow
