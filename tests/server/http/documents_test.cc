#include "server/http/documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/server/http/fake_results.h"

namespace minnow::http {
namespace {

using testing::HasSubstr;

constexpr absl::Duration kLong = absl::Minutes(10);       // nobody waits so long in a test that passes
constexpr absl::Duration kShort = absl::Milliseconds(1);  // for what never comes

class DocumentsTest : public testing::Test {
 protected:
  Documents New(absl::Duration patience) {
    return Documents([] { return std::make_unique<FakeResults>(); }, [this] { return absl::FromUnixSeconds(now_); },
                     patience);
  }

  // Counts how often it is made; each takes `seconds`.
  Documents::Make Counting(int64_t seconds = 0) {
    return [this, seconds](Results&, const std::function<bool()>&) -> absl::StatusOr<Json> {
      now_ += seconds;
      return Json{{"made", ++made_}};
    };
  }

  // Makes one only when it may go on, or is cancelled.
  Documents::Make Hanging() {
    return [this](Results&, const std::function<bool()>& cancelled) -> absl::StatusOr<Json> {
      while (!go_on_ && !cancelled()) std::this_thread::yield();
      return Json{{"made", ++made_}};
    };
  }

  static std::string Body(const Documents::Made& made) {
    return made.ok() ? (*made)->body : std::string(made.status().message());
  }

  std::atomic<int64_t> now_ = 1000;
  std::atomic<int> made_ = 0;
  std::atomic<bool> go_on_ = false;
};

TEST_F(DocumentsTest, ReadsAgainWhenWhatItHasIsASecondOld) {
  Documents documents = New(kLong);
  EXPECT_EQ(Body(documents.Get("a", Counting())), R"({"made":1})");
  EXPECT_EQ(Body(documents.Get("a", Counting())), R"({"made":1})");
  now_ += 1;
  EXPECT_EQ(Body(documents.Get("a", Counting())), R"({"made":2})");
}

TEST_F(DocumentsTest, RestsTenTimesAsLongAsItRead) {
  Documents documents = New(kLong);
  EXPECT_EQ(Body(documents.Get("a", Counting(/*seconds=*/3))), R"({"made":1})");
  now_ += 29;
  EXPECT_EQ(Body(documents.Get("a", Counting(3))), R"({"made":1})");
  now_ += 1;
  EXPECT_EQ(Body(documents.Get("a", Counting(3))), R"({"made":2})");
}

TEST_F(DocumentsTest, AllWhoAskGetTheSameReading) {
  Documents documents = New(kLong);
  std::vector<std::future<std::string>> askers;
  for (int asker = 0; asker < 8; ++asker) {
    askers.push_back(std::async(std::launch::async, [&] { return Body(documents.Get("a", Hanging())); }));
  }
  go_on_ = true;
  for (std::future<std::string>& asker : askers) EXPECT_EQ(asker.get(), R"({"made":1})");
  EXPECT_EQ(Body(documents.Get("b", Counting())), R"({"made":2})") << "nothing was read in between";
}

TEST_F(DocumentsTest, ATagChangesWithWhatIsSaid) {
  Documents documents = New(kLong);
  const auto first = documents.Get("a", Counting());
  now_ += 1;
  const auto second = documents.Get("a", Counting());
  made_ = 0;
  now_ += 1;
  const auto third = documents.Get("a", Counting());
  EXPECT_NE((*first)->tag, (*second)->tag);
  EXPECT_EQ((*first)->tag, (*third)->tag);
}

TEST_F(DocumentsTest, SaysWhatItHadWhenTheDatabaseHangs) {
  Documents documents = New(kShort);
  go_on_ = true;
  while (!documents.Get("a", Hanging()).ok()) now_ += 1;
  const int before = made_;
  go_on_ = false;
  now_ += 3600;
  EXPECT_EQ(Body(documents.Get("a", Hanging())), "{\"made\":" + std::to_string(before) + "}");
}

TEST_F(DocumentsTest, SaysThatNothingComes) {
  Documents documents = New(kShort);
  const auto made = documents.Get("a", Hanging());
  EXPECT_TRUE(absl::IsUnavailable(made.status()));
  EXPECT_THAT(Body(made), HasSubstr("did not answer in time"));
}

TEST_F(DocumentsTest, EndsThoseWhoWaitWhenItStops) {
  Documents documents = New(kLong);
  auto asker = std::async(std::launch::async, [&] { return documents.Get("a", Hanging()).status(); });
  documents.Stop();
  EXPECT_TRUE(absl::IsUnavailable(asker.get()));
}

TEST_F(DocumentsTest, KeepsOnlySoMany) {
  Documents documents = New(kLong);
  EXPECT_EQ(Body(documents.Get("a", Counting())), R"({"made":1})");
  for (int other = 0; other < kMaxDocuments; ++other) {
    now_ += 1;
    EXPECT_TRUE(documents.Get(std::to_string(other), Counting()).ok());
  }
  EXPECT_EQ(Body(documents.Get("a", Counting())), "{\"made\":" + std::to_string(kMaxDocuments + 2) + "}");
}

TEST_F(DocumentsTest, RefusesMoreThanItCanKeepWhileAllAreWaitedFor) {
  Documents documents = New(kShort);
  for (int other = 0; other < kMaxDocuments; ++other) documents.Get(std::to_string(other), Hanging()).IgnoreError();
  EXPECT_THAT(Body(documents.Get("a", Hanging())), HasSubstr("too many different pages"));
}

TEST_F(DocumentsTest, TellsWhyThereIsNone) {
  Documents documents = New(kLong);
  const auto made = documents.Get("a", [](Results& results, const std::function<bool()>&) -> absl::StatusOr<Json> {
    return results.Job(7).status();
  });
  EXPECT_TRUE(absl::IsNotFound(made.status()));
  EXPECT_EQ(Body(made), "there is nothing here");
}

TEST_F(DocumentsTest, TriesAgainToOpenTheDatabase) {
  int opened = 0;
  Documents documents(
      [&opened]() -> absl::StatusOr<std::unique_ptr<Results>> {
        if (++opened == 1) return absl::UnavailableError("it is locked");
        return std::make_unique<FakeResults>();
      },
      [this] { return absl::FromUnixSeconds(now_); }, kLong);
  EXPECT_EQ(Body(documents.Get("a", Counting())), "it is locked");
  now_ += 1;
  EXPECT_EQ(Body(documents.Get("a", Counting())), R"({"made":1})");
}

}  // namespace
}  // namespace minnow::http
