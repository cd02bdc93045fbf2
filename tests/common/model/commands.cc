#include "tests/common/model/commands.h"

#include <sys/wait.h>

#include <cmath>
#include <cstdlib>
#include <sstream>

#include "common/text.h"

namespace minnow::model {

Ended RunIn(const storage::TemporaryFolder& folder, const std::string& command) {
  const std::string output = folder.File("output.txt");
  const int status =
      std::system(("cd " + folder.path().string() + " && (" + command + ") >" + output + " 2>&1").c_str());
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .output = storage::ReadBytes(output)};
}

bool Succeeds(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

Ended OnnxRuntime(const std::string& onnx, const std::string& csv) {
  const storage::TemporaryFolder folder;
  storage::WriteBytes(folder.File("model.onnx"), onnx);
  storage::WriteBytes(folder.File("rows.csv"), csv);
  return RunIn(folder,
               "node " MINNOW_SOURCE_DIR "/tests/common/model/onnx_predict.js " MINNOW_NPM " model.onnx rows.csv");
}

std::string WhyNoOnnxRuntime() {
  if (!Succeeds("node --version")) return "node is not installed";
  if (!std::filesystem::exists(MINNOW_NPM "/node_modules/onnxruntime-node")) {
    return "onnxruntime-node is not in " MINNOW_NPM "; \"./dev test\" installs it";
  }
  return "";
}

std::vector<std::vector<double>> Numbers(const std::string& csv) {
  std::vector<std::vector<double>> rows;
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<double>& row = rows.emplace_back();
    for (const std::string_view field : Split(line, ',')) row.push_back(ParseNumber(field).value_or(std::nan("")));
  }
  return rows;
}

}  // namespace minnow::model
