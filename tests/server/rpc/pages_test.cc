#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/convert.h"
#include "common/sha256.h"
#include "server/rpc/pages.h"
#include "tests/server/serving.h"

namespace minnow::server {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using People = v1::SearchService::Stub;

// All rows of a list as bytes, page by page.
template <class Request, class Response, class RowsOf>
std::vector<std::string> Walk(Serving& serving,
                              grpc::Status (People::*method)(grpc::ClientContext*, const Request&, Response*),
                              Request request, int page_size, RowsOf rows_of) {
  std::vector<std::string> rows;
  request.set_page_size(page_size);
  do {
    const absl::StatusOr<Response> page = serving.Call(serving.people(), method, request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) break;
    EXPECT_LE(rows_of(*page).size(), page_size);
    for (const auto& row : rows_of(*page)) rows.push_back(row.SerializeAsString());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return rows;
}

TEST(Pages, OfJobsHaveEveryJobOnceWhateverIsDeletedMeanwhile) {
  Serving serving;
  for (uint64_t seed = 1; seed <= 5; ++seed) serving.SubmitToy(seed);
  std::vector<std::string> names;
  for (const std::string& bytes : Walk(
           serving, &People::ListJobs, v1::ListJobsRequest(), 2,
           [](const auto& page) -> const auto& { return page.jobs(); })) {
    v1::Job job;
    job.ParseFromString(bytes);
    names.push_back(job.name());
  }
  EXPECT_THAT(names, ElementsAre("jobs/1", "jobs/2", "jobs/3", "jobs/4", "jobs/5"));

  v1::ListJobsRequest request;
  request.set_page_size(2);
  request.set_page_token(serving.Call(serving.people(), &People::ListJobs, request).value().next_page_token());
  v1::DeleteJobRequest gone;
  gone.set_name("jobs/1");
  ASSERT_TRUE(serving.Call(serving.people(), &People::DeleteJob, gone).ok());
  EXPECT_EQ(serving.Call(serving.people(), &People::ListJobs, request).value().jobs(0).name(), "jobs/3");
}

// Whoever knows how tokens are made can make one; it must harm nobody.
TEST(Pages, ATokenThatSomebodyMadeUpShowsNoRowBeforeTheFirst) {
  Serving serving;
  v1::ListShapesRequest request;
  request.set_parent(serving.SubmitToy(1));
  request.set_page_size(1);
  const std::string token = serving.Call(serving.people(), &People::ListShapes, request).value().next_page_token();
  for (const char* list : {"shapes\n1", "events\n1", "trials\n1"}) {
    for (const char* position : {"-1", "-100000000", "9223372036854775807"}) {
      request.set_page_token(Sha256Hex(std::string(list) + "\n" + position).substr(0, 16) + position);
      const auto page = serving.Call(serving.people(), &People::ListShapes, request);
      EXPECT_TRUE(!page.ok() || page->shapes().empty()) << list << position;
    }
  }
  request.set_page_token(token);
  EXPECT_TRUE(serving.Call(serving.people(), &People::ListShapes, request).ok());
}

TEST(Pages, APlaceHasOneToken) {
  for (const char* position : {"17", "017", "-0"}) {
    rpc::Page<int64_t> page = {.list = "jobs"};
    const absl::Status status = rpc::ReadPage(0, rpc::PageToken("jobs", std::string(position)), {1, 1}, page);
    EXPECT_EQ(status.ok(), position == std::string("17")) << position;
  }
}

TEST(Pages, OfTrialsAndShapesAreTheListAtOnceInParts) {
  Serving serving;
  const std::string job = serving.SubmitToy(1);
  const v1::WorkerId worker = serving.RegisterWorker("w1");
  const std::vector<Lease> leases = serving.LeaseWork(worker, 100, absl::Seconds(5)).value();
  for (const Lease& lease : leases) {
    ASSERT_TRUE(serving.Report(worker, {ToyReport(lease)}).ok());
  }
  v1::ListTrialsRequest request;
  request.set_parent(job);
  request.set_all(true);
  const auto trials = [&](int page_size) {
    return Walk(
        serving, &People::ListTrials, request, page_size,
        [](const auto& page) -> const auto& { return page.trials(); });
  };
  ASSERT_GT(trials(1000).size(), 5u);
  EXPECT_EQ(trials(5), trials(1000));
  v1::ListShapesRequest shapes_request;
  shapes_request.set_parent(job);
  const auto shapes = [&](int page_size) {
    return Walk(
        serving, &People::ListShapes, shapes_request, page_size,
        [](const auto& page) -> const auto& { return page.shapes(); });
  };
  EXPECT_THAT(shapes(1000), SizeIs(4));
  EXPECT_EQ(shapes(3), shapes(1000));
  EXPECT_EQ(shapes(2), shapes(1000));
}

TEST(Pages, OfEventsAndWorkersAreTheListAtOnceInParts) {
  Serving serving;
  v1::ListEventsRequest request;
  request.set_parent(serving.SubmitToy(1));
  const auto events = [&](int page_size) {
    return Walk(
        serving, &People::ListEvents, request, page_size,
        [](const auto& page) -> const auto& { return page.events(); });
  };
  EXPECT_GE(events(1000).size(), 1u);
  EXPECT_EQ(events(1), events(1000));
  for (const char* name : {"w1", "w2", "w3", "w4", "w5"}) serving.RegisterWorker(name);
  const auto workers = [&](int page_size) {
    return Walk(
        serving, &People::ListWorkers, v1::ListWorkersRequest(), page_size,
        [](const auto& page) -> const auto& { return page.workers(); });
  };
  EXPECT_THAT(workers(1000), SizeIs(5));
  EXPECT_EQ(workers(2), workers(1000));
}

TEST(Pages, BelongToTheListThatGaveTheirToken) {
  Serving serving;
  for (uint64_t seed = 1; seed <= 3; ++seed) serving.SubmitToy(seed);
  v1::ListJobsRequest request;
  request.set_page_size(1);
  const std::string token = serving.Call(serving.people(), &People::ListJobs, request).value().next_page_token();
  request.set_page_token(token);
  EXPECT_TRUE(serving.Call(serving.people(), &People::ListJobs, request).ok());
  request.set_label("another list");
  EXPECT_EQ(serving.Call(serving.people(), &People::ListJobs, request).status().code(),
            absl::StatusCode::kInvalidArgument);
  v1::ListShapesRequest shapes;
  shapes.set_parent("jobs/1");
  shapes.set_page_token(token);
  EXPECT_EQ(serving.Call(serving.people(), &People::ListShapes, shapes).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Pages, OfJobsCanBeFilteredByStateAndLabel) {
  Serving serving;
  serving.UploadToyData();
  v1::SubmitJobRequest labelled = serving.ToySubmit(1);
  labelled.mutable_spec()->set_label("mine");
  ASSERT_TRUE(serving.Call(serving.people(), &People::SubmitJob, labelled).ok());
  ASSERT_TRUE(serving.Call(serving.people(), &People::SubmitJob, serving.ToySubmit(2)).ok());
  v1::PauseJobRequest pause;
  pause.set_name("jobs/2");
  ASSERT_TRUE(serving.Call(serving.people(), &People::PauseJob, pause).ok());
  v1::ListJobsRequest request;
  request.set_label("mine");
  EXPECT_EQ(serving.Call(serving.people(), &People::ListJobs, request).value().jobs_size(), 1);
  request.clear_label();
  request.set_state(v1::Job::PAUSED);
  EXPECT_EQ(serving.Call(serving.people(), &People::ListJobs, request).value().jobs(0).name(), "jobs/2");
}

}  // namespace
}  // namespace minnow::server
