#include "client/console.h"

namespace minnow::client {

std::string Bold(const Console& console, std::string_view text) {
  if (!console.color) return std::string(text);
  return "\033[1m" + std::string(text) + "\033[0m";
}

ExitCode ExitCodeOf(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kOutOfRange:
      return ExitCode::kBadInput;
    default:
      return ExitCode::kFailed;
  }
}

absl::Status AsBadInput(const absl::Status& error) {
  if (error.ok() || ExitCodeOf(error) == ExitCode::kBadInput) return error;
  return absl::FailedPreconditionError(error.message());
}

}  // namespace minnow::client
