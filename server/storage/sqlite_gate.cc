#include "server/storage/sqlite_gate.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <limits>
#include <memory>
#include <string_view>

#include "common/text.h"

namespace minnow::storage {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kStepsBetweenClockReads = 4096;  // of SQLite's virtual machine: some 50 microseconds
constexpr int kMaxQueryBytes = 1'000'000;
// What one query may ask for at most: SQLite's own limits. A value has room for the
// weights of the largest network that a server takes. Pattern matching cannot be stopped in its middle, so patterns are
// short.
constexpr std::array<std::pair<int, int>, 4> kLimits = {{
    {SQLITE_LIMIT_LENGTH, 16 << 20},  // bytes of a value or a row
    {SQLITE_LIMIT_SQL_LENGTH, kMaxQueryBytes},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200},  // bytes
    {SQLITE_LIMIT_VDBE_OP, 1'000'000},        // instructions of the compiled query
}};

// SQLite's memory on this thread: a query of a few hundred bytes can ask for all there is while it is compiled, where
// no handler is called. All allocations of the process go through here; they are counted while a query runs.
constexpr int64_t kMaxQueryMemory = int64_t{128} << 20;
constexpr int64_t kUnbounded = std::numeric_limits<int64_t>::max();
thread_local int64_t memory_left = kUnbounded;
sqlite3_mem_methods system_memory = {};

bool TakeMemory(int64_t bytes) {
  if (memory_left == kUnbounded) return true;
  if (bytes > memory_left) return false;
  memory_left -= bytes;
  return true;
}

void* Allocate(int bytes) {
  const int64_t size = system_memory.xRoundup(bytes);
  return TakeMemory(size) ? system_memory.xMalloc(bytes) : nullptr;
}

void Release(void* memory) {
  if (memory_left != kUnbounded) memory_left += system_memory.xSize(memory);
  system_memory.xFree(memory);
}

void* Reallocate(void* memory, int bytes) {
  const int64_t more = int64_t{system_memory.xRoundup(bytes)} - system_memory.xSize(memory);
  return TakeMemory(more) ? system_memory.xRealloc(memory, bytes) : nullptr;
}

// Before anybody uses SQLite, which takes no other memory later. Its own count of the memory of the process, which
// nothing here asks for, would take a lock at each allocation.
const bool kMemoryIsCounted = [] {
  if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK) return false;
  if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &system_memory) != SQLITE_OK) return false;
  sqlite3_mem_methods counted = system_memory;
  counted.xMalloc = &Allocate;
  counted.xFree = &Release;
  counted.xRealloc = &Reallocate;
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &counted) == SQLITE_OK;
}();

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementPtr = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// Puts the guards in place for one query and takes them away after it.
class QueryGuard {
 public:
  QueryGuard(sqlite3* database, const QueryLimits& limits);
  ~QueryGuard();
  QueryGuard(const QueryGuard&) = delete;
  QueryGuard& operator=(const QueryGuard&) = delete;

  bool out_of_time() const { return out_of_time_; }
  bool cancelled() const { return cancelled_; }
  const std::string& refused() const { return refused_; }  // what the authorizer said no to

 private:
  static int Authorize(void* guard, int action, const char* first, const char* second, const char* schema,
                       const char* from);
  static int CheckTime(void* guard);

  sqlite3* database_;
  const QueryLimits& limits_;
  Clock::time_point deadline_;
  bool out_of_time_ = false;
  bool cancelled_ = false;
  std::string refused_;
  std::array<int, kLimits.size()> old_limits_;
};

bool FailedForRoom(sqlite3* database);
absl::Status Cancelled() { return absl::CancelledError("the query was cancelled"); }
absl::StatusOr<StatementPtr> PrepareOnly(sqlite3* database, const std::string& sql, const QueryGuard& guard);
absl::Status QueryError(sqlite3* database, const QueryGuard& guard, const QueryLimits& limits);
std::vector<std::string> ColumnNames(sqlite3_stmt* statement);
std::vector<SqlValue> RowValues(sqlite3_stmt* statement);

}  // namespace

absl::Status SqliteError(const SQLite::Exception& error, const SQLite::Database* database, const std::string& path) {
  const int code = error.getErrorCode() & 0xff;
  // A full disk reports itself as SQLITE_FULL; a quota and a limit on file size come as an I/O error.
  const bool no_room = code == SQLITE_IOERR && database != nullptr && FailedForRoom(database->getHandle());
  const std::string what = path + ": " + error.what();
  if (code == SQLITE_FULL || no_room) {
    return absl::ResourceExhaustedError("the disk is full: cannot write " + what + "; free some space");
  }
  switch (code) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(path + " is damaged (" + error.what() + "): go back to a backup of it");
    case SQLITE_INTERRUPT:
      return absl::ResourceExhaustedError(path + ": reading it took longer than it may");
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return absl::PermissionDeniedError("cannot write " + what);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(
          what + ": another program keeps it locked, perhaps a long `minnow query`; try again when that has ended");
    case SQLITE_IOERR:
      return absl::UnavailableError(what +
                                    ": the disk may be full or failing; free some space, or see the system's log");
    default:
      return absl::UnavailableError(what);
  }
}

