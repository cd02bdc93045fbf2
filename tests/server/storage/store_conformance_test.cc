// The real store, and the one that other tests use, keep the same promises.
#include "tests/server/storage/store_conformance.h"
#include "server/storage/sqlite_store.h"
#include "tests/server/storage/store_conformance_beside.h"
#include "tests/server/storage/store_conformance_refusals.h"
#include "tests/server/storage/store_conformance_rewind.h"
#include "tests/server/storage/temporary_folder.h"
#include "tests/support/memory_store.h"

namespace minnow::storage {
namespace {

class SqlitePlace : public StorePlace {
 public:
  std::unique_ptr<core::Store> Open() override {
    absl::StatusOr<std::unique_ptr<core::Store>> store = OpenSqliteStore(folder_.File("minnow.db"));
    EXPECT_TRUE(store.ok()) << store.status().message();
    return store.ok() ? *std::move(store) : nullptr;
  }

 private:
  TemporaryFolder folder_;
};

class MemoryPlace : public StorePlace {
 public:
  std::unique_ptr<core::Store> Open() override { return std::make_unique<core::MemoryStore>(&state_); }

 private:
  core::StoredState state_;
};

template <typename Place>
std::unique_ptr<StorePlace> NewPlace() {
  return std::make_unique<Place>();
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, testing::Values(&NewPlace<SqlitePlace>));
INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance, testing::Values(&NewPlace<MemoryPlace>));

}  // namespace
}  // namespace minnow::storage
