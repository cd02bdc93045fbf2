#include "tests/proto/promises.h"

#include <algorithm>
#include <iterator>

namespace minnow {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

std::string TypeOf(const FieldDescriptor& field) {
  if (field.message_type() != nullptr) return field.message_type()->full_name();
  if (field.enum_type() != nullptr) return field.enum_type()->full_name();
  return field.type_name();
}

std::string LabelOf(const FieldDescriptor& field) {
  if (field.is_repeated()) return "repeated ";
  if (field.real_containing_oneof() != nullptr) return "oneof " + field.real_containing_oneof()->name() + " ";
  return field.has_presence() ? "present or absent " : "";
}

void AddEnum(const EnumDescriptor& descriptor, std::set<std::string>& promises) {
  for (int i = 0; i < descriptor.value_count(); ++i) {
    const auto& value = *descriptor.value(i);
    promises.insert(descriptor.full_name() + "." + value.name() + " = " + std::to_string(value.number()));
  }
}

void AddMessage(const Descriptor& descriptor, std::set<std::string>& promises) {
  promises.insert(descriptor.full_name() + ": message");
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    promises.insert(field.full_name() + " = " + std::to_string(field.number()) + ": " + LabelOf(field) + TypeOf(field));
  }
  for (int i = 0; i < descriptor.enum_type_count(); ++i) AddEnum(*descriptor.enum_type(i), promises);
  for (int i = 0; i < descriptor.nested_type_count(); ++i) AddMessage(*descriptor.nested_type(i), promises);
}

std::string TextOf(const MethodDescriptor& method) {
  return method.full_name() + "(" + (method.client_streaming() ? "stream " : "") + method.input_type()->full_name() +
         ") returns (" + (method.server_streaming() ? "stream " : "") + method.output_type()->full_name() + ")";
}

}  // namespace

std::set<std::string> PromisesOf(const FileDescriptor& file) {
  std::set<std::string> promises;
  for (int i = 0; i < file.message_type_count(); ++i) AddMessage(*file.message_type(i), promises);
  for (int i = 0; i < file.enum_type_count(); ++i) AddEnum(*file.enum_type(i), promises);
  for (int i = 0; i < file.service_count(); ++i) {
    for (int m = 0; m < file.service(i)->method_count(); ++m) promises.insert(TextOf(*file.service(i)->method(m)));
  }
  return promises;
}

std::vector<std::string> Broken(const std::set<std::string>& stored, const std::set<std::string>& now) {
  std::vector<std::string> broken;
  std::set_difference(stored.begin(), stored.end(), now.begin(), now.end(), std::back_inserter(broken));
  return broken;
}

}  // namespace minnow
