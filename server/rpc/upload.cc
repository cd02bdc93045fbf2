#include "server/rpc/upload.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/data/dataset_stream.h"
#include "common/files/nameless_file.h"
#include "common/rpc/channel.h"
#include "common/rpc/convert.h"
#include "common/sha256.h"
#include "server/rpc/unary.h"

namespace minnow::rpc {
namespace {

// What an upload is made of until it is stored: its bytes in a file, and what was learned of them on the way.
class Draft {
 public:
  Draft(std::string sha256, int64_t size, std::unique_ptr<NamelessFile> file)
      : sha256_(std::move(sha256)),
        size_(size),
        file_(std::move(file)),
        stream_(size, data::DatasetStream::Keep::kNothing) {}

  // InvalidArgument for too many bytes; the errors of the file.
  absl::Status Take(std::string_view part);

  // Learns what the data set is. DataLoss: it is not whole, or does not have the hash. InvalidArgument: it is no data
  // set.
  absl::Status Check();

  // The next piece to be stored, once the draft was checked. The file needs it no more.
  absl::StatusOr<core::DatasetRecord> NextPiece();
  bool has_more() const { return next_ < size_; }

 private:
  const std::string sha256_;
  const int64_t size_;
  const std::unique_ptr<NamelessFile> file_;
  Sha256Stream hash_;
  data::DatasetStream stream_;
  int64_t taken_ = 0;
  int64_t next_ = 0;  // the first byte that is not stored
  data::DatasetOutline outline_;
};

absl::Status Draft::Take(std::string_view part) {
  const int64_t size = static_cast<int64_t>(part.size());
  if (taken_ + size > size_) {
    return absl::InvalidArgumentError("data: more bytes arrived than the " + std::to_string(size_) +
                                      " that `size` announced");
  }
  if (absl::Status status = file_->Write(taken_, part); !status.ok()) return status;
  hash_.Add(part);
  stream_.Take(part);
  taken_ += size;
  return absl::OkStatus();
}

absl::Status Draft::Check() {
  if (taken_ != size_) {
    return absl::DataLossError(std::to_string(taken_) + " bytes arrived of " + DatasetName(sha256_) + ", which has " +
                               std::to_string(size_) + ": send it again");
  }
  if (hash_.Hex() != sha256_) {
    return absl::DataLossError("the bytes that arrived do not have the SHA-256 of " + DatasetName(sha256_) +
                               ": they were damaged on the way, or have another name; send them again");
  }
  absl::StatusOr<data::DatasetOutline> outline = stream_.End();
  if (!outline.ok()) {
    return absl::InvalidArgumentError(DatasetName(sha256_) + " is not a prepared data set of this version (" +
                                      std::string(outline.status().message()) +
                                      "): use a client of the server's version");
  }
  outline_ = *std::move(outline);
  return absl::OkStatus();
}

absl::StatusOr<core::DatasetRecord> Draft::NextPiece() {
  const int64_t size = std::min(core::kDatasetPieceBytes, size_ - next_);
  absl::StatusOr<std::string> bytes = file_->Read(next_, size);
  if (!bytes.ok()) return bytes.status();
  file_->LetGo(next_, size);
  const int64_t before = std::exchange(next_, next_ + size);
  return core::DatasetRecord{.sha256 = sha256_,
                             .kind = outline_.training ? "training" : "test",
                             .rows = outline_.rows,
                             .inputs = outline_.inputs,
                             .bytes = *std::move(bytes),
                             .before = before,
                             .after = size_ - next_};
}

// Reads, asks whether the data set is stored, reads on into a draft, checks it, and stores it piece by piece. One step
// begins the next, so at any time one thread at most is at work on it; what touches a file or the database is a step of
// the readers.
class UploadCall : public grpc::ServerReadReactor<v1::UploadDatasetRequest> {
 public:
  UploadCall(const Backend& backend, absl::StatusOr<Slot> slot, v1::Dataset* response)
      : backend_(backend), slot_(std::move(slot)), response_(response) {
    if (slot_.ok()) {
      StartRead(&message_);
    } else {
      End(slot_.status());
    }
  }

  void OnReadDone(bool ok) override {
    if (!ok) return TakeEnd();
    if (absl::Status status = CheckPart(); !status.ok()) return End(status);
    if (draft_) return Then([this](Results&) { TakePart(); });
    if (absl::Status status = TakeFirst(); !status.ok()) return End(status);
    Then([this](Results& results) { LookForStored(results); });
  }

  void OnCancel() override { cancelled_ = true; }
  void OnDone() override { delete this; }

 private:
  absl::Status CheckPart() const;
  absl::Status TakeFirst();
  void LookForStored(Results& results);
  void TakePart();
  void TakeEnd();
  void StoreNext(Results& results);
  void GiveUp(const absl::Status& why);

