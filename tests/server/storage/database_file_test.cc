#include "server/storage/database_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/storage/queries.h"
#include "server/storage/sqlite_store.h"
#include "tests/server/storage/sqlite_lock.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow::storage {
namespace {

class DatabaseFileTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::string path_ = folder_.File("minnow.db");
};

TEST_F(DatabaseFileTest, LookingAtAStoreDoesNotDropItsLocks) {
  const auto store = OpenSqliteStore(path_);
  ASSERT_TRUE((*store)->Load().ok());
  ASSERT_TRUE(SqliteLockSeenFromOutside(path_));
  EXPECT_TRUE(IsHeld(path_));
  EXPECT_TRUE(OpenResults(path_).ok());
  EXPECT_FALSE(OpenSqliteStore(path_).ok());
  EXPECT_TRUE(SqliteLockSeenFromOutside(path_));
}

TEST_F(DatabaseFileTest, ClosingAStoreDoesNotDropTheLocksOfAReader) {
  auto store = OpenSqliteStore(path_);
  const auto reader = OpenResults(path_);
  ASSERT_TRUE(reader.ok());
  store->reset();
  EXPECT_FALSE(IsHeld(path_));
  EXPECT_TRUE(SqliteLockSeenFromOutside(path_));
}

TEST_F(DatabaseFileTest, TwoPathsToOneFileAreOneFile) {
  const auto store = OpenSqliteStore(path_);
  std::filesystem::create_symlink(path_, folder_.File("link.db"));
  EXPECT_TRUE(IsHeld(folder_.File("link.db")));
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenSqliteStore(folder_.File("link.db")).status()));
}

TEST_F(DatabaseFileTest, OneHolderAtATime) {
  const auto first = DatabaseFile::Open(path_, /*create=*/true);
  auto second = DatabaseFile::Open(path_, /*create=*/true);
  EXPECT_TRUE((*first)->Hold());
  EXPECT_FALSE((*second)->Hold());
  second->reset();
  EXPECT_TRUE((*first)->IsHeld());
}

TEST_F(DatabaseFileTest, DoesNotMakeAFileUnlessAsked) {
  EXPECT_TRUE(absl::IsNotFound(DatabaseFile::Open(path_, /*create=*/false).status()));
  EXPECT_THAT(folder_.Names(), testing::IsEmpty());
}

}  // namespace
}  // namespace minnow::storage
