#include "server/rpc/upload.h"

#include <optional>
#include <string>
#include <utility>

#include "common/data/dataset.h"
#include "common/rpc/channel.h"
#include "common/rpc/convert.h"
#include "common/sha256.h"
#include "server/rpc/unary.h"

namespace minnow::rpc {
namespace {

// What the bytes of a data set are. DataLoss: they do not have the hash. InvalidArgument: they are no data set.
absl::StatusOr<core::DatasetRecord> CheckedDataset(const std::string& sha256, const SharedBytes& bytes) {
  if (Sha256Hex(bytes.view()) != sha256) {
    return absl::DataLossError("the bytes that arrived do not have the SHA-256 of " + DatasetName(sha256) +
                               ": they were damaged on the way, or have another name; send them again");
  }
  if (const absl::StatusOr<data::TrainingData> training = data::DecodeTrainingData(bytes); training.ok()) {
    return core::DatasetRecord{.sha256 = sha256,
                               .kind = "training",
                               .rows = training->train.rows() + training->validation.rows(),
                               .inputs = training->inputs(),
                               .bytes = bytes};
  }
  const absl::StatusOr<data::Part> test = data::DecodePart(bytes);
  if (!test.ok()) {
    return absl::InvalidArgumentError(DatasetName(sha256) + " is not a prepared data set of this version (" +
                                      std::string(test.status().message()) + "): use a client of the server's version");
  }
  return core::DatasetRecord{
      .sha256 = sha256, .kind = "test", .rows = test->rows(), .inputs = test->inputs, .bytes = bytes};
}

// Reads, asks whether the data set is stored, reads on, checks, stores. One step begins the next, so at any time one
// thread at most is at work on it.
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
    if (!sha256_.empty()) return TakePart();
    if (absl::Status status = TakeFirst(); !status.ok()) return End(status);
    backend_.readers->Run(Readers::Length::kQuick,
                          [this](const absl::StatusOr<Results*>& results) { LookForStored(results); });
  }

  void OnDone() override { delete this; }

 private:
  absl::Status TakeFirst();
  void LookForStored(const absl::StatusOr<Results*>& results);
  void TakePart();
  void TakeEnd();
  void Store();

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
  std::string bytes_;
};

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

void UploadCall::LookForStored(const absl::StatusOr<Results*>& results) {
  if (!results.ok()) return End(results.status());
  const absl::StatusOr<int64_t> stored = StoredSize(**results, sha256_);
  if (stored.ok()) {
    size_ = *stored;
    return End(absl::OkStatus());
  }
  if (!absl::IsNotFound(stored.status())) return End(stored.status());
  bytes_.reserve(size_);
  TakePart();
}

void UploadCall::TakePart() {
  const int64_t part = static_cast<int64_t>(message_.data().size());
  if (part > kDataChunkBytes) {
    return End(absl::InvalidArgumentError("data: " + std::to_string(part) +
                                          " bytes are too many for one message; send at most " +
                                          std::to_string(kDataChunkBytes)));
  }
  if (static_cast<int64_t>(bytes_.size()) + part > size_) {
    return End(absl::InvalidArgumentError("data: more bytes arrived than the " + std::to_string(size_) +
                                          " that `size` announced"));
  }
  bytes_ += message_.data();
  message_.Clear();
  StartRead(&message_);
}

void UploadCall::TakeEnd() {
  if (sha256_.empty()) return End(absl::InvalidArgumentError("name: nothing was sent; the first message has a name"));
  if (static_cast<int64_t>(bytes_.size()) != size_) {
    return End(absl::DataLossError(std::to_string(bytes_.size()) + " bytes arrived of " + DatasetName(sha256_) +
                                   ", which has " + std::to_string(size_) + ": send it again"));
  }
  backend_.readers->Run(Readers::Length::kLong, [this](const absl::StatusOr<Results*>& results) {
    if (!results.ok()) return End(results.status());
    Store();
  });
}

void UploadCall::Store() {
  absl::StatusOr<core::DatasetRecord> dataset = CheckedDataset(sha256_, std::move(bytes_));
  if (!dataset.ok()) return End(dataset.status());
  backend_.ledger->StoreDataset(*std::move(dataset),
                                [this](const absl::StatusOr<bool>& stored) { End(stored.status()); });
}

}  // namespace

grpc::ServerReadReactor<v1::UploadDatasetRequest>* TakeUpload(const Backend& backend, absl::StatusOr<Slot> slot,
                                                              v1::Dataset* response) {
  return new UploadCall(backend, std::move(slot), response);
}

absl::StatusOr<int64_t> StoredSize(Results& results, const std::string& sha256) {
  std::optional<int64_t> size;
  const absl::Status status = results.Query(
      "SELECT size FROM datasets WHERE sha256 = '" + sha256 + "'", QueryLimits(), [](const auto&) {},
      [&](const std::vector<SqlValue>& row) { size = std::get<int64_t>(row[0]); });
  if (!status.ok()) return status;
  if (size) return *size;
  return absl::NotFoundError(DatasetName(sha256) + " is not stored here: upload it first");
}

}  // namespace minnow::rpc
