// Programs of other people that judge what was written: compilers, ONNX Runtime, ONNX's own checker.
#ifndef MINNOW_TESTS_COMMON_MODEL_COMMANDS_H_
#define MINNOW_TESTS_COMMON_MODEL_COMMANDS_H_

#include <string>
#include <vector>

#include "tests/server/storage/temporary_folder.h"

namespace minnow::model {

struct Ended {
  int code = 0;
  std::string output;  // stdout and stderr
};

// Runs a shell command in the folder.
Ended RunIn(const storage::TemporaryFolder& folder, const std::string& command);

// True when the shell command ends with 0.
bool Succeeds(const std::string& command);

// The predictions of ONNX Runtime for the rows of a CSV text, as CSV; or why there are none.
Ended OnnxRuntime(const std::string& onnx, const std::string& csv);
// Empty, or why ONNX Runtime cannot be asked here.
std::string WhyNoOnnxRuntime();

// The lines of CSV as numbers, without the header; what is no number is NaN.
std::vector<std::vector<double>> Numbers(const std::string& csv);

}  // namespace minnow::model

#endif  // MINNOW_TESTS_COMMON_MODEL_COMMANDS_H_
