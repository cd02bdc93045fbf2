// A real minnow-server on loopback, as the load generator sees it.
#ifndef MINNOW_BENCH_COORDINATOR_SERVER_PROCESS_H_
#define MINNOW_BENCH_COORDINATOR_SERVER_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace minnow::bench {

class ServerProcess {
 public:
  // Starts `program` on the database; returns when it serves. Unavailable when it ends without, with what it wrote in
  // `log`, which the next start continues. `listen` is where gRPC is served.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(const std::string& program, const std::string& database,
                                                              const std::string& log,
                                                              const std::string& listen = "127.0.0.1:0");
  ~ServerProcess();  // SIGKILL, and waits for the end
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  const std::string& address() const { return address_; }  // of gRPC
  double cpu_seconds() const;                              // spent so far, by the program and by the kernel for it
  int64_t resident_bytes() const;                          // memory, now

 private:
  ServerProcess(pid_t pid, std::string address) : pid_(pid), address_(std::move(address)) {}

  const pid_t pid_;
  const std::string address_;
};

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_COORDINATOR_SERVER_PROCESS_H_
