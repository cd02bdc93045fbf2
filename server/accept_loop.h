// The connections of a server, accepted here rather than by gRPC: its listener ends for good when the process has no
// file left for one more connection, so that anybody could shut the door from outside by opening enough of them.
#ifndef MINNOW_SERVER_ACCEPT_LOOP_H_
#define MINNOW_SERVER_ACCEPT_LOOP_H_

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/channel.h"

namespace minnow::server {

// A file descriptor that is closed at the end, or -1.
class Descriptor {
 public:
  explicit Descriptor(int descriptor = -1) : descriptor_(descriptor) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : descriptor_(other.Release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;

  int get() const { return descriptor_; }
  int Release();

 private:
  int descriptor_;
};

class AcceptLoop {
 public:
  struct Options {
    rpc::Address address;
    // A connection may have a descriptor below this: the others are for the rest of the process. One that gets a higher
    // one is closed at once; descriptors are given lowest first.
    int end_of_descriptors = 0;
    // Takes a connection over: non-blocking, TCP_NODELAY. Called on the loop's thread.
    std::function<void(Descriptor connection)> take;
    // A connection was refused, or could not be accepted for want of files. Called on the loop's thread.
    std::function<void()> refused = [] {};
  };

  // So many of the `limit` descriptors that a process may have are left to connections.
  static int EndOfDescriptors(int limit);
  // What this process may have.
  static int DescriptorLimit();

  // Listens on every address that the host has, and begins to accept. Unavailable where that cannot be; port 0 is not
  // for this: see FreeAddress.
  static absl::StatusOr<std::unique_ptr<AcceptLoop>> Start(Options options);
  ~AcceptLoop();  // accepts no more

 private:
  AcceptLoop(Options options, std::vector<Descriptor> listeners, Descriptor stop);

  void Run();
  void AcceptFrom(int listener);
  void Rest() const;

  const Options options_;
  const std::vector<Descriptor> listeners_;
  const Descriptor stop_;  // an eventfd
  std::thread thread_;
};

}  // namespace minnow::server

#endif  // MINNOW_SERVER_ACCEPT_LOOP_H_
