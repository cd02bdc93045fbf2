// Who gets in, over the network.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "common/access/token.h"
#include "common/data/dataset.h"
#include "common/rpc/caller.h"
#include "common/rpc/convert.h"
#include "common/sha256.h"
#include "server/access/token_list.h"
#include "server/rpc/services.h"
#include "tests/server/serving.h"

namespace minnow::server {
namespace {

using access::Role;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

const std::map<std::string, std::string> kTokens = {{"alice", "alice-alice-alice-1"},
                                                    {"bob", "bob-bob-bob-bob-bob"},
                                                    {"farm", "farm-farm-farm-farm"},
                                                    {"wall", "wall-wall-wall-wall"}};
constexpr char kTokenFile[] =
    "alice submit alice-alice-alice-1\nbob submit bob-bob-bob-bob-bob\nfarm work farm-farm-farm-farm\n"
    "wall read wall-wall-wall-wall\n";

class AdmissionTest : public testing::Test {
 protected:
  static void Introduce(grpc::ClientContext& context, const std::string& name) {
    if (!name.empty()) context.AddMetadata(access::kTokenHeader, access::kTokenScheme + kTokens.at(name));
  }

  // A call of any method by its full name, with an empty request; what it answers is read to its end.
  grpc::Status CallAs(const std::string& name, const std::string& method) {
    grpc::ClientContext context;
    Introduce(context, name);
    grpc::GenericStub stub(serving_.channel());
    grpc::CompletionQueue queue;
    const auto call = stub.PrepareCall(&context, method, &queue);
    void* tag = nullptr;
    bool ok = false;
    const auto wait = [&] { return queue.Next(&tag, &ok) && ok; };
    call->StartCall(nullptr);
    wait();
    const grpc::Slice nothing("");
    call->WriteLast(grpc::ByteBuffer(&nothing, 1), grpc::WriteOptions(), nullptr);
    wait();
    grpc::ByteBuffer answer;
    do {
      call->Read(&answer, nullptr);
    } while (wait());
    grpc::Status status;
    call->Finish(&status, nullptr);
    wait();
    return status;
  }

  template <class Request, class Response>
  absl::StatusOr<Response> As(const std::string& name,
                              grpc::Status (v1::SearchService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                              Response*),
                              const Request& request) {
    grpc::ClientContext context;
    Introduce(context, name);
    Response response;
    const grpc::Status status = (serving_.people().*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status, serving_.address());
    return response;
  }

  grpc::Status Upload(const std::string& name, const std::string& bytes) {
    grpc::ClientContext context;
    Introduce(context, name);
    v1::Dataset dataset;
    const auto writer = serving_.people().UploadDataset(&context, &dataset);
    v1::UploadDatasetRequest message;
    message.set_name(rpc::DatasetName(Sha256Hex(bytes)));
    message.set_size(static_cast<int64_t>(bytes.size()));
    message.set_data(bytes);
    writer->Write(message);
    writer->WritesDone();
    return writer->Finish();
  }

