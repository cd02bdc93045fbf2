#include "server/rpc/downloads.h"

#include <filesystem>
#include <fstream>
#include <memory>
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

// Reads a data set part by part, where reading may wait, so that none is in memory as a whole.
struct PartReader {
  Results* results = nullptr;  // of the thread that reads now
  std::string sha256;
  int64_t offset = 0;
  bool begun = false;
  Slot slot;

  absl::StatusOr<bool> Next(v1::DataChunk& chunk) {
    absl::StatusOr<DatasetPart> part = results->PartOfDataset(sha256, offset);
    if (!part.ok()) return part.status();
    if (part->bytes.empty() && (begun || part->size == 0)) return false;
    if (!std::exchange(begun, true)) chunk.set_size(part->size);
    offset += static_cast<int64_t>(part->bytes.size());
    chunk.set_data(std::move(part->bytes));
    return true;
  }
};

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
                                                            const std::string& name, int64_t offset) {
  const absl::StatusOr<std::string> sha256 = ParseDatasetName(name);
  auto reader = std::make_shared<PartReader>();
  reader->offset = offset;
  reader->slot = slots_.Take();
  auto* const writer = new Writer([readers, reader](const std::function<void(const absl::Status&)>& step) {
    readers->Run(Readers::Length::kQuick, [reader, step](const absl::StatusOr<Results*>& results) {
      if (results.ok()) reader->results = *results;
      step(results.status());
    });
  });
  if (!request.ok()) {
    writer->Begin(request);
  } else if (!sha256.ok()) {
    writer->Begin(OfField("name", sha256.status()));
  } else if (!reader->slot) {
    writer->Begin(TooManyAtOnce("data sets", kMaxDownloads));
  } else {
    reader->sha256 = *sha256;
    writer->Begin([reader](v1::DataChunk& chunk) { return reader->Next(chunk); });
  }
  return writer;
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
