// Data sets, tables and backups.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/data/dataset.h"
#include "common/rpc/convert.h"
#include "common/sha256.h"
#include "server/rpc/services.h"
#include "server/storage/queries.h"
#include "tests/server/serving.h"
#include "tests/server/storage/file_size_limit.h"

namespace minnow::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using People = v1::SearchService::Stub;

std::string ToyBytes() { return data::EncodeTrainingData(ToyData().training); }
std::string NameOf(const std::string& bytes) { return rpc::DatasetName(Sha256Hex(bytes)); }
int64_t SizeOf(const std::string& bytes) { return static_cast<int64_t>(bytes.size()); }

// The bytes of a stream of chunks, which must have the size that the first one announces.
absl::StatusOr<std::string> ReadAll(Serving& serving, grpc::ClientReader<v1::DataChunk>& reader) {
  std::string bytes;
  int64_t size = 0;
  for (v1::DataChunk chunk; reader.Read(&chunk);) {
    size += chunk.size();
    bytes += chunk.data();
  }
  const grpc::Status status = reader.Finish();
  if (!status.ok()) return rpc::FromGrpc(status, serving.address());
  EXPECT_EQ(SizeOf(bytes), size);
  return bytes;
}

absl::StatusOr<std::string> Download(Serving& serving, const std::string& name) {
  grpc::ClientContext context;
  v1::DownloadDatasetRequest request;
  request.set_name(name);
  return ReadAll(serving, *serving.people().DownloadDataset(&context, request));
}

TEST(DataSets, ComeBackAsTheyWereSent) {
  Serving serving;
  const std::string bytes = ToyBytes();
  const auto stored = serving.Upload(NameOf(bytes), SizeOf(bytes), bytes, /*part=*/100);
  EXPECT_EQ(stored.value().size(), SizeOf(bytes));
  EXPECT_EQ(Download(serving, NameOf(bytes)).value(), bytes);
  grpc::ClientContext context;
  v1::FetchDatasetRequest fetch;
  *fetch.mutable_worker() = serving.RegisterWorker("w");
  fetch.set_name(NameOf(bytes));
  EXPECT_EQ(ReadAll(serving, *serving.workers().FetchDataset(&context, fetch)).value(), bytes);
}

// Of more than one chunk, and with more inputs of more than one piece.
std::string LargeBytes(int inputs = 6000) {
  data::TrainingData data = ToyData().training;
  data.train.inputs = data.validation.inputs = inputs;
  for (data::Part* part : {&data.train, &data.validation}) {
    part->x = std::vector<float>(static_cast<size_t>(part->rows()) * inputs, 0.25f);
  }
  return data::EncodeTrainingData(data);
}

TEST(DataSets, OfManyChunksComeBackAsTheyWereSent) {
  const std::string bytes = LargeBytes();
  ASSERT_GT(bytes.size(), size_t{rpc::kDataChunkBytes});
  Serving serving;
  ASSERT_TRUE(serving.Upload(NameOf(bytes), SizeOf(bytes), bytes, rpc::kDataChunkBytes).ok());
  EXPECT_EQ(Download(serving, NameOf(bytes)).value(), bytes);
}

TEST(DataSets, GoOnWhereAWorkerHasLostTheConnection) {
  const std::string bytes = LargeBytes();
  Serving serving;
  ASSERT_TRUE(serving.Upload(NameOf(bytes), SizeOf(bytes), bytes, rpc::kDataChunkBytes).ok());
  v1::FetchDatasetRequest fetch;
  *fetch.mutable_worker() = serving.RegisterWorker("w");
  fetch.set_name(NameOf(bytes));
  const int64_t chunk = rpc::kDataChunkBytes;
  for (int64_t offset : {int64_t{1}, chunk - 1, chunk, chunk + 7, SizeOf(bytes) - 1, SizeOf(bytes)}) {
    grpc::ClientContext context;
    fetch.set_offset(offset);
    const auto reader = serving.workers().FetchDataset(&context, fetch);
    std::string rest;
    for (v1::DataChunk part; reader->Read(&part);) rest += part.data();
    EXPECT_TRUE(reader->Finish().ok()) << offset;
    EXPECT_TRUE(rest == bytes.substr(static_cast<size_t>(offset))) << offset;
  }
  for (int64_t offset : {int64_t{-1}, SizeOf(bytes) + 1}) {
    grpc::ClientContext context;
    fetch.set_offset(offset);
    EXPECT_EQ(serving.workers().FetchDataset(&context, fetch)->Finish().error_code(), grpc::StatusCode::OUT_OF_RANGE);
  }
}

TEST(DataSets, ThatAreStoredAreNotSentAgain) {
  Serving serving;
  const std::string bytes = ToyBytes();
  ASSERT_TRUE(serving.Upload(NameOf(bytes), SizeOf(bytes), bytes).ok());
  EXPECT_EQ(serving.Upload(NameOf(bytes), SizeOf(bytes), "").value().size(), SizeOf(bytes));
}

