// How the conversions read the fields of a message: one line a field, and the first error is kept.
#ifndef MINNOW_COMMON_RPC_FIELDS_H_
#define MINNOW_COMMON_RPC_FIELDS_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace minnow::rpc {

// `text`, with a question mark for every byte that is not part of well-formed UTF-8: a message with such a byte in a
// text is refused by whoever receives it.
std::string Utf8Text(std::string text);

class Fields {
 public:
  // InvalidArgument: "field: problem", unless there was an error before.
  void Fail(std::string_view field, std::string_view problem);
  // Fails unless `holds`.
  void Require(bool holds, std::string_view field, std::string_view problem) {
    if (!holds) Fail(field, problem);
  }

  // The value of a field, read by a function that does not know the field's name.
  template <class To, class Value>
  void Read(std::string_view field, absl::StatusOr<Value> value, To& to) {
    if (value.ok()) {
      to = *std::move(value);
    } else {
      Fail(field, Message(value.status()));
    }
  }

  // A field that is a message: the errors of its own fields become "field.its_field: problem".
  template <class To, class Value>
  void ReadMessage(std::string_view field, absl::StatusOr<Value> value, To& to) {
    if (value.ok()) {
      to = *std::move(value);
    } else if (status_.ok()) {
      status_ = absl::InvalidArgumentError(std::string(field) + "." + Message(value.status()));
    }
  }

  // A whole number from `least` to `most`.
  template <class Number>
  void ReadNumber(std::string_view field, Number value, int64_t least, Number& to,
                  int64_t most = std::numeric_limits<int64_t>::max()) {
    if (value < least || value > most) FailNumber(field, value, least, most);
    to = value;
  }

  // Any text of at most kMaxTextBytes.
  void ReadText(std::string_view field, const std::string& text, std::string& to);

  // A list of at most `most` entries is taken entry by entry, each read by `read`.
  template <class List, class To, class Reader>
  void ReadList(std::string_view field, const List& list, int most, To& to, Reader read) {
    if (list.size() > most) return FailList(field, list.size(), most);
    to.clear();
    for (const auto& entry : list) {
      if (!status_.ok()) return;
      const std::string name = std::string(field) + "[" + std::to_string(to.size()) + "]";
      to.emplace_back();
      if constexpr (requires { entry.GetDescriptor(); }) {
        ReadMessage(name, read(entry), to.back());
      } else {
        Read(name, read(entry), to.back());
      }
    }
  }

  // `value`, or the first error.
  template <class Value>
  absl::StatusOr<Value> Done(Value value) const {
    if (!status_.ok()) return status_;
    return value;
  }

 private:
  static std::string Message(const absl::Status& status) { return std::string(status.message()); }
  void FailNumber(std::string_view field, int64_t value, int64_t least, int64_t most);
  void FailList(std::string_view field, int64_t size, int most);

  absl::Status status_;
};

// A field with presence.
template <class Value>
std::optional<Value> Optional(bool present, const Value& value) {
  return present ? std::optional(value) : std::nullopt;
}

}  // namespace minnow::rpc

#endif  // MINNOW_COMMON_RPC_FIELDS_H_
