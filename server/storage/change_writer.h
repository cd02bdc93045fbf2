// Writes a `Changes` as rows, within a transaction of the caller's.
#ifndef MINNOW_SERVER_STORAGE_CHANGE_WRITER_H_
#define MINNOW_SERVER_STORAGE_CHANGE_WRITER_H_

#include <SQLiteCpp/Statement.h>

#include <string>

#include "server/core/store.h"

namespace SQLite {
class Database;
}

namespace minnow::storage {

// Keeps its statements prepared: preparing one anew for each row costs a fifth of the throughput. Every method throws
// SQLite::Exception.
class ChangeWriter {
 public:
  explicit ChangeWriter(SQLite::Database& database);

  // In the order of the struct, which is the order that foreign keys ask for.
  void Write(const core::Changes& changes);

 private:
  // What one commit adds to the row of a worker.
  struct Reported {
    int64_t trials = 0;
    int64_t epochs = 0;
    double train_seconds = 0;
    absl::Time first = absl::InfiniteFuture();
    absl::Time last = absl::InfinitePast();
  };

  void WriteDataset(const core::DatasetRecord& dataset);
  void WriteJob(const JobRecord& job);
  void WriteEntry(int64_t job, const core::Entry& entry);
  void WriteTrials(const core::Changes& changes);
  bool WriteTrial(const TrialRecord& trial, bool counts);  // false when it was there already
  void WriteShape(int64_t job, const core::ShapeRecord& shape);
  void WriteLook(const LookRecord& look);
  void WriteLease(const core::LeaseRecord& lease);
  void WriteWorker(const core::WorkerRecord& worker);
  void WriteRequest(const core::RequestRecord& request);

  SQLite::Database& database_;
  SQLite::Statement dataset_;
  SQLite::Statement whole_dataset_;
  SQLite::Statement is_chunk_;
  SQLite::Statement chunk_;
  SQLite::Statement job_;
  SQLite::Statement preparation_;
  SQLite::Statement update_entry_;
  SQLite::Statement entry_;
  SQLite::Statement trial_;
  SQLite::Statement score_;
  SQLite::Statement model_;
  SQLite::Statement register_worker_;
  SQLite::Statement add_to_worker_;
  SQLite::Statement evidence_;
  SQLite::Statement shape_;
  SQLite::Statement look_;
  SQLite::Statement lease_;
  SQLite::Statement delete_lease_;
  SQLite::Statement request_;
  SQLite::Statement delete_request_;
  SQLite::Statement drop_reference_models_;
  SQLite::Statement event_;
};

}  // namespace minnow::storage

#endif  // MINNOW_SERVER_STORAGE_CHANGE_WRITER_H_