void Harden(SQLite::Database& database) {
  sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

TimeLimit::TimeLimit(SQLite::Database& database, double seconds) : database_(database) {
  const auto deadline =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  is_over_ = [deadline] { return Clock::now() > deadline; };
  const auto check = [](void* is_over) { return (*static_cast<std::function<bool()>*>(is_over))() ? 1 : 0; };
  sqlite3_progress_handler(database.getHandle(), kStepsBetweenClockReads, check, &is_over_);
}

TimeLimit::~TimeLimit() { sqlite3_progress_handler(database_.getHandle(), 0, nullptr, nullptr); }

absl::Status RunReadOnly(SQLite::Database& database, const std::string& sql, const QueryLimits& limits,
                         const std::function<void(const std::vector<std::string>&)>& header,
                         const std::function<void(const std::vector<SqlValue>&)>& row) {
  sqlite3* const handle = database.getHandle();
  if (!kMemoryIsCounted) return absl::InternalError("SQLite was in use before its memory could be counted");
  const QueryGuard guard(handle, limits);
  absl::StatusOr<StatementPtr> statement = PrepareOnly(handle, sql, guard);
  if (!statement.ok()) return statement.status();
  header(ColumnNames(statement->get()));
  int64_t rows = 0;
  int result = sqlite3_step(statement->get());
  for (; result == SQLITE_ROW; result = sqlite3_step(statement->get())) {
    if (++rows > limits.max_rows) {
      return absl::ResourceExhaustedError("the query has more than " + std::to_string(limits.max_rows) +
                                          " rows; ask for fewer with WHERE or LIMIT");
    }
    row(RowValues(statement->get()));
    if (limits.cancelled()) return Cancelled();
  }
  return result == SQLITE_DONE ? absl::OkStatus() : QueryError(handle, guard, limits);
}

namespace {

// Whether the last system error on the database or its journal was for want of room. sqlite3_system_errno() is no use
// here: it is overwritten when the statement that failed is reset.
bool FailedForRoom(sqlite3* database) {
  if (database == nullptr) return false;  // moved from
  int on_database = 0;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_LAST_ERRNO, &on_database);
  int on_journal = 0;
  sqlite3_file* journal = nullptr;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
  if (journal != nullptr && journal->pMethods != nullptr) {
    journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &on_journal);
  }
  const auto is_room = [](int number) { return number == ENOSPC || number == EDQUOT || number == EFBIG; };
  return is_room(on_database) || is_room(on_journal);
}

QueryGuard::QueryGuard(sqlite3* database, const QueryLimits& limits)
    : database_(database),
      limits_(limits),
      deadline_(Clock::now() +
                std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(limits.max_seconds))) {
  for (size_t i = 0; i < kLimits.size(); ++i) {
    old_limits_[i] = sqlite3_limit(database, kLimits[i].first, kLimits[i].second);
  }
  memory_left = kMaxQueryMemory;
  sqlite3_set_authorizer(database, &Authorize, this);
  sqlite3_progress_handler(database, kStepsBetweenClockReads, &CheckTime, this);
}

QueryGuard::~QueryGuard() {
  sqlite3_progress_handler(database_, 0, nullptr, nullptr);
  sqlite3_set_authorizer(database_, nullptr, nullptr);
  for (size_t i = 0; i < kLimits.size(); ++i) sqlite3_limit(database_, kLimits[i].first, old_limits_[i]);
  memory_left = kUnbounded;
}

