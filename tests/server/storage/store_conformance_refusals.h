// What every store refuses: rows that refer to nothing, and rows that are there already. A commit with one of them
// changes nothing at all. Included after, and as, store_conformance.h.
#ifndef MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_REFUSALS_H_
#define MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_REFUSALS_H_

#include <vector>

#include "tests/server/storage/store_conformance.h"

namespace minnow::storage {

// One row that a store that holds EverythingOf(1) must not take.
struct Refused {
  const char* what;
  core::Changes changes;
};

inline std::vector<Refused> RefusedChanges() {
  constexpr int64_t kNobody = 77;
  const absl::Time time = absl::FromUnixSeconds(1'700'000'000);
  const LookRecord look = EverythingOf(1).looks[0];
  std::vector<Refused> refused(11);
  refused[0].what = "a job whose data set is not stored";
  refused[0].changes.jobs = {SmallJob(2)};
  refused[0].changes.jobs[0].data_sha256 = "never uploaded";
  refused[1].what = "a job whose test part is not stored";
  refused[1].changes.jobs = {SmallJob(2)};
  refused[1].changes.jobs[0].test_sha256 = "never uploaded";
  refused[2].what = "a split of a job that is not there";
  refused[2].changes.jobs = {SmallJob(2)};
  refused[2].changes.jobs[0].parent = kNobody;
  refused[3].what = "an entry of no job";
  refused[3].changes.entries = {{kNobody, BundleEntry(0, 1, 3)}};
  refused[4].what = "a preparation of no job";
  refused[4].changes.preparations = {{kNobody, "{}"}};
  refused[5].what = "a second preparation of a job";
  refused[5].changes.preparations = {{1, "{}"}};
  refused[6].what = "a shape of no job";
  refused[6].changes.shapes = {{kNobody, {.number = 0, .shape = SmallShape({2})}}};
  refused[7].what = "a look at a trial that was never stored";
  refused[7].changes.looks = {look};
  refused[7].changes.looks[0].look = 2;
  refused[7].changes.looks[0].marker.trial = 3;
  refused[8].what = "a lease of no job";
  refused[8].changes.leases = {{9, kNobody, 0, 0, 1, "ant", time}};
  refused[9].what = "an event of no job";
  refused[9].changes.events = {{kNobody, time, "submitted", "1 shape"}};
  refused[10].what = "a look that was taken already";
  refused[10].changes.looks = {look};
  return refused;
}

TEST_P(StoreConformance, RefusesRowsThatReferToNothing) {
  Commit(EverythingOf(1));
  const std::string before = TextOf(Load());
  for (Refused& refused : RefusedChanges()) {
    refused.changes.trials.push_back(FinishedTrial(1, 2, 0));  // which alone would be taken
    EXPECT_TRUE(absl::IsUnavailable(store_->Commit(refused.changes))) << refused.what;
    EXPECT_EQ(TextOf(Load()), before) << refused.what;
    Reopen();
    EXPECT_EQ(TextOf(Load()), before) << refused.what << ", after a restart";
  }
  core::Changes good;
  good.trials = {FinishedTrial(1, 2, 0)};
  Commit(good);
  EXPECT_EQ(Load().jobs.at(0).outcomes.size(), 2u) << "what was refused is not in the way";
}

TEST_P(StoreConformance, LoadsTheSameAgainAndAgain) {
  Commit(EverythingOf(1));
  const std::string once = TextOf(Load());
  EXPECT_EQ(TextOf(Load()), once);
  Reopen();
  EXPECT_EQ(TextOf(Load()), once);
  Reopen();
  EXPECT_EQ(TextOf(Load()), once) << "opening a store changes nothing";
}

TEST_P(StoreConformance, AFailureOfTheReceiverEndsTheReadingOfADataSet) {
  Commit(EverythingOf(1));
  const absl::Status status = store_->Dataset(SmallJob(1).data_sha256,
                                              [](int64_t, std::string_view) { return absl::CancelledError("enough"); });
  EXPECT_TRUE(absl::IsCancelled(status));
  EXPECT_TRUE(Dataset(SmallJob(1).data_sha256).ok());
}

}  // namespace minnow::storage

#endif  // MINNOW_TESTS_SERVER_STORAGE_STORE_CONFORMANCE_REFUSALS_H_
