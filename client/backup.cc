// `minnow backup`.
#include "client/backup.h"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "client/commands.h"
#include "client/result_flags.h"
#include "client/server_flags.h"
#include "common/cli/command_line.h"
#include "common/cli/interrupt.h"
#include "common/report/output.h"

namespace minnow::client {
namespace {

absl::Status CheckFree(const std::string& path) {
  std::error_code unknown;
  if (!std::filesystem::exists(std::filesystem::symlink_status(path, unknown))) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("\"{}\" exists already, and a backup overwrites nothing; name a new file", path));
}

absl::Status CheckPlace(const std::string& path, Existing existing) {
  std::error_code unknown;
  if (existing == Existing::kKept) return CheckFree(path);
  if (!std::filesystem::is_directory(path, unknown)) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("\"{}\" is a folder; name a file", path));
}

absl::Status WriteError(const std::string& path) {
  return absl::ResourceExhaustedError(fmt::format("\"{}\" cannot be written: {}", path, std::strerror(errno)));
}

// A name is durable when its folder is.
void SyncFolder(const std::filesystem::path& path) {
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // of folders that may be written and not read
  fsync(descriptor);
  close(descriptor);
}

absl::StatusOr<ExitCode> BackUpTo(WholeFile& file, Remote& remote) {
  const InterruptGuard guard;
  absl::Status status = remote.Backup([&](std::string_view bytes) -> absl::Status {
    if (guard.interrupted()) return absl::CancelledError("");
    return file.Write(bytes);
  });
  if (guard.interrupted()) return ExitCode::kInterrupted;
  if (status.ok()) status = file.Finish();
  if (!status.ok()) return status;
  return ExitCode::kDone;
}

}  // namespace

absl::StatusOr<ExitCode> Backup(const Arguments& arguments, Console& console) {
  CommandLine line("backup", "FILE [flags]",
                   "Copies the database of a server to a file, while the server works. The copy is complete and "
                   "consistent as of one moment; every command that takes --db can read it.",
                   {"minnow backup minnow-2024-05-31.db", "minnow backup /backups/farm.db --server farm:7077"});
  std::optional<std::string> name;
  bool json = false;
  line.Argument("FILE", "the copy; it must not exist yet", &name);
  line.Switch("json", "print JSON", &json);
  const ServerFlags flags(line);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  const absl::StatusOr<std::string> path = Required(name, "the file", "minnow backup copy.db");
  if (!path.ok()) return path.status();
  if (absl::Status status = CheckFree(*path); !status.ok()) return status;
  const absl::StatusOr<std::unique_ptr<Remote>> remote = flags.Connect();
  if (!remote.ok()) return remote.status();
  const absl::StatusOr<std::unique_ptr<WholeFile>> file = WholeFile::Create(*path);
  if (!file.ok()) return file.status();
  const absl::StatusOr<ExitCode> code = BackUpTo(**file, **remote);
  if (!code.ok() || *code != ExitCode::kDone) return code;
  console.out << (json ? JsonText({{"file", *path}, {"bytes", (*file)->size()}})
                       : fmt::format("{}: {}", *path, Counted((*file)->size(), "byte")))
              << "\n";
  return ExitCode::kDone;
}

absl::StatusOr<std::unique_ptr<WholeFile>> WholeFile::Create(const std::string& path, Existing existing) {
  if (absl::Status status = CheckPlace(path, existing); !status.ok()) return status;
  const std::string partial = path + ".partial";
  const int descriptor = open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) {
    return absl::InvalidArgumentError(fmt::format("\"{}\" cannot be written: {}", partial, std::strerror(errno)));
  }
  return std::unique_ptr<WholeFile>(new WholeFile(path, existing, descriptor));
}

WholeFile::~WholeFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!finished_) unlink(partial().c_str());
}

absl::Status WholeFile::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return WriteError(partial());
    bytes.remove_prefix(static_cast<size_t>(written));
    size_ += written;
  }
  return absl::OkStatus();
}

absl::Status WholeFile::Finish() {
  const bool synced = fsync(descriptor_) == 0;
  if (!synced || close(std::exchange(descriptor_, -1)) != 0) return WriteError(partial());
  if (absl::Status status = CheckPlace(path_, existing_); !status.ok()) return status;
  if (rename(partial().c_str(), path_.c_str()) != 0) return WriteError(path_);
  SyncFolder(path_);
  finished_ = true;
  return absl::OkStatus();
}

}  // namespace minnow::client
