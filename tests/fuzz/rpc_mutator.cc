// How libFuzzer changes an input of the target Rpc: mostly a field of a request, or the row of calls, so that what
// comes out is still read. Changes of plain bytes would nearly always break a length.
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include "common/rpc/fields.h"
#include "tests/fuzz/rpc_calls.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* bytes, size_t size, size_t most);

namespace minnow::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Random = std::mt19937;

int Below(Random& random, int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); }

int64_t ChangedInteger(Random& random, int64_t value) {
  constexpr std::array<int64_t, 10> kEdges = {0,
                                              1,
                                              -1,
                                              2,
                                              100'000,
                                              std::numeric_limits<int32_t>::max(),
                                              std::numeric_limits<int32_t>::min(),
                                              std::numeric_limits<int64_t>::max(),
                                              std::numeric_limits<int64_t>::min(),
                                              1'700'000'000'000'000};
  switch (Below(random, 3)) {
    case 0:
      return kEdges[Below(random, kEdges.size())];
    case 1:
      return static_cast<int64_t>(static_cast<uint64_t>(value) + static_cast<uint64_t>(Below(random, 5) - 2));
    default:
      return Below(random, 20);
  }
}

double ChangedReal(Random& random, double value) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr std::array<double, 10> kEdges = {
      0, -0.0, 1, -1, 0.5, 1e-320, 1e308, kInfinity, -kInfinity, std::numeric_limits<double>::quiet_NaN()};
  return Below(random, 2) == 0 ? kEdges[Below(random, kEdges.size())] : value * (0.5 + Below(random, 4));
}

std::string ChangedText(Random& random, std::string text) {
  constexpr std::array<const char*, 10> kTexts = {"",          "jobs/1", "jobs/2", "jobs/3",   "jobs/1/trials/1",
                                                  "workers/w", "s",      "t",      "submit-2", "avx2"};
  if (Below(random, 2) == 0) return kTexts[Below(random, kTexts.size())];
  const size_t size = text.size();
  text.resize(size + 16);
  text.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(text.data()), size, text.size()));
  return rpc::Utf8Text(std::move(text));
}

void Change(Random& random, Message& message);

void ChangeField(Random& random, Message& message, const FieldDescriptor& field) {
  const Reflection& reflect = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflect.SetInt32(&message, &field,
                              static_cast<int32_t>(ChangedInteger(random, reflect.GetInt32(message, &field))));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflect.SetInt64(&message, &field, ChangedInteger(random, reflect.GetInt64(message, &field)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflect.SetUInt64(
          &message, &field,
          static_cast<uint64_t>(ChangedInteger(random, static_cast<int64_t>(reflect.GetUInt64(message, &field)))));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflect.SetDouble(&message, &field, ChangedReal(random, reflect.GetDouble(message, &field)));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflect.SetBool(&message, &field, !reflect.GetBool(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflect.SetEnumValue(&message, &field, Below(random, field.enum_type()->value_count() + 2));
    case FieldDescriptor::CPPTYPE_STRING:
      return reflect.SetString(&message, &field, ChangedText(random, reflect.GetString(message, &field)));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Change(random, *reflect.MutableMessage(&message, &field));
    default:
      return;
  }
}

void AddToList(Random& random, Message& message, const FieldDescriptor& field) {
  const Reflection& reflect = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflect.AddInt32(&message, &field, static_cast<int32_t>(ChangedInteger(random, 0)));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflect.AddInt64(&message, &field, ChangedInteger(random, 0));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflect.AddFloat(&message, &field, static_cast<float>(Below(random, 3)));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflect.AddDouble(&message, &field, ChangedReal(random, 0.05));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflect.AddEnumValue(&message, &field, Below(random, field.enum_type()->value_count() + 2));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const int size = reflect.FieldSize(message, &field);
      Message& entry = *reflect.AddMessage(&message, &field);
      if (size > 0) entry.CopyFrom(reflect.GetRepeatedMessage(message, &field, Below(random, size)));
      return Change(random, entry);
    }
    default:
      return;
  }
}

void ChangeList(Random& random, Message& message, const FieldDescriptor& field) {
  const Reflection& reflect = *message.GetReflection();
  const int size = reflect.FieldSize(message, &field);
  if (size == 0 || Below(random, 4) == 0) return AddToList(random, message, field);
  if (Below(random, 3) == 0) return reflect.RemoveLast(&message, &field);
  if (Below(random, 3) == 0) return reflect.SwapElements(&message, &field, 0, Below(random, size));
  if (field.message_type() == nullptr) return AddToList(random, message, field);
  Change(random, *reflect.MutableRepeatedMessage(&message, &field, Below(random, size)));
}

void Change(Random& random, Message& message) {
  const int count = message.GetDescriptor()->field_count();
  if (count == 0) return;
  const FieldDescriptor& field = *message.GetDescriptor()->field(Below(random, count));
  if (field.is_repeated()) return ChangeList(random, message, field);
  if (Below(random, 8) == 0) return message.GetReflection()->ClearField(&message, &field);
  ChangeField(random, message, field);
}

void ChangeCalls(Random& random, std::vector<Call>& calls) {
  const auto any = [&] { return calls.begin() + Below(random, static_cast<int>(calls.size())); };
  const int kind = calls.empty() ? 0 : Below(random, 10);
  if (kind == 0) {
    calls.push_back({.method = static_cast<unsigned char>(Below(random, 256))});
  } else if (kind == 1) {
    calls.push_back(*any());
    return;
  } else if (kind == 2) {
    calls.erase(any());
    return;
  } else if (kind == 3) {
    return std::iter_swap(any(), any());
  }
  Call& call = kind == 0 ? calls.back() : *any();
  const std::unique_ptr<Message> request = NewRequest(call.method);
  if (request->ParseFromString(call.request)) Change(random, *request);
  const std::string changed = request->SerializePartialAsString();
  if (changed.size() <= kMostRequestBytes) call.request = changed;
}

}  // namespace
}  // namespace minnow::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* bytes, size_t size, size_t most, unsigned seed) {
  std::mt19937 random(seed);
  if (random() % 16 == 0) return LLVMFuzzerMutate(bytes, size, most);
  std::vector<minnow::fuzz::Call> calls = minnow::fuzz::ReadCalls({reinterpret_cast<const char*>(bytes), size});
  minnow::fuzz::ChangeCalls(random, calls);
  const std::string changed = minnow::fuzz::WriteCalls(calls);
  if (changed.empty() || changed.size() > most) return LLVMFuzzerMutate(bytes, size, most);
  std::memcpy(bytes, changed.data(), changed.size());
  return changed.size();
}
