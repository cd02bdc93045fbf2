// A call that sends a prepared sequence of messages: as fast as the client takes them, and without a thread meanwhile.
#ifndef MINNOW_SERVER_RPC_SEQUENCE_WRITER_H_
#define MINNOW_SERVER_RPC_SEQUENCE_WRITER_H_

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/channel.h"

namespace minnow::rpc {

// Makes the next message; false when there is none left.
template <class Message>
using Sequence = std::function<absl::StatusOr<bool>(Message&)>;

// Runs a step somewhere, or at once with the reason why it cannot be run.
using Runner = std::function<void(std::function<void(const absl::Status&)>)>;

inline void RunHere(const std::function<void(const absl::Status&)>& step) { step(absl::OkStatus()); }

// Deletes itself when the call is over, which it is only after Begin. A client that goes away is noticed by the next
// message that cannot be sent.
template <class Message>
class SequenceWriter : public grpc::ServerWriteReactor<Message> {
 public:
  // `run` runs the making of each message: where that may wait, not on a thread of the network.
  explicit SequenceWriter(Runner run = RunHere) : run_(std::move(run)) {}

  // Starts to send, from any thread. Called once.
  void Begin(absl::StatusOr<Sequence<Message>> sequence) {
    if (!sequence.ok()) return this->Finish(ToGrpc(sequence.status()));
    sequence_ = *std::move(sequence);
    SendNext();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return this->Finish(grpc::Status::CANCELLED);
    SendNext();
  }

  void OnDone() override { delete this; }

 private:
  void SendNext() {
    run_([this](const absl::Status& runs) {
      if (!runs.ok()) return this->Finish(ToGrpc(runs));
      message_.Clear();
      const absl::StatusOr<bool> more = sequence_(message_);
      if (!more.ok() || !*more) return this->Finish(ToGrpc(more.status()));
      this->StartWrite(&message_);
    });
  }

  Runner run_;
  Sequence<Message> sequence_;
  Message message_;
};

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_SEQUENCE_WRITER_H_
