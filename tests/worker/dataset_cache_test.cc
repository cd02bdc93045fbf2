#include "worker/dataset_cache.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <thread>
#include <vector>

#include "common/sha256.h"
#include "tests/worker/fake_coordinator.h"

namespace minnow::worker {
namespace {

// Training data of this variant, encoded.
std::string Training(int variant) { return data::EncodeTrainingData(SmallData(variant)); }

// Where data sets come from, and how often they were asked for.
class Source {
 public:
  std::string Store(const std::string& bytes) {
    const std::string name = Sha256Hex(bytes);
    bytes_[name] = bytes;
    return name;
  }
  void Replace(const std::string& name, const std::string& bytes) { bytes_[name] = bytes; }

  DatasetCache::Fetch fetch() {
    return [this](const std::string& sha256) -> absl::StatusOr<std::string> {
      std::lock_guard lock(mutex_);
      ++fetched_[sha256];
      return bytes_.at(sha256);
    };
  }
  int fetched(const std::string& name) { return fetched_[name]; }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> bytes_;
  std::map<std::string, int> fetched_;
};

// An empty folder that goes away with the test.
class Folder {
 public:
  Folder() : path_(testing::TempDir() + "/minnow_cache_" + std::to_string(getpid())) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directory(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }

  std::string path() const { return path_; }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) names.push_back(entry.path().filename());
    return names;
  }

 private:
  std::string path_;
};

TEST(DatasetCache, FetchesADataSetOnce) {
  Source source;
  const std::string name = source.Store(Training(1));
  DatasetCache cache(source.fetch());
  const auto first = cache.Training(name);
  const auto second = cache.Training(name);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->get(), second->get());
  EXPECT_EQ((*first)->train.x[1], 1);
  EXPECT_EQ(source.fetched(name), 1);
}

TEST(DatasetCache, DropsTheDataSetThatWasNotUsedForLongest) {
  Source source;
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(kMaxCachedDatasets); ++i) names.push_back(source.Store(Training(i)));
  DatasetCache cache(source.fetch());
  for (size_t i = 0; i < kMaxCachedDatasets; ++i) ASSERT_TRUE(cache.Training(names[i]).ok());
  const auto held = cache.Training(names[1]).value();
  ASSERT_TRUE(cache.Training(names[0]).ok());
  ASSERT_TRUE(cache.Training(names.back()).ok());  // one too many: names[2] goes
  for (const std::string& name : {names[0], names[1], names.back()}) ASSERT_TRUE(cache.Training(name).ok());
  EXPECT_EQ(source.fetched(names[0]), 1);
  EXPECT_EQ(source.fetched(names[1]), 1);
  ASSERT_TRUE(cache.Training(names[2]).ok());
  EXPECT_EQ(source.fetched(names[2]), 2);
  EXPECT_EQ(held->train.x[1], 1);  // in use, so alive
}

TEST(DatasetCache, RefusesBytesThatAreNotWhatTheirNameSays) {
  Source source;
  const std::string name = source.Store(Training(1));
  source.Replace(name, Training(2));
  DatasetCache cache(source.fetch());
  EXPECT_EQ(cache.Training(name).status().code(), absl::StatusCode::kDataLoss);
  source.Replace(name, Training(1));
  EXPECT_TRUE(cache.Training(name).ok());
}

TEST(DatasetCache, ThreadsThatWantTheSameFetchItOnceAndOthersDoNotWait) {
  Source source;
  const std::string slow = source.Store(Training(1));
  const std::string quick = source.Store(Training(2));
  std::promise<void> begun;
  std::promise<void> go_on;
  DatasetCache cache([&, fetch = source.fetch()](const std::string& sha256) {
    if (sha256 == slow) {
      begun.set_value();  // a second fetch would throw here
      go_on.get_future().wait();
    }
    return fetch(sha256);
  });
  std::thread first([&] { EXPECT_TRUE(cache.Training(slow).ok()); });
  begun.get_future().wait();
  std::thread second([&] { EXPECT_TRUE(cache.Training(slow).ok()); });
  EXPECT_TRUE(cache.Training(quick).ok());
  go_on.set_value();
  first.join();
  second.join();
  EXPECT_EQ(source.fetched(slow), 1);
}

TEST(DatasetCache, AFolderKeepsTrainingDataForTheNextStart) {
  const Folder folder;
  Source source;
  const std::string name = source.Store(Training(1));
  ASSERT_TRUE(DatasetCache(source.fetch(), folder.path()).Training(name).ok());
  EXPECT_EQ(folder.files(), std::vector<std::string>{name + ".data"});
  ASSERT_TRUE(DatasetCache(source.fetch(), folder.path()).Training(name).ok());
  EXPECT_EQ(source.fetched(name), 1);
}

TEST(DatasetCache, AFileThatIsDamagedIsFetchedAgainAndReplaced) {
  const Folder folder;
  Source source;
  const std::string name = source.Store(Training(1));
  const std::string file = folder.path() + "/" + name + ".data";
  std::ofstream(file) << "half of a f";
  ASSERT_TRUE(DatasetCache(source.fetch(), folder.path()).Training(name).ok());
  EXPECT_EQ(source.fetched(name), 1);
  std::ifstream mended(file, std::ios::binary);
  EXPECT_EQ(Sha256Hex(std::string(std::istreambuf_iterator<char>(mended), {})), name);
}

TEST(DatasetCache, ATestPartNeverReachesTheDisk) {
  const Folder folder;
  Source source;
  const std::string name = source.Store(data::EncodePart(SmallData().validation));
  ASSERT_TRUE(DatasetCache(source.fetch(), folder.path()).Test(name).ok());
  EXPECT_TRUE(folder.files().empty());
}

TEST(DatasetCache, AFolderThatCannotBeWrittenCostsOnlyTheNextFetch) {
  Source source;
  const std::string name = source.Store(Training(1));
  EXPECT_TRUE(DatasetCache(source.fetch(), "/proc/none").Training(name).ok());
}

}  // namespace
}  // namespace minnow::worker
