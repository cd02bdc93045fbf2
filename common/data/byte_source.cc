#include "common/data/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/status/status.h"

namespace minnow::data {
namespace {

constexpr int64_t kMostSpooledBytes = int64_t{8} << 30;
constexpr unsigned kInflateBytes = 1u << 18;  // zlib's buffer of compressed bytes

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}

  absl::StatusOr<size_t> Read(char* to, size_t size) override {
    size = std::min(size, bytes_.size() - at_);
    std::memcpy(to, bytes_.data() + at_, size);
    at_ += size;
    return size;
  }
  absl::Status Rewind() override {
    at_ = 0;
    return absl::OkStatus();
  }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

// Closes what it holds.
class FileDescriptor {
 public:
  explicit FileDescriptor(int number = -1) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor() {
    if (number_ >= 0) close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

absl::Status ReadingFailed(const std::string& file, const std::string& why) {
  return absl::UnavailableError(file + ": reading failed: " + why);
}

absl::StatusOr<size_t> ReadSome(int from, char* to, size_t size, const std::string& file) {
  for (;;) {
    const ssize_t count = read(from, to, size);
    if (count >= 0) return static_cast<size_t>(count);
    if (errno != EINTR) return ReadingFailed(file, std::strerror(errno));
  }
}

class FileSource : public ByteSource {
 public:
  FileSource(std::string file, FileDescriptor descriptor)
      : file_(std::move(file)), descriptor_(std::move(descriptor)) {}

  absl::StatusOr<size_t> Read(char* to, size_t size) override {
    return ReadSome(descriptor_.number(), to, size, file_);
  }
  absl::Status Rewind() override {
    if (lseek(descriptor_.number(), 0, SEEK_SET) == 0) return absl::OkStatus();
    return ReadingFailed(file_, std::strerror(errno));
  }

 private:
  std::string file_;
  FileDescriptor descriptor_;
};

class GzipSource : public ByteSource {
 public:
  GzipSource(std::string file, gzFile stream) : file_(std::move(file)), stream_(stream) {
    gzbuffer(stream_, kInflateBytes);
  }
  ~GzipSource() override { gzclose(stream_); }

  absl::StatusOr<size_t> Read(char* to, size_t size) override {
    constexpr size_t kMost = 1u << 30;
    const int count = gzread(stream_, to, static_cast<unsigned>(std::min(size, kMost)));
    int error = Z_OK;
    gzerror(stream_, &error);
    // A file that ends too early gives what it has, and says so at its end.
    if (count < 0 || (count == 0 && error != Z_OK && error != Z_STREAM_END)) {
      const bool cut = error == Z_BUF_ERROR;
      return absl::InvalidArgumentError(file_ + ": the compressed file is " + (cut ? "cut short" : "damaged") +
                                        ": copy it again, or decompress it with gunzip to see how far it goes");
    }
    return static_cast<size_t>(count);
  }
  absl::Status Rewind() override {
    if (gzrewind(stream_) == 0) return absl::OkStatus();
    return ReadingFailed(file_, "the compressed file cannot be read from its beginning again");
  }

 private:
  std::string file_;
  gzFile stream_;
};

absl::Status CannotOpen(const std::string& path, int error) {
  if (error == ENOENT || error == ENOTDIR)
    return absl::NotFoundError(path + ": there is no such file: check the name and the folder");
  return absl::PermissionDeniedError(path + ": the file cannot be opened: " + std::strerror(error));
}

absl::Status WriteAll(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(to, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return absl::ResourceExhaustedError(
          "a copy of standard input cannot be kept: " + std::string(std::strerror(errno)) +
          ": name a folder with more room in TMPDIR, or give a file");
    }
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return absl::OkStatus();
}

// What comes through a pipe, in a file that vanishes with this process.
absl::StatusOr<FileDescriptor> Spool(int from, const std::string& file) {
  const char* const folder = std::getenv("TMPDIR");
  std::string name = std::string(folder != nullptr && *folder != '\0' ? folder : "/tmp") + "/minnow-XXXXXX";
  FileDescriptor copy(mkstemp(name.data()));
  if (copy.number() < 0) {
    return absl::UnavailableError("no temporary file can be made (" + name + "): " + std::strerror(errno) +
                                  ": name a folder that can be written to in TMPDIR");
  }
  unlink(name.c_str());
  std::string block(size_t{1} << 18, '\0');
  for (int64_t bytes = 0; bytes <= kMostSpooledBytes;) {
    const absl::StatusOr<size_t> count = ReadSome(from, block.data(), block.size(), file);
    if (!count.ok()) return count.status();
    if (*count == 0) {
      if (lseek(copy.number(), 0, SEEK_SET) != 0) return ReadingFailed(file, std::strerror(errno));
      return copy;
    }
    if (absl::Status kept = WriteAll(copy.number(), {block.data(), *count}); !kept.ok()) return kept;
    bytes += static_cast<int64_t>(*count);
  }
  return absl::InvalidArgumentError(file + ": more than " + std::to_string(kMostSpooledBytes >> 30) +
                                    " GiB, the most that is kept of a pipe: give a file, or fewer rows");
}

// A descriptor from which the bytes can be read more than once.
absl::StatusOr<FileDescriptor> OpenRegular(const std::string& path) {
  const std::string name = SourceName(path);
  FileDescriptor opened(path == kStandardInput ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.number() < 0) return CannotOpen(name, errno);
  struct stat about {};
  if (fstat(opened.number(), &about) != 0) return CannotOpen(name, errno);
  if (S_ISDIR(about.st_mode)) {
    return absl::InvalidArgumentError(name + ": a folder, not a file: give the CSV file itself");
  }
  const bool seekable = S_ISREG(about.st_mode) && path != kStandardInput;
  return seekable ? absl::StatusOr<FileDescriptor>(std::move(opened)) : Spool(opened.number(), name);
}

}  // namespace

std::unique_ptr<ByteSource> NewMemorySource(std::string_view bytes) { return std::make_unique<MemorySource>(bytes); }

absl::StatusOr<std::unique_ptr<ByteSource>> OpenSource(const std::string& path) {
  absl::StatusOr<FileDescriptor> file = OpenRegular(path);
  if (!file.ok()) return file.status();
  std::array<char, 2> magic{};
  const ssize_t count = pread(file->number(), magic.data(), magic.size(), 0);
  if (count < 2 || magic[0] != '\x1F' || magic[1] != '\x8B')
    return std::make_unique<FileSource>(SourceName(path), *std::move(file));
  const int descriptor = dup(file->number());  // which the stream then owns
  const gzFile stream = descriptor < 0 ? nullptr : gzdopen(descriptor, "rb");
  if (stream == nullptr) return absl::ResourceExhaustedError("no memory or descriptor to read " + SourceName(path));
  return std::make_unique<GzipSource>(SourceName(path), stream);
}

std::string SourceName(const std::string& path) {
  return path == kStandardInput ? std::string(kStandardInputName) : path;
}

}  // namespace minnow::data
