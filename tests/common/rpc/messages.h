// Messages with every field set at random to something valid, found by reflection: a field that is added to the proto
// takes part at once.
#ifndef MINNOW_TESTS_COMMON_RPC_MESSAGES_H_
#define MINNOW_TESTS_COMMON_RPC_MESSAGES_H_

#include <google/protobuf/message.h>

#include <random>

namespace minnow::rpc {

// Fills `message`: numbers of any bits where any are valid, lists of up to 8 entries, half of the time no value for
// what may be absent.
void Fill(std::mt19937_64& random, google::protobuf::Message& message);

}  // namespace minnow::rpc

#endif  // MINNOW_TESTS_COMMON_RPC_MESSAGES_H_
