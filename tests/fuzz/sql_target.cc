#include <memory>
#include <string>
#include <vector>

#include "server/storage/queries.h"
#include "server/storage/sqlite_store.h"
#include "tests/fuzz/targets.h"
#include "tests/server/storage/change_builder.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow::fuzz {
namespace {

constexpr int64_t kMostRows = 200;
constexpr int kMostQuestions = 400;  // whether to stop: at every row, and every 4096 steps of SQLite

// A database with a row of every kind, made once and only read.
class Database {
 public:
  Database() {
    auto store = storage::OpenSqliteStore(path_);
    Require(store.ok() && (*store)->Commit(storage::EverythingOf(1)).ok(), "the database can be made");
    store->reset();
    bytes_ = storage::ReadBytes(path_);
    reader_ = *storage::OpenResults(path_);
  }

  absl::Status Query(const std::string& sql) {
    int questions = 0;
    const QueryLimits limits = {
        .max_rows = kMostRows, .max_seconds = 1e9, .cancelled = [&] { return ++questions > kMostQuestions; }};
    size_t columns = 0;
    int64_t rows = 0;
    const absl::Status status = reader_->Query(
        sql, limits, [&](const std::vector<std::string>& names) { columns = names.size(); },
        [&](const std::vector<SqlValue>& row) {
          Require(row.size() == columns, "a row has a value for every name");
          ++rows;
        });
    Require(rows <= kMostRows, "no more rows than asked for");
    Require(questions <= kMostQuestions + 1, "a query that is to stop stops");
    return status;
  }

  bool IsUnchanged() const { return storage::ReadBytes(path_) == bytes_ && storage::ReadBytes(path_ + "-wal").empty(); }

 private:
  storage::TemporaryFolder folder_;
  const std::string path_ = folder_.File("minnow.db");
  std::string bytes_;
  std::unique_ptr<Results> reader_;
};

}  // namespace

void Sql(std::string_view bytes) {
  static Database database;
  const absl::Status status = database.Query(std::string(bytes));
  Require(
      status.ok() || absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status) || absl::IsCancelled(status),
      "a query is answered, refused or stopped: " + status.ToString());
  Require(database.IsUnchanged(), "a query changes nothing");
  Require(database.Query("SELECT count(*) FROM jobs").ok(), "the next query is answered");
}

}  // namespace minnow::fuzz
