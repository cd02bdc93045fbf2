#include "worker/dataset_cache.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <new>
#include <set>
#include <thread>
#include <vector>

#include "common/sha256.h"
#include "tests/worker/fake_coordinator.h"
#include "tests/worker/temporary_folder.h"

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
    return [this](const std::string& sha256, const DatasetSink& sink) {
      std::lock_guard lock(mutex_);
      ++fetched_[sha256];
      return sink(0, bytes_.at(sha256));
    };
  }
  int fetched(const std::string& name) { return fetched_[name]; }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> bytes_;
  std::map<std::string, int> fetched_;
};

// The inode of the file whose mapping holds the address, or 0.
unsigned long InodeOf(const void* address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    uintptr_t begin = 0;
    uintptr_t end = 0;
    unsigned long inode = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx %*s %*s %*s %lu", &begin, &end, &inode) != 3) continue;
    const auto at = reinterpret_cast<uintptr_t>(address);
    if (begin <= at && at < end) return inode;
  }
  return 0;
}

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

TEST(DatasetCache, AFetchThatThrowsIsTriedAgain) {
  bool throws = true;
  DatasetCache cache([&](const std::string&, const DatasetSink& sink) -> absl::Status {
    if (throws) throw std::bad_alloc();
    return sink(0, Training(1));
  });
  const std::string name = Sha256Hex(Training(1));
  EXPECT_EQ(cache.Training(name).status().code(), absl::StatusCode::kResourceExhausted);
  throws = false;
  EXPECT_TRUE(cache.Training(name).ok());
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
  DatasetCache cache([&, fetch = source.fetch()](const std::string& sha256, const DatasetSink& sink) {
    if (sha256 == slow) {
      begun.set_value();  // a second fetch would throw here
      go_on.get_future().wait();
    }
    return fetch(sha256, sink);
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
  const TemporaryFolder folder;
  Source source;
  const std::string name = source.Store(Training(1));
  ASSERT_TRUE(DatasetCache(source.fetch(), folder.path()).Training(name).ok());
  EXPECT_EQ(folder.files(), std::vector<std::string>{name + ".data"});
  ASSERT_TRUE(DatasetCache(source.fetch(), folder.path()).Training(name).ok());
  EXPECT_EQ(source.fetched(name), 1);
}

TEST(DatasetCache, AfterAStopNothingIsHashedAndNoFileIsTakenForDamaged) {
  const TemporaryFolder folder;
  Source source;
  const std::string name = source.Store(Training(1));
  DatasetCache kept(source.fetch(), folder.path());
  ASSERT_TRUE(kept.Training(name).ok());
  DatasetCache with_a_file(source.fetch(), folder.path());
  with_a_file.Stop();
  EXPECT_TRUE(absl::IsCancelled(with_a_file.Training(name).status()));
  EXPECT_EQ(folder.files(), std::vector<std::string>{name + ".data"});
  DatasetCache* stopped = nullptr;
  DatasetCache without_a_file([&](const std::string& sha256, const DatasetSink& sink) {
    stopped->Stop();
    return source.fetch()(sha256, sink);
  });
  stopped = &without_a_file;
  EXPECT_TRUE(absl::IsCancelled(without_a_file.Training(name).status()));
}

TEST(DatasetCache, AFileThatIsDamagedIsFetchedAgainAndReplaced) {
  const TemporaryFolder folder;
  Source source;
  const std::string name = source.Store(Training(1));
  folder.Write(name + ".data", "half of a f");
  ASSERT_TRUE(DatasetCache(source.fetch(), folder.path()).Training(name).ok());
  EXPECT_EQ(source.fetched(name), 1);
  EXPECT_EQ(Sha256Hex(folder.Read(name + ".data")), name);
}

TEST(DatasetCache, ADataSetThatBreaksOffIsTakenFromItsBeginning) {
  const std::string bytes = Training(1);
  DatasetCache cache([&bytes](const std::string&, const DatasetSink& sink) {
    if (absl::Status taken = sink(0, "what came before the connection was lost"); !taken.ok()) return taken;
    if (absl::Status taken = sink(0, bytes.substr(0, 100)); !taken.ok()) return taken;
    return sink(100, bytes.substr(100));
  });
  EXPECT_TRUE(cache.Training(Sha256Hex(bytes)).ok());
}

TEST(DatasetCache, BytesThatAreNotWhatTheirNameSaysAreNotKept) {
  const TemporaryFolder folder;
  Source source;
  const std::string name = source.Store(Training(1));
  source.Replace(name, Training(2));
  EXPECT_FALSE(DatasetCache(source.fetch(), folder.path()).Training(name).ok());
  EXPECT_TRUE(folder.files().empty());
}

// As two processes of one machine that start together: nobody knows of the other before both have fetched.
TEST(DatasetCache, WorkersThatFetchAtTheSameTimeShareOneFile) {
  const TemporaryFolder folder;
  Source source;
  const std::string name = source.Store(Training(1));
  std::shared_ptr<const data::TrainingData> of_other;
  DatasetCache cache(
      [&, fetch = source.fetch()](const std::string& sha256, const DatasetSink& sink) {
        of_other = DatasetCache(source.fetch(), folder.path()).Training(name).value();
        return fetch(sha256, sink);
      },
      folder.path());
  const auto data = cache.Training(name).value();
  EXPECT_EQ(source.fetched(name), 2);
  EXPECT_EQ(folder.files(), std::vector<std::string>{name + ".data"});
  EXPECT_NE(InodeOf(data->train.x.data()), 0u);
  EXPECT_EQ(InodeOf(data->train.x.data()), InodeOf(of_other->train.x.data()));
}

TEST(DatasetCache, WhatIsInUseOutlivesItsFile) {
  const TemporaryFolder folder;
  Source source;
  const std::string name = source.Store(Training(1));
  ASSERT_TRUE(DatasetCache(source.fetch(), folder.path()).Training(name).ok());
  const auto data = DatasetCache(source.fetch(), folder.path()).Training(name).value();
  folder.Remove(name + ".data");
  EXPECT_EQ(data->train.x[1], 1);
  EXPECT_EQ(source.fetched(name), 1);
}

// Data sets of which the folder holds two.
class SmallFolder : public testing::Test {
 protected:
  SmallFolder() {
    for (int i = 0; i < 4; ++i) names_.push_back(source_.Store(Training(i)));
  }

  // As another start of a worker, which lets go of it at once.
  void Use(int i) { ASSERT_TRUE(Start()->Training(names_[i]).ok()); }
  std::unique_ptr<DatasetCache> Start() {
    const auto two = static_cast<int64_t>(2 * Training(0).size());
    return std::make_unique<DatasetCache>(source_.fetch(), folder_.path(), two);
  }
  std::set<std::string> Files(std::initializer_list<int> which) const {
    std::set<std::string> files;
    for (int i : which) files.insert(names_[i] + ".data");
    return files;
  }
  std::set<std::string> files() const {
    const std::vector<std::string> files = folder_.files();
    return {files.begin(), files.end()};
  }
  void Age(int i, int hours) const {
    const std::filesystem::path path = folder_.path() + "/" + names_[i] + ".data";
    std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) - std::chrono::hours(hours));
  }

  const TemporaryFolder folder_;
  Source source_;
  std::vector<std::string> names_;
};

