// How an input of the target Rpc is written: a row of calls, each a byte for the method, two for the length of the
// request (little-endian), and the request.
#ifndef MINNOW_TESTS_FUZZ_RPC_CALLS_H_
#define MINNOW_TESTS_FUZZ_RPC_CALLS_H_

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace minnow::fuzz {

inline constexpr size_t kMostCalls = 16;  // of one input
inline constexpr size_t kMostRequestBytes = 0xffff;

struct Call {
  unsigned char method = 0;
  std::string request;
};

// Never fails: what is left of a call that is cut off is its request, and what comes after kMostCalls does not count.
std::vector<Call> ReadCalls(std::string_view bytes);
std::string WriteCalls(const std::vector<Call>& calls);

// An empty request of a method; every byte is the number of one.
std::unique_ptr<google::protobuf::Message> NewRequest(unsigned char method);

}  // namespace minnow::fuzz

#endif  // MINNOW_TESTS_FUZZ_RPC_CALLS_H_
