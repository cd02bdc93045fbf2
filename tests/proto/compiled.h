// The proto files as protoc sees them, as they are or changed.
#ifndef MINNOW_TESTS_PROTO_COMPILED_H_
#define MINNOW_TESTS_PROTO_COMPILED_H_

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>
#include <vector>

namespace minnow {

struct Compiled {
  std::unique_ptr<google::protobuf::DescriptorPool> pool;  // owns the files
  std::vector<const google::protobuf::FileDescriptor*> files;
};

// Compiles proto/minnow/v1 with the first `from` replaced by `to`, comments included. No files: protoc refuses it, or
// there is no `from`.
Compiled CompileWith(const std::string& from, const std::string& to);

}  // namespace minnow

#endif  // MINNOW_TESTS_PROTO_COMPILED_H_