  // Goes on with `step` where it may wait.
  void Then(std::function<void(Results&)> step) {
    backend_.readers->Run(Readers::Length::kQuick,
                          [this, step = std::move(step)](const absl::StatusOr<Results*>& results) {
                            if (results.ok()) return step(**results);
                            storing_ ? GiveUp(results.status()) : End(results.status());
                          });
  }

  // Answers with the data set, or the error.
  void End(const absl::Status& status) {
    if (status.ok()) {
      response_->set_name(DatasetName(sha256_));
      response_->set_size(size_);
    }
    Finish(ToGrpc(status));
  }

  const Backend& backend_;
  const absl::StatusOr<Slot> slot_;
  v1::Dataset* const response_;
  v1::UploadDatasetRequest message_;
  std::string sha256_;
  int64_t size_ = 0;
  std::optional<Draft> draft_;
  bool storing_ = false;  // some of it may be stored
  std::atomic<bool> cancelled_ = false;
};

absl::Status UploadCall::CheckPart() const {
  if (message_.data().size() <= size_t{kDataChunkBytes}) return absl::OkStatus();
  return absl::InvalidArgumentError("data: " + std::to_string(message_.data().size()) +
                                    " bytes are too many for one message; send at most " +
                                    std::to_string(kDataChunkBytes));
}

absl::Status UploadCall::TakeFirst() {
  const absl::StatusOr<std::string> sha256 = ParseDatasetName(message_.name());
  if (!sha256.ok()) return OfField("name", sha256.status());
  if (message_.size() < 1 || message_.size() > kMaxDatasetBytes) {
    return absl::InvalidArgumentError("size: a data set has 1 to " + std::to_string(kMaxDatasetBytes) +
                                      " bytes, and this one " + std::to_string(message_.size()) +
                                      ": use fewer rows or columns");
  }
  sha256_ = *sha256;
  size_ = message_.size();
  return absl::OkStatus();
}

void UploadCall::LookForStored(Results& results) {
  const absl::StatusOr<int64_t> stored = StoredSize(results, sha256_);
  if (stored.ok()) {
    size_ = *stored;
    return End(absl::OkStatus());
  }
  if (!absl::IsNotFound(stored.status())) return End(stored.status());
  absl::StatusOr<std::unique_ptr<NamelessFile>> file = backend_.file_for_upload(size_);
  if (!file.ok()) return End(file.status());
  draft_.emplace(sha256_, size_, *std::move(file));
  TakePart();
}

void UploadCall::TakePart() {
  if (absl::Status status = draft_->Take(message_.data()); !status.ok()) return End(status);
  message_.Clear();
  StartRead(&message_);
}

void UploadCall::TakeEnd() {
  if (!draft_) return End(absl::InvalidArgumentError("name: nothing was sent; the first message has a name"));
  if (absl::Status status = draft_->Check(); !status.ok()) return End(status);
  storing_ = true;
  Then([this](Results& results) { StoreNext(results); });
}

// Each piece is a commit of its own, between which the ledger goes on with what others want.
void UploadCall::StoreNext(Results& results) {
  if (cancelled_) return GiveUp(absl::CancelledError("the upload was given up"));
  if (!draft_->has_more()) {
    // An upload of the same data set that was given up may have taken its pieces along.
    const absl::Status stored = StoredSize(results, sha256_).status();
    return End(absl::IsNotFound(stored) ? absl::UnavailableError("another upload of " + DatasetName(sha256_) +
                                                                 " was given up meanwhile: send it again")
                                        : stored);
  }
  absl::StatusOr<core::DatasetRecord> piece = draft_->NextPiece();
  if (!piece.ok()) return GiveUp(piece.status());
  backend_.ledger->StoreDataset(*std::move(piece), [this](const absl::StatusOr<bool>& stored) {
    if (!stored.ok()) return GiveUp(stored.status());
    Then([this](Results& next) { StoreNext(next); });
  });
}

// Takes what is stored of it out again, and answers.
void UploadCall::GiveUp(const absl::Status& why) {
  backend_.ledger->DropDataset(sha256_, [this, why](const absl::StatusOr<bool>&) { End(why); });
}

}  // namespace

grpc::ServerReadReactor<v1::UploadDatasetRequest>* TakeUpload(const Backend& backend, absl::StatusOr<Slot> slot,
                                                              v1::Dataset* response) {
  return new UploadCall(backend, std::move(slot), response);
}

absl::StatusOr<int64_t> StoredSize(Results& results, const std::string& sha256) {
  absl::StatusOr<int64_t> size = results.SizeOfDataset(sha256);
  if (size.ok() || !absl::IsNotFound(size.status())) return size;
  return absl::NotFoundError(DatasetName(sha256) + " is not stored here: upload it first");
}

}  // namespace minnow::rpc