TEST(DataSets, ThatAreDamagedOnTheWayAreRefused) {
  Serving serving;
  std::string bytes = ToyBytes();
  const std::string name = NameOf(bytes);
  bytes[bytes.size() / 2] ^= 1;
  const absl::Status status = serving.Upload(name, SizeOf(bytes), bytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("send them again"));
  EXPECT_EQ(Download(serving, name).status().code(), absl::StatusCode::kNotFound);
}

TEST(DataSets, ThatAreNotWhatWasAnnouncedAreRefused) {
  Serving serving;
  const std::string bytes = ToyBytes();
  const std::string name = NameOf(bytes);
  EXPECT_EQ(serving.Upload(name, SizeOf(bytes) + 1, bytes).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(serving.Upload(name, SizeOf(bytes) - 1, bytes).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(serving.Upload(name, rpc::kMaxDatasetBytes + 1, bytes).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(serving.Upload("digits", SizeOf(bytes), bytes).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(serving.Upload(NameOf("text"), 4, "text").status().code(), absl::StatusCode::kInvalidArgument);
}

constexpr int kInputsOfManyPieces = 60'000;

TEST(DataSets, OfManyPiecesComeBackAsTheyWereSent) {
  const std::string bytes = LargeBytes(kInputsOfManyPieces);
  ASSERT_GT(SizeOf(bytes), 3 * core::kDatasetPieceBytes);
  Serving serving;
  ASSERT_TRUE(serving.Upload(NameOf(bytes), SizeOf(bytes), bytes, rpc::kDataChunkBytes).ok());
  EXPECT_TRUE(Download(serving, NameOf(bytes)).value() == bytes);
}

TEST(DataSets, AreRefusedWhereTheDiskHasNoRoomAndTheServerGoesOn) {
  const std::string bytes = LargeBytes();
  Serving serving;
  const std::set<std::string> files = serving.folder().Names();
  {
    const storage::FileSizeLimit limit(1 << 20);
    const absl::Status status = serving.Upload(NameOf(bytes), SizeOf(bytes), bytes, rpc::kDataChunkBytes).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(std::string(status.message()), HasSubstr("no room for " + std::to_string(bytes.size()) + " bytes in "));
    EXPECT_THAT(std::string(status.message()), HasSubstr(serving.folder().File("minnow.db")));
    EXPECT_THAT(std::string(status.message()), HasSubstr("free some space"));
    EXPECT_TRUE(serving.Upload(NameOf(ToyBytes()), SizeOf(ToyBytes()), ToyBytes()).ok());
  }
  EXPECT_EQ(serving.folder().Names(), files);
  EXPECT_TRUE(serving.Upload(NameOf(bytes), SizeOf(bytes), bytes, rpc::kDataChunkBytes).ok());
}

// Rows of `table` in the database of a server that has stopped.
int64_t RowsOf(const Serving& serving, const std::string& table) {
  const auto results = storage::OpenResults(serving.folder().File("minnow.db")).value();
  int64_t rows = -1;
  EXPECT_TRUE(results
                  ->Query(
                      "SELECT count(*) FROM " + table, QueryLimits(), [](const auto&) {},
                      [&](const auto& row) { rows = std::get<int64_t>(row[0]); })
                  .ok());
  return rows;
}

TEST(DataSets, ThatAreGivenUpWhileTheyAreStoredLeaveNothing) {
  const std::string bytes = LargeBytes(kInputsOfManyPieces);
  Serving serving;
  serving.gate().Close();
  {
    grpc::ClientContext context;
    v1::Dataset stored;
    const auto writer = serving.people().UploadDataset(&context, &stored);
    for (size_t at = 0; at < bytes.size(); at += rpc::kDataChunkBytes) {
      v1::UploadDatasetRequest part;
      if (at == 0) part.set_name(NameOf(bytes));
      if (at == 0) part.set_size(SizeOf(bytes));
      part.set_data(bytes.substr(at, rpc::kDataChunkBytes));
      ASSERT_TRUE(writer->Write(part));
    }
    writer->WritesDone();
    serving.gate().AwaitCommit();
    context.TryCancel();
    EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  // Behind the end of the upload, on the same connection.
  EXPECT_TRUE(serving.Call(serving.people(), &People::GetServerInfo, v1::GetServerInfoRequest()).ok());
  serving.gate().Open();
  serving.Stop();
  EXPECT_EQ(RowsOf(serving, "dataset_chunks"), 0);
  EXPECT_EQ(RowsOf(serving, "datasets"), 0);
}

TEST(DataSets, ThatCannotBeStoredCanBeSentAgain) {
  const std::string bytes = LargeBytes(kInputsOfManyPieces);
  Serving serving;
  serving.gate().Fail(absl::ResourceExhaustedError("the disk is full"));
  const absl::Status status = serving.Upload(NameOf(bytes), SizeOf(bytes), bytes, rpc::kDataChunkBytes).status();
  EXPECT_EQ(status.message(), "the disk is full");
  EXPECT_EQ(Download(serving, NameOf(bytes)).status().code(), absl::StatusCode::kNotFound);
  serving.gate().Fail(absl::OkStatus());
  EXPECT_TRUE(serving.Upload(NameOf(bytes), SizeOf(bytes), bytes, rpc::kDataChunkBytes).ok());
  EXPECT_TRUE(Download(serving, NameOf(bytes)).value() == bytes);
}

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<SqlValue>> rows;
};

absl::StatusOr<Table> Query(Serving& serving, const std::string& sql, int64_t max_rows = 0) {
  grpc::ClientContext context;
  v1::QueryRequest request;
  request.set_sql(sql);
  request.set_max_rows(max_rows);
  const auto reader = serving.people().Query(&context, request);
  Table table;
  for (v1::QueryResponse message; reader->Read(&message);) {
    table.columns.insert(table.columns.end(), message.columns().begin(), message.columns().end());
    for (const v1::SqlRow& row : message.rows()) table.rows.push_back(rpc::FromProto(row));
  }
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return rpc::FromGrpc(status, serving.address());
  return table;
}

TEST(Queries, GiveColumnsAndRowsOfEveryType) {
  Serving serving;
  const Table table = Query(serving, "SELECT 1 AS a, 2.5 AS b, 'x' AS c, NULL AS d, x'ff' AS e").value();
  EXPECT_THAT(table.columns, ElementsAre("a", "b", "c", "d", "e"));
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_THAT(table.rows[0],
              ElementsAre(SqlValue(int64_t{1}), SqlValue(2.5), SqlValue("x"), SqlValue(), SqlValue("ff")));
  EXPECT_THAT(Query(serving, "SELECT 1 AS a WHERE 0").value().columns, ElementsAre("a"));
}

const std::string kCount = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ";

TEST(Queries, GiveEveryRowOfALongTableInOrder) {
  Serving serving;
  const Table table = Query(serving, kCount + "60000) SELECT i, 'some text that fills messages' FROM n").value();
  ASSERT_EQ(table.rows.size(), 60'000u);
  for (size_t i = 0; i < table.rows.size(); ++i) ASSERT_EQ(table.rows[i][0], SqlValue(static_cast<int64_t>(i + 1)));
}

TEST(Queries, BeyondALimitSayHowToGoOn) {
  Serving serving;
  for (const absl::Status& status : {Query(serving, kCount + "100001) SELECT i FROM n").status(),
                                     Query(serving, kCount + "20) SELECT i FROM n", /*max_rows=*/10).status(),
                                     Query(serving, kCount + "80) SELECT hex(zeroblob(500000)) FROM n").status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("--db FILE"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("LIMIT"));
  }
}

TEST(Queries, ThatDoMoreThanReadAreRefused) {
  Serving serving;
  for (const char* sql : {"", "DELETE FROM jobs", "ATTACH 'x.db' AS x", "PRAGMA journal_mode = DELETE",
                          "SELECT 1; SELECT 2", "SELECT load_extension('x')", "SELECT"}) {
    EXPECT_EQ(Query(serving, sql).status().code(), absl::StatusCode::kInvalidArgument) << sql;
  }
  EXPECT_EQ(Query(serving, "SELECT 1", -1).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Queries, ThatTheirCallersGiveUpEndAndLeaveTheReadersToOthers) {
  Serving serving;
  // As many as run at once: another long read would wait for their limit of time.
  for (int i = 0; i < rpc::kMaxLongReads; ++i) {
    grpc::ClientContext context;
    v1::QueryRequest endless;
    endless.set_sql(kCount + "1e18) SELECT count(*) FROM n");
    const auto reader = serving.people().Query(&context, endless);
    context.TryCancel();
    v1::QueryResponse message;
    EXPECT_FALSE(reader->Read(&message));
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(Query(serving, "SELECT 1").ok());
  EXPECT_LT(absl::Now() - begin, absl::Seconds(rpc::kMaxQuerySeconds) / 2);
}

TEST(Backups, AreDatabasesAndLeaveNothingBeside) {
  Serving serving;
  const std::string job = serving.SubmitToy(1);
  const std::set<std::string> files = serving.folder().Names();
  grpc::ClientContext context;
  const std::string copy = ReadAll(serving, *serving.people().Backup(&context, v1::BackupRequest())).value();
  EXPECT_EQ(serving.folder().Names(), files);
  storage::TemporaryFolder elsewhere;
  storage::WriteBytes(elsewhere.File("copy.db"), copy);
  const auto results = storage::OpenResults(elsewhere.File("copy.db")).value();
  EXPECT_EQ(results->Job(1).value().record.target, "kind");
}

TEST(Backups, ThatAreBrokenOffLeaveNothingBeside) {
  Serving serving;
  serving.SubmitToy(1);
  const std::set<std::string> files = serving.folder().Names();
  for (int i = 0; i < 10; ++i) {
    grpc::ClientContext context;
    const auto reader = serving.people().Backup(&context, v1::BackupRequest());
    v1::DataChunk chunk;
    if (i % 2 == 0) reader->Read(&chunk);
    context.TryCancel();
    reader->Finish();
  }
  serving.Stop();
  EXPECT_EQ(serving.folder().Names(), std::set<std::string>{"minnow.db"});
}

}  // namespace
}  // namespace minnow::server
