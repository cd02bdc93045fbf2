// What the commands that read results have in common: a database file or a server, and how results are printed.
#ifndef MINNOW_CLIENT_RESULT_FLAGS_H_
#define MINNOW_CLIENT_RESULT_FLAGS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/place.h"
#include "client/remote.h"
#include "client/row_writer.h"
#include "common/access/credentials.h"
#include "common/cli/command_line.h"
#include "common/results.h"

namespace minnow::client {

class ResultFlags {
 public:
  // Declares --json, --db, --server and what proves who calls, and --csv where `csv`; `line` must be parsed before the
  // rest is called.
  explicit ResultFlags(CommandLine& line, bool csv = false);
  ResultFlags(const ResultFlags&) = delete;
  ResultFlags& operator=(const ResultFlags&) = delete;

  bool json() const { return json_; }
  // InvalidArgument when two were asked for.
  absl::StatusOr<Format> format() const;
  absl::StatusOr<std::unique_ptr<Results>> OpenReader(const RemoteLimits& limits = {}) const;
  // The flags with which the next command reads from the same place, or nothing; to be called after OpenReader.
  std::string NextFlag() const;

 private:
  const Surroundings surroundings_;
  PlaceFlags flags_;
  access::CredentialFlags credentials_;
  bool json_ = false;
  bool csv_ = false;
};

// The value of an argument that must be there, "JOB" for example. InvalidArgument says what is missing.
absl::StatusOr<std::string> Required(const std::optional<std::string>& value, const std::string& what,
                                     const std::string& example);
// The same for the name of a job.
absl::StatusOr<int64_t> RequiredJob(const std::optional<std::string>& value, const std::string& example);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_RESULT_FLAGS_H_
