// What reads bytes from strangers, as functions of those bytes: libFuzzer calls them with inputs of its own making
// (`./dev fuzz`), and fuzz_replay_test with those kept in corpus/NAME.
//
// A target states what holds for every input. It throws Broken when that is not so.
#ifndef MINNOW_TESTS_FUZZ_TARGETS_H_
#define MINNOW_TESTS_FUZZ_TARGETS_H_

#include <stdexcept>
#include <string>
#include <string_view>

namespace minnow::fuzz {

// A table: what is read can be written and read again, and is prepared or refused with the place of the fault.
void Csv(std::string_view bytes);
// An encoded data set: what is decoded is encoded to the same bytes.
void Dataset(std::string_view bytes);
// Names, page tokens, splits and hidden layers, one a line: what is taken is written as it came, or reads back alike.
void Names(std::string_view bytes);
// The JSON of a preparation or of a question: what is read is written as text that reads back alike.
void Json(std::string_view bytes);
// An exported model, as it is and with the hashes that its contents have: what is read can be written in every format,
// and reads back alike.
void Model(std::string_view bytes);
// Calls of both services, in a row, on a server without threads and network; rpc_calls.h says how they are written.
void Rpc(std::string_view bytes);
// A spec file: its entries can be written as another one that says the same.
void Spec(std::string_view bytes);
// A query: it ends within its limits, the file keeps its bytes, and the next query is answered.
void Sql(std::string_view bytes);
// A goal: what is read is written as text that reads back alike.
void Threshold(std::string_view bytes);

class Broken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

inline void Require(bool holds, const std::string& promise) {
  if (!holds) throw Broken(promise);
}

}  // namespace minnow::fuzz

#endif  // MINNOW_TESTS_FUZZ_TARGETS_H_
