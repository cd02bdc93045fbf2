#include "tests/integration/process.h"

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

namespace minnow {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The fields of one line; those with commas are quoted, and none holds a newline.
std::vector<std::string> Fields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

bool MayDiffer(const std::string& column) {
  return column.ends_with("_time") || column.ends_with("_seconds") || column == "worker" || column == "attempt";
}

}  // namespace

void ProcessTest::SetUp() {
  std::string pattern = (fs::temp_directory_path() / "minnow_test_XXXXXX").string();
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  folder_ = pattern;
  fs::create_symlink(fs::path(MINNOW_SOURCE_DIR) / "data", fs::path(folder_) / "data");
}

void ProcessTest::TearDown() { fs::remove_all(folder_); }

Finished ProcessTest::Run(const std::string& command) const { return RunWithFault("", command); }

Finished ProcessTest::RunWithFault(const std::string& fault, const std::string& command) const {
  const std::string preload = fault.empty() ? "" : "export LD_PRELOAD=" MINNOW_FAULTS " " + fault + "; ";
  Write("command.sh", "cd '" + folder_ + "'; export PATH=" MINNOW_BIN ":$PATH; " + preload + "exec " + command + "\n");
  const int status =
      std::system(("bash " + Path("command.sh") + " >" + Path("out.txt") + " 2>" + Path("err.txt")).c_str());
  Finished finished{.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)};
  finished.out = Read("out.txt");
  finished.err = Read("err.txt");
  return finished;
}

void ProcessTest::Write(const std::string& file, const std::string& text) const {
  std::ofstream(Path(file), std::ios::binary) << text;
}

std::string ProcessTest::Read(const std::string& file) const { return ReadFile(Path(file)); }

bool ProcessTest::Exists(const std::string& file) const { return fs::exists(Path(file)); }

std::vector<std::map<std::string, std::string>> CsvRows(const std::string& csv) {
  std::istringstream lines(csv);
  std::vector<std::map<std::string, std::string>> rows;
  std::vector<std::string> header;
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> fields = Fields(line);
    if (header.empty()) {
      header = fields;
      continue;
    }
    auto& row = rows.emplace_back();
    for (size_t i = 0; i < fields.size() && i < header.size(); ++i) row[header[i]] = fields[i];
  }
  return rows;
}

std::string WithoutTimes(const std::string& csv) {
  std::istringstream lines(csv);
  std::ostringstream kept;
  std::vector<std::string> header;
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> fields = Fields(line);
    if (header.empty()) header = fields;
    for (size_t i = 0; i < fields.size() && i < header.size(); ++i) {
      if (!MayDiffer(header[i])) kept << fields[i] << ';';
    }
    kept << '\n';
  }
  return kept.str();
}

std::string WithoutSeconds(const std::string& text) {
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(text);
  json.erase("seconds");
  return json.dump(2);
}

}  // namespace minnow
