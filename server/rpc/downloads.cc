#include "server/rpc/downloads.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "common/rpc/channel.h"
#include "common/rpc/convert.h"
#include "server/rpc/sequence_writer.h"
#include "server/rpc/unary.h"

namespace minnow::rpc {
namespace {

using Writer = SequenceWriter<v1::DataChunk>;

absl::Status TooManyAtOnce(const std::string& what, int most) {
  return absl::ResourceExhaustedError(std::to_string(most) + " " + what +
                                      " are on their way already: try again when one has ended");
}

// `bytes` in chunks; the first message has the size. An empty whole is one message.
Sequence<v1::DataChunk> ChunksOf(std::shared_ptr<const std::string> bytes, Slot slot) {
  return [bytes = std::move(bytes), slot = std::move(slot),
          sent = size_t{0}](v1::DataChunk& chunk) mutable -> absl::StatusOr<bool> {
    if (sent == bytes->size()) return false;
    if (sent == 0) chunk.set_size(static_cast<int64_t>(bytes->size()));
    chunk.set_data(bytes->substr(sent, kDataChunkBytes));
    sent += chunk.data().size();
    return true;
  };
}

// A file that loses its name as soon as it is open, so that it goes with whoever reads it, also when that is killed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& path) : stream_(path, std::ios::binary) {
    std::error_code error;
    const uintmax_t size = std::filesystem::file_size(path, error);
    size_ = error ? 0 : static_cast<int64_t>(size);
    std::filesystem::remove(path, error);
  }

  int64_t size() const { return size_; }
  // The next bytes, at most kDataChunkBytes; fewer at the end.
  std::string Read() {
    std::string bytes(kDataChunkBytes, '\0');
    stream_.read(bytes.data(), kDataChunkBytes);
    bytes.resize(stream_.gcount());
    return bytes;
  }

 private:
  std::ifstream stream_;
  int64_t size_ = 0;
};

Sequence<v1::DataChunk> ChunksOf(std::shared_ptr<TemporaryFile> file, Slot slot) {
  return [file = std::move(file), slot = std::move(slot),
          left = int64_t{-1}](v1::DataChunk& chunk) mutable -> absl::StatusOr<bool> {
    if (left == 0) return false;
    if (left < 0) {
      left = file->size();
      chunk.set_size(left);
    }
    chunk.set_data(file->Read());
    left -= static_cast<int64_t>(chunk.data().size());
    if (chunk.data().empty() || left < 0) {
      return absl::UnavailableError("the copy of the database could not be read: try again");
    }
    return true;
  };
}

}  // namespace

grpc::ServerWriteReactor<v1::DataChunk>* Downloads::Dataset(Readers* readers, const absl::Status& request,
                                                            const std::string& name) {
  auto* const writer = new Writer;
  const absl::StatusOr<std::string> sha256 = ParseDatasetName(name);
  Slot slot = slots_.Take();
  if (!request.ok()) {
    writer->Begin(request);
  } else if (!sha256.ok()) {
    writer->Begin(OfField("name", sha256.status()));
  } else if (!slot) {
    writer->Begin(TooManyAtOnce("data sets", kMaxDownloads));
  } else {
    readers->Run(Readers::Length::kLong,
                 [this, writer, slot, sha256 = *sha256](const absl::StatusOr<Results*>& results) {
                   if (!results.ok()) return writer->Begin(results.status());
                   const absl::StatusOr<Bytes> bytes = Load(**results, sha256);
                   if (!bytes.ok()) return writer->Begin(bytes.status());
                   writer->Begin(ChunksOf(*bytes, slot));
                 });
  }
  return writer;
}

// One at a time: workers ask for the same data set in the same moment, and hundreds of megabytes are read once.
absl::StatusOr<Downloads::Bytes> Downloads::Load(Results& results, const std::string& sha256) {
  std::lock_guard lock(mutex_);
  if (const auto open = open_.find(sha256); open != open_.end()) {
    if (Bytes bytes = open->second.lock()) return bytes;
  }
  absl::StatusOr<std::string> read = results.Dataset(sha256);
  if (!read.ok()) return read.status();
  const Bytes bytes = std::make_shared<const std::string>(*std::move(read));
  std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
  open_[sha256] = bytes;
  return bytes;
}

grpc::ServerWriteReactor<v1::DataChunk>* SendBackup(const Backend& backend, const absl::Status& admitted, Slot slot) {
  // The copy is read where reading may wait.
  auto* const writer = new Writer([readers = backend.readers](const std::function<void(const absl::Status&)>& step) {
    readers->Run(Readers::Length::kQuick, [step](const absl::StatusOr<Results*>& results) { step(results.status()); });
  });
  if (!admitted.ok() || !slot) {
    writer->Begin(admitted.ok() ? TooManyAtOnce("backups", kMaxBackups) : admitted);
    return writer;
  }
  backend.readers->Run(Readers::Length::kLong,
                       [writer, slot, copy = backend.copy_database](const absl::StatusOr<Results*>& results) {
                         if (!results.ok()) return writer->Begin(results.status());
                         const absl::StatusOr<std::string> path = copy();
                         if (!path.ok()) return writer->Begin(path.status());
                         writer->Begin(ChunksOf(std::make_shared<TemporaryFile>(*path), slot));
                       });
  return writer;
}

}  // namespace minnow::rpc