  // A job on the toy data. Returns its name.
  std::string SubmitAs(const std::string& name, uint64_t seed) {
    const data::Prepared toy = ToyData();
    for (const std::string& bytes : {data::EncodeTrainingData(toy.training), data::EncodePart(toy.test)}) {
      EXPECT_TRUE(Upload(name, bytes).ok());
    }
    v1::SubmitJobRequest request = serving_.ToySubmit(seed);
    request.set_request_id(name + "-" + std::to_string(seed));
    const auto response = As(name, &v1::SearchService::Stub::SubmitJob, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->job().name() : "";
  }

  Serving serving_{Doors{.tls = {}, .tokens = kTokenFile}};
};

// The role that a method wants.
Role NeededFor(const std::string& service, const std::string& method) {
  static const std::set<std::string> kChanges = {"SubmitJob", "PauseJob",      "ResumeJob",    "CancelJob",
                                                 "DeleteJob", "UploadDataset", "ForgiveWorker"};
  if (service == "minnow.v1.WorkerService") return Role::kWork;
  return kChanges.contains(method) ? Role::kSubmit : Role::kRead;
}

TEST_F(AdmissionTest, EveryMethodWantsATokenOfItsRole) {
  const std::map<std::string, Role> roles = {{"alice", Role::kSubmit}, {"farm", Role::kWork}, {"wall", Role::kRead}};
  int methods = 0;
  for (const std::string service : {"minnow.v1.SearchService", "minnow.v1.WorkerService"}) {
    const auto* const described = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
    ASSERT_NE(described, nullptr);
    for (int i = 0; i < described->method_count(); ++i, ++methods) {
      const std::string& method = described->method(i)->name();
      const std::string path = "/" + service + "/" + method;
      EXPECT_EQ(CallAs("", path).error_code(), grpc::StatusCode::UNAUTHENTICATED) << path;
      for (const auto& [name, role] : roles) {
        const grpc::StatusCode code = CallAs(name, path).error_code();
        if (access::Includes(role, NeededFor(service, method))) {
          EXPECT_THAT(code, Not(AnyOf(grpc::StatusCode::UNAUTHENTICATED, grpc::StatusCode::PERMISSION_DENIED))) << path;
        } else {
          EXPECT_EQ(code, grpc::StatusCode::PERMISSION_DENIED) << path << " as " << name;
        }
      }
    }
  }
  EXPECT_GE(methods, 25);
}

TEST_F(AdmissionTest, OfTwoTokensNoneCounts) {
  grpc::ClientContext context;
  Introduce(context, "alice");
  Introduce(context, "bob");
  v1::ServerInfo info;
  EXPECT_EQ(serving_.people().GetServerInfo(&context, {}, &info).error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(AdmissionTest, HealthIsToldToEverybody) { EXPECT_TRUE(CallAs("", "/grpc.health.v1.Health/Check").ok()); }

TEST_F(AdmissionTest, AJobIsItsOwners) {
  const std::string job = SubmitAs("alice", 1);
  v1::GetJobRequest get;
  get.set_name(job);
  EXPECT_EQ(As("wall", &v1::SearchService::Stub::GetJob, get)->owner(), "alice");
  v1::CancelJobRequest cancel;
  cancel.set_name(job);
  cancel.set_request_id("c1");
  const absl::Status refused = As("bob", &v1::SearchService::Stub::CancelJob, cancel).status();
  EXPECT_TRUE(absl::IsPermissionDenied(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr(job + " belongs to alice, and your token is that of bob"));
  EXPECT_NE(SubmitAs("bob", 1), job) << "the same question of another owner is another job";
  EXPECT_EQ(As("alice", &v1::SearchService::Stub::CancelJob, cancel)->state(), v1::Job::CANCELLED);
}

TEST_F(AdmissionTest, AJobIsItsOwnersAfterARestart) {
  const std::string job = SubmitAs("alice", 1);
  serving_.Restart();
  v1::DeleteJobRequest remove;
  remove.set_name(job);
  remove.set_request_id("d1");
  EXPECT_TRUE(absl::IsPermissionDenied(As("bob", &v1::SearchService::Stub::DeleteJob, remove).status()));
  EXPECT_TRUE(As("alice", &v1::SearchService::Stub::DeleteJob, remove).ok());
}

TEST_F(AdmissionTest, TokensChangeWithTheirFile) {
  EXPECT_TRUE(As("wall", &v1::SearchService::Stub::GetServerInfo, v1::GetServerInfoRequest()).ok());
  serving_.WriteTokens("alice submit alice-alice-alice-1\n");
  serving_.MoveClock(absl::Seconds(2));
  const absl::Status status = As("wall", &v1::SearchService::Stub::GetServerInfo, v1::GetServerInfoRequest()).status();
  EXPECT_TRUE(absl::IsUnauthenticated(status));
  EXPECT_TRUE(As("alice", &v1::SearchService::Stub::GetServerInfo, v1::GetServerInfoRequest()).ok());
}

TEST_F(AdmissionTest, ACallerReadsItsTokenAnewForEachCall) {
  const std::string file = serving_.folder().File("token");
  const auto write = [&](const std::string& token) {
    storage::WriteBytes(file, token);
    std::filesystem::permissions(file, std::filesystem::perms(0600));
  };
  rpc::Caller caller(serving_.address(), {.token_file = file});
  const auto call = [&] {
    grpc::ClientContext context;
    caller.Introduce(context);
    v1::ServerInfo info;
    return caller.StatusOf(serving_.people().GetServerInfo(&context, {}, &info));
  };
  write("unknown-unknown-unknown");
  EXPECT_TRUE(absl::IsUnauthenticated(call()));
  write(kTokens.at("alice"));
  EXPECT_TRUE(call().ok());
  write("broken");
  EXPECT_TRUE(call().ok()) << "the last good one is used";
}

TEST_F(AdmissionTest, AnOwnerHasSoManyUploadsUnderWay) {
  struct Open {
    grpc::ClientContext context;
    v1::Dataset dataset;
    std::unique_ptr<grpc::ClientWriter<v1::UploadDatasetRequest>> writer;
  };
  const std::string bytes = data::EncodePart(ToyData().test);
  v1::UploadDatasetRequest first;
  first.set_name(rpc::DatasetName(Sha256Hex(bytes)));
  first.set_size(static_cast<int64_t>(bytes.size()));
  std::vector<std::unique_ptr<Open>> open;
  for (int i = 0; i < rpc::kMaxUploadsOfAnOwner; ++i) {
    open.push_back(std::make_unique<Open>());
    Introduce(open.back()->context, "alice");
    open.back()->writer = serving_.people().UploadDataset(&open.back()->context, &open.back()->dataset);
    ASSERT_TRUE(open.back()->writer->Write(first));
  }
  // Until the server has heard of both.
  grpc::Status status = Upload("alice", "no data set");
  while (status.error_code() == grpc::StatusCode::INVALID_ARGUMENT) status = Upload("alice", "no data set");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("2 data sets of alice are on their way already"));
  EXPECT_TRUE(Upload("bob", bytes).ok());
  for (const auto& call : open) call->context.TryCancel();
  for (const auto& call : open) call->writer->Finish();
}

}  // namespace
}  // namespace minnow::server
