// Data sets, tables and copies: what is too large for one message.
#include <algorithm>
#include <deque>
#include <utility>

#include "common/rpc/fields.h"
#include "server/rpc/search_service.h"
#include "server/rpc/sequence_writer.h"
#include "server/rpc/unary.h"
#include "server/rpc/upload.h"

namespace minnow::rpc {
namespace {

using QueryWriter = SequenceWriter<v1::QueryResponse>;

// A result as messages of about kDataChunkBytes, the columns in the first one.
class Table {
 public:
  void SetColumns(const std::vector<std::string>& columns) {
    for (const std::string& column : columns) messages_.back().add_columns(Utf8Text(column));
  }

  void AddRow(const std::vector<SqlValue>& row) {
    if (pending_ >= kDataChunkBytes) {
      messages_.emplace_back();
      pending_ = 0;
    }
    v1::SqlRow* const message = messages_.back().add_rows();
    *message = ToProto(row);
    const int64_t bytes = static_cast<int64_t>(message->ByteSizeLong());
    pending_ += bytes;
    bytes_ += bytes;
  }

  bool too_large() const { return bytes_ > kMaxQueryBytes; }
  std::deque<v1::QueryResponse>& messages() { return messages_; }

 private:
  std::deque<v1::QueryResponse> messages_ = std::deque<v1::QueryResponse>(1);
  int64_t pending_ = 0;  // bytes of the last message
  int64_t bytes_ = 0;
};

absl::Status TooLarge() {
  return absl::ResourceExhaustedError("the result is larger than the " + std::to_string(kMaxQueryBytes >> 20) +
                                      " MiB that travel over a network: ask for less with WHERE or LIMIT, or query the "
                                      "database file itself with --db FILE");
}

absl::StatusOr<Sequence<v1::QueryResponse>> RunQuery(Results& results, const v1::QueryRequest& request,
                                                     const grpc::CallbackServerContext* context, Slot slot) {
  const auto table = std::make_shared<Table>();
  QueryLimits limits = {.max_rows = kMaxQueryRows, .max_seconds = kMaxQuerySeconds};
  if (request.max_rows() > 0) limits.max_rows = std::min(limits.max_rows, request.max_rows());
  limits.cancelled = [&] { return table->too_large() || context->IsCancelled(); };
  const absl::Status status = results.Query(
      request.sql(), limits, [&](const auto& columns) { table->SetColumns(columns); },
      [&](const auto& row) { table->AddRow(row); });
  if (table->too_large()) return TooLarge();
  if (absl::IsResourceExhausted(status)) {
    return absl::ResourceExhaustedError(std::string(status.message()) +
                                        ", or query the database file itself with --db FILE");
  }
  if (!status.ok()) return status;
  return [table, slot = std::move(slot)](v1::QueryResponse& message) -> absl::StatusOr<bool> {
    if (table->messages().empty()) return false;
    message.Swap(&table->messages().front());
    table->messages().pop_front();
    return true;
  };
}

absl::Status TooManyUploads(int most, const std::string& whose) {
  return absl::ResourceExhaustedError(std::to_string(most) + " data sets" + whose +
                                      " are on their way already: try again when one has arrived");
}

}  // namespace

SearchService::Unary* SearchService::GetDataset(Context* context, const v1::GetDatasetRequest* request,
                                                v1::Dataset* response) {
  return Read(context, [=](Results& results) {
    const absl::StatusOr<std::string> sha256 = ParseDatasetName(request->name());
    if (!sha256.ok()) return OfField("name", sha256.status());
    const absl::StatusOr<int64_t> size = StoredSize(results, *sha256);
    if (!size.ok()) return size.status();
    response->set_name(request->name());
    response->set_size(*size);
    return absl::OkStatus();
  });
}

grpc::ServerReadReactor<v1::UploadDatasetRequest>* SearchService::UploadDataset(Context* context,
                                                                                v1::Dataset* response) {
  const absl::StatusOr<std::string> owner = Admit(context, Role::kSubmit);
  if (!owner.ok()) return TakeUpload(backend_, owner.status(), response);
  Slot own = owner->empty() ? Slot() : uploads_of_each_.Take(*owner);
  if (!owner->empty() && !own) {
    return TakeUpload(backend_, TooManyUploads(kMaxUploadsOfAnOwner, " of " + *owner), response);
  }
  Slot slot = uploads_.Take();
  if (!slot) return TakeUpload(backend_, TooManyUploads(kMaxUploads, ""), response);
  return TakeUpload(backend_, std::make_shared<std::pair<Slot, Slot>>(std::move(own), std::move(slot)), response);
}

grpc::ServerWriteReactor<v1::DataChunk>* SearchService::DownloadDataset(Context* context,
                                                                        const v1::DownloadDatasetRequest* request) {
  return downloads_.Dataset(backend_.readers, Admit(context, Role::kRead).status(), request->name(),
                            /*offset=*/0);
}

grpc::ServerWriteReactor<v1::QueryResponse>* SearchService::Query(Context* context, const v1::QueryRequest* request) {
  auto* const writer = new QueryWriter;
  if (const auto caller = Admit(context, Role::kRead); !caller.ok()) {
    writer->Begin(caller.status());
    return writer;
  }
  Slot slot = queries_.Take();
  if (!slot) {
    writer->Begin(absl::ResourceExhaustedError(std::to_string(kMaxQueries) +
                                               " queries are at work already: try again when one has ended"));
    return writer;
  }
  if (request->max_rows() < 0) {
    writer->Begin(absl::InvalidArgumentError("max_rows: " + std::to_string(request->max_rows()) +
                                             " is too small; it is at least 1, or 0 to leave it to the server"));
    return writer;
  }
  backend_.readers->Run(Readers::Length::kLong,
                        [writer, slot, request, context](const absl::StatusOr<Results*>& results) {
                          if (!results.ok()) return writer->Begin(results.status());
                          writer->Begin(RunQuery(**results, *request, context, slot));
                        });
  return writer;
}

grpc::ServerWriteReactor<v1::DataChunk>* SearchService::Backup(Context* context, const v1::BackupRequest*) {
  return SendBackup(backend_, Admit(context, Role::kRead).status(), backups_.Take());
}

}  // namespace minnow::rpc
