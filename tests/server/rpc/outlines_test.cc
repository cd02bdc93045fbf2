#include "server/rpc/outlines.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "common/data/dataset.h"
#include "tests/server/http/fake_results.h"

namespace minnow::rpc {
namespace {

// Data sets in memory, and how often one was read.
class Shelf : public http::FakeResults {
 public:
  void Put(const std::string& name, int rows) {
    data::Part part = {.inputs = 1, .x = std::vector<float>(rows), .targets = {.classes = 2}};
    part.targets.labels.resize(rows);
    datasets_[name] = data::EncodePart(part);
  }
  void Remove(const std::string& name) { datasets_.erase(name); }
  int reads() const { return reads_; }

  absl::StatusOr<int64_t> SizeOfDataset(const std::string& name) override {
    const auto found = datasets_.find(name);
    if (found == datasets_.end()) return absl::NotFoundError(name);
    return static_cast<int64_t>(found->second.size());
  }
  absl::StatusOr<DatasetPart> PartOfDataset(const std::string& name, int64_t offset) override {
    const std::string& bytes = datasets_.at(name);
    reads_ += offset == 0 ? 1 : 0;
    return DatasetPart{.size = static_cast<int64_t>(bytes.size()),
                       .bytes = bytes.substr(static_cast<size_t>(offset), 64)};
  }

 private:
  std::map<std::string, std::string> datasets_;
  int reads_ = 0;
};

TEST(Outlines, ADataSetIsReadOnceAndMustStillBeThere) {
  Shelf shelf;
  shelf.Put("a", 50);
  Outlines outlines;
  EXPECT_EQ((*outlines.Of(shelf, "a"))->rows, 50);
  EXPECT_EQ((*outlines.Of(shelf, "a"))->targets.labels.size(), 50u);
  EXPECT_EQ(shelf.reads(), 1);
  shelf.Remove("a");
  EXPECT_TRUE(absl::IsNotFound(outlines.Of(shelf, "a").status()));
}

TEST(Outlines, ThoseThatWereAskedForLastAreKept) {
  Shelf shelf;
  for (const char* name : {"a", "b", "c"}) shelf.Put(name, 1000);
  shelf.Put("large", 100'000);
  Outlines outlines(/*most_bytes=*/10'000);  // two of 1,000 rows
  for (const char* name : {"a", "b", "a", "c", "a"}) ASSERT_TRUE(outlines.Of(shelf, name).ok());
  EXPECT_EQ(shelf.reads(), 3);
  ASSERT_TRUE(outlines.Of(shelf, "b").ok());
  EXPECT_EQ(shelf.reads(), 4) << "c took its place";
  for (int i = 0; i < 2; ++i) EXPECT_EQ((*outlines.Of(shelf, "large"))->rows, 100'000);
  EXPECT_EQ(shelf.reads(), 6) << "too large to keep";
  ASSERT_TRUE(outlines.Of(shelf, "b").ok());
  EXPECT_EQ(shelf.reads(), 6) << "and it drove nothing out";
}

TEST(Outlines, NothingIsKeptOfWhatCannotBeRead) {
  Shelf shelf;
  shelf.Put("a", 50);
  Outlines outlines;
  class Damaged : public Shelf {
   public:
    absl::StatusOr<DatasetPart> PartOfDataset(const std::string&, int64_t offset) override {
      return DatasetPart{.size = 10, .bytes = offset == 0 ? "0123456789" : ""};
    }
  } damaged;
  damaged.Put("a", 50);
  EXPECT_FALSE(outlines.Of(damaged, "a").ok());
  EXPECT_EQ((*outlines.Of(shelf, "a"))->rows, 50);
}

}  // namespace
}  // namespace minnow::rpc