// Everything that is not plainly reading is refused, so that an action of a later SQLite is refused as well.
int QueryGuard::Authorize(void* guard, int action, const char* first, const char* second, const char*, const char*) {
  // Functions that reach beyond the database, wherever the SQLite library at hand has them; and those that may repeat a
  // character 2^31 times, some seconds in which nothing can stop them, as often as a query likes.
  constexpr std::array<std::string_view, 8> kForbidden = {"load_extension", "readfile",       "writefile", "edit",
                                                          "fsdir",          "fts3_tokenizer", "printf",    "format"};
  std::string& refused = static_cast<QueryGuard*>(guard)->refused_;
  switch (action) {
    case SQLITE_READ:
      // The pages of the file, with what was deleted and not yet overwritten.
      if (first != std::string_view("sqlite_dbpage")) return SQLITE_OK;
      refused = "the table sqlite_dbpage";
      return SQLITE_DENY;
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      if (std::find(kForbidden.begin(), kForbidden.end(), second) == kForbidden.end()) return SQLITE_OK;
      refused = "the function " + std::string(second) + "()";
      return SQLITE_DENY;
    case SQLITE_UPDATE:
      // What a table-valued function such as json_each() says when it is first used; SQLite itself refuses a real one.
      if (first == std::string_view("sqlite_master")) return SQLITE_OK;
      refused = "UPDATE";
      return SQLITE_DENY;
    case SQLITE_PRAGMA:
      refused = "PRAGMA " + std::string(first);
      return SQLITE_DENY;
    case SQLITE_ATTACH:
      refused = "ATTACH";
      return SQLITE_DENY;
    default:
      refused = "a statement that changes something";
      return SQLITE_DENY;
  }
}

int QueryGuard::CheckTime(void* guard) {
  QueryGuard* const self = static_cast<QueryGuard*>(guard);
  self->out_of_time_ = Clock::now() > self->deadline_;
  self->cancelled_ = self->limits_.cancelled();
  return self->out_of_time_ || self->cancelled_ ? 1 : 0;
}

// Compiles the one statement of `sql`. Empty statements and comments around it do not count.
absl::StatusOr<StatementPtr> PrepareOnly(sqlite3* database, const std::string& sql, const QueryGuard& guard) {
  if (sql.size() > kMaxQueryBytes) {
    return absl::InvalidArgumentError("the query is longer than " + std::to_string(kMaxQueryBytes) + " bytes");
  }
  if (sql.find('\0') != std::string::npos)
    return absl::InvalidArgumentError("the query has a zero byte in it; remove it");
  StatementPtr only;
  const char* rest = sql.c_str();
  while (*rest != '\0') {
    const char* const start = rest;
    sqlite3_stmt* raw = nullptr;
    const int result = sqlite3_prepare_v2(database, start, -1, &raw, &rest);
    StatementPtr statement(raw);
    if (only && (result != SQLITE_OK || statement)) {
      return absl::InvalidArgumentError("one statement at a time; a second one follows the first: " +
                                        std::string(start));
    }
    if (result != SQLITE_OK) return QueryError(database, guard, QueryLimits());
    if (statement) only = std::move(statement);
  }
  if (!only) return absl::InvalidArgumentError("the query is empty; try \"SELECT * FROM answers\"");
  if (!sqlite3_stmt_readonly(only.get())) {
    return absl::InvalidArgumentError("only reading is allowed (SELECT, WITH, VALUES); this statement writes");
  }
  return only;
}

absl::Status QueryError(sqlite3* database, const QueryGuard& guard, const QueryLimits& limits) {
  const std::string message = sqlite3_errmsg(database);
  if (guard.cancelled()) return Cancelled();
  if (guard.out_of_time()) {
    return absl::ResourceExhaustedError("the query was stopped after " + NumberText(limits.max_seconds) +
                                        " seconds; ask for less with WHERE or LIMIT");
  }
  if (!guard.refused().empty()) {
    return absl::InvalidArgumentError("only reading is allowed (SELECT, WITH, VALUES), not " + guard.refused() + ": " +
                                      message);
  }
  switch (sqlite3_errcode(database)) {
    case SQLITE_NOMEM:
      return absl::ResourceExhaustedError("the query needs more than " + std::to_string(kMaxQueryMemory >> 20) +
                                          " MiB of memory; ask for less with WHERE or LIMIT, or write it with fewer "
                                          "parts");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError("the database is damaged: " + message);
    case SQLITE_BUSY:
    case SQLITE_IOERR:
      return absl::UnavailableError(message);
    default:
      return absl::InvalidArgumentError(message);
  }
}

std::vector<std::string> ColumnNames(sqlite3_stmt* statement) {
  std::vector<std::string> names;
  for (int column = 0; column < sqlite3_column_count(statement); ++column) {
    names.emplace_back(sqlite3_column_name(statement, column));
  }
  return names;
}

std::string Hexadecimal(const unsigned char* bytes, int size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * static_cast<size_t>(size));
  for (int i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

SqlValue ValueOf(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement, column)));
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const unsigned char*>(sqlite3_column_blob(statement, column));
      return Hexadecimal(bytes, sqlite3_column_bytes(statement, column));
    }
    default:
      return std::monostate();
  }
}

std::vector<SqlValue> RowValues(sqlite3_stmt* statement) {
  std::vector<SqlValue> values;
  for (int column = 0; column < sqlite3_column_count(statement); ++column) values.push_back(ValueOf(statement, column));
  return values;
}

}  // namespace
}  // namespace minnow::storage
