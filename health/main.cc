// The `minnow-health` executable: what containers ask whether a server serves. Whoever may connect may ask, without a
// token.
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "common/access/credentials.h"
#include "common/cli/command_line.h"
#include "common/cli/console.h"
#include "common/rpc/caller.h"
#include "common/rpc/channel.h"

namespace minnow {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(4);
constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
// The encoded HealthCheckResponse whose status is SERVING.
constexpr std::string_view kServing("\x08\x01", 2);

struct Flags {
  std::optional<std::string> server;
  access::CredentialFlags credentials;
};

absl::StatusOr<std::string> Ask(const rpc::Caller& caller);

ExitCode Fail(const absl::Status& error, ExitCode code) {
  std::cerr << "minnow-health: " << std::string(error.message()) << std::endl;
  return code;
}

ExitCode Main(const std::vector<std::string>& arguments) {
  Flags flags;
  CommandLine line("", "[flags]",
                   "Asks a Minnow server, as gRPC's health checks do, whether it serves. Exit code 0: it does.",
                   {"minnow-health", "minnow-health --server localhost:7077 --tls-ca ca.pem"}, "minnow-health");
  line.Value("server", "HOST:PORT", "where the server listens (default MINNOW_SERVER, else 127.0.0.1:7077)",
             &flags.server);
  access::DeclareCredentials(line, flags.credentials);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, std::cout);
  if (!parsed.ok()) return Fail(parsed.status(), ExitCode::kBadInput);
  if (!*parsed) return ExitCode::kDone;
  const char* environment = std::getenv("MINNOW_SERVER");
  const absl::StatusOr<rpc::Address> server =
      rpc::ParseAddress("server", flags.server.value_or(environment ? environment : rpc::kDefaultAddress));
  if (!server.ok()) return Fail(server.status(), ExitCode::kBadInput);
  const auto credentials = access::ReadCredentials(flags.credentials, access::CredentialsOfEnvironment());
  if (!credentials.ok()) return Fail(credentials.status(), ExitCode::kBadInput);
  const absl::StatusOr<std::string> answer = Ask(rpc::Caller(*server, *credentials));
  if (!answer.ok()) return Fail(answer.status(), ExitCode::kFailed);
  if (*answer != kServing) return Fail(absl::UnavailableError("the server does not serve"), ExitCode::kFailed);
  std::cout << "serving" << std::endl;
  return ExitCode::kDone;
}

// The encoded answer about the server as a whole.
absl::StatusOr<std::string> Ask(const rpc::Caller& caller) {
  grpc::GenericStub stub(caller.OpenChannel());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  grpc::CompletionQueue queue;
  const grpc::Slice everything("");  // no name of a service
  const auto call = stub.PrepareUnaryCall(&context, kCheck, grpc::ByteBuffer(&everything, 1), &queue);
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->StartCall();
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!status.ok()) return caller.StatusOf(status);
  grpc::Slice bytes;
  if (!answer.DumpToSingleSlice(&bytes).ok()) return absl::InternalError("the answer cannot be read");
  return std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
}

}  // namespace
}  // namespace minnow

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return static_cast<int>(minnow::Main(std::vector<std::string>(argv + 1, argv + argc)));
}