TEST_F(SmallFolder, LosesWhatWasUsedLeastRecently) {
  Use(0);
  Use(1);
  Age(0, 2);
  Age(1, 1);
  Use(0);
  Use(2);
  EXPECT_EQ(files(), Files({0, 2}));
  EXPECT_EQ(source_.fetched(names_[0]), 1);
}

TEST_F(SmallFolder, KeepsWhatAnyWorkerHasInUse) {
  Use(0);
  const auto other = Start();
  const auto held = other->Training(names_[0]);
  Use(1);
  Age(0, 2);
  Age(1, 1);
  Use(2);
  EXPECT_EQ(files(), Files({0, 2}));
  const auto holds_new = Start();
  ASSERT_TRUE(holds_new->Training(names_[2]).ok());
  ASSERT_TRUE(holds_new->Training(names_[3]).ok());
  EXPECT_EQ(files(), Files({0, 2, 3})) << "all three are in use";
}

TEST_F(SmallFolder, LosesWhatAKilledWorkerLeftBehind) {
  folder_.Write(names_[3] + ".data.77.0", "half");
  folder_.Write(names_[2] + ".data.78.0", "still written");
  const std::filesystem::path left = folder_.path() + "/" + names_[3] + ".data.77.0";
  std::filesystem::last_write_time(left, std::filesystem::last_write_time(left) - std::chrono::hours(2));
  Use(0);
  std::set<std::string> expected = Files({0});
  expected.insert(names_[2] + ".data.78.0");
  EXPECT_EQ(files(), expected);
}

TEST(DatasetCache, ATestPartNeverReachesTheDisk) {
  const TemporaryFolder folder;
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
