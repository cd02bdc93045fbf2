// A server in this process with a real database, a store whose commits can be held or made to fail, and a clock that
// can be moved on.
#ifndef MINNOW_TESTS_SERVER_SERVING_H_
#define MINNOW_TESTS_SERVER_SERVING_H_

#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/access/tls_files.h"
#include "common/data/prepare.h"
#include "common/rpc/channel.h"
#include "common/work.h"
#include "minnow/v1/service.grpc.pb.h"
#include "server/server.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow::server {

// What happens to commits.
class CommitGate {
 public:
  // Commits wait from now on, until Open.
  void Close();
  void Open();
  // Waits until a commit waits.
  void AwaitCommit();
  // Commits fail with this from now on, and change nothing; Ok: no more.
  void Fail(absl::Status status);

  // What a commit does first.
  absl::Status Pass();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false;
  int waiting_ = 0;
  absl::Status failure_;
};

// Three classes in two inputs, from a table of 90 rows.
data::Prepared ToyData();

// A small space with a threshold, so that there is no reference phase.
JobSpec ToySpec(uint64_t seed);

// What keeps callers out.
struct Doors {
  access::TlsFiles tls;
  std::string tokens;  // the content of the file of tokens; empty: none
};

class Serving {
 public:
  explicit Serving(Doors doors = {});

  CommitGate& gate() { return gate_; }
  const storage::TemporaryFolder& folder() const { return folder_; }
  rpc::Address address() const { return server_->address(); }
  rpc::Address http_address() const { return server_->http_address(); }
  std::shared_ptr<grpc::Channel> channel() const { return channel_; }
  v1::SearchService::Stub& people() { return *people_; }
  v1::WorkerService::Stub& workers() { return *workers_; }

  // The server's clock is ahead of the real one by that much more.
  void MoveClock(absl::Duration by);
  void Stop() { server_.reset(); }
  void Restart();

  // The file of tokens gets this content, which is noticed when the clock moves on.
  void WriteTokens(const std::string& tokens) const;

  // One call.
  template <class Service, class Request, class Response>
  absl::StatusOr<Response> Call(Service& service,
                                grpc::Status (Service::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request) {
    grpc::ClientContext context;
    Response response;
    const grpc::Status status = (service.*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status, address_);
    return response;
  }

  // Sends `bytes` under `name` in parts of `part` bytes, announced as `size` bytes.
  absl::StatusOr<v1::Dataset> Upload(const std::string& name, int64_t size, const std::string& bytes,
                                     size_t part = 1000);
  // Both parts of the toy data.
  void UploadToyData();
  v1::SubmitJobRequest ToySubmit(uint64_t seed);
  // A new job on the toy data, which is uploaded first. Returns its name.
  std::string SubmitToy(uint64_t seed);
  // The state of a job, as a read of the database has it.
  v1::Job::State StateOf(const std::string& job);

  // A worker of this name is registered, in session "s".
  v1::WorkerId RegisterWorker(const std::string& name);
  absl::StatusOr<std::vector<Lease>> LeaseWork(const v1::WorkerId& worker, double seconds, absl::Duration patience);
  absl::StatusOr<v1::ReportWorkResponse> Report(const v1::WorkerId& worker, const std::vector<LeaseReport>& reports);

 private:
  std::string token_file() const { return folder_.File("tokens"); }

  storage::TemporaryFolder folder_;
  const Doors doors_;
  CommitGate gate_;
  std::atomic<int64_t> ahead_nanoseconds_ = 0;
  std::unique_ptr<Server> server_;
  rpc::Address address_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::SearchService::Stub> people_;
  std::unique_ptr<v1::WorkerService::Stub> workers_;
};

// What a worker would report: trials that all miss; outputs that are all right.
LeaseReport ToyReport(const Lease& lease);

// Whether an answer is there, without waiting for it.
template <class Value>
bool Ready(const std::future<Value>& answer) {
  return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

}  // namespace minnow::server

#endif  // MINNOW_TESTS_SERVER_SERVING_H_
