// The proto keeps its promises: tests/proto/minnow_v1.descriptor has them, one a line. Whoever adds to the proto adds
// the new lines with
//
//   MINNOW_REFRESH=1 build/release/tests/proto_test --gtest_filter='Promises.AreKept'
//
// which writes nothing when a stored line would be lost.
#include "tests/proto/promises.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "minnow/v1/job.pb.h"
#include "minnow/v1/service.pb.h"
#include "tests/proto/compiled.h"

namespace minnow {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::SourceLocation;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kStoredFile = std::string(MINNOW_SOURCE_DIR) + "/tests/proto/minnow_v1.descriptor";

std::set<std::string> Stored() {
  std::ifstream text(kStoredFile);
  std::set<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.insert(line);
  return lines;
}

std::set<std::string> OfThisProgram() {
  std::set<std::string> promises = PromisesOf(*v1::Job::descriptor()->file());
  promises.merge(PromisesOf(*v1::LeaseWorkRequest::descriptor()->file()));
  return promises;
}

// The promises of the proto files with `from` replaced by `to`.
std::set<std::string> PromisesWith(const std::string& from, const std::string& to) {
  const Compiled compiled = CompileWith(from, to);
  EXPECT_THAT(compiled.files, SizeIs(2)) << from << " -> " << to;
  std::set<std::string> promises;
  for (const FileDescriptor* file : compiled.files) promises.merge(PromisesOf(*file));
  return promises;
}

TEST(Promises, AreKept) {
  const std::set<std::string> compiled = OfThisProgram();
  ASSERT_THAT(Broken(Stored(), compiled), IsEmpty())
      << "programs that were built against an earlier version would break; keep the old element and add another";
  if (std::getenv("MINNOW_REFRESH") == nullptr) return;
  std::ofstream file(kStoredFile);
  for (const std::string& line : compiled) file << line << "\n";
}

TEST(Promises, AreManyAndAreThoseOfTheFiles) {
  EXPECT_GT(Stored().size(), 300u);
  EXPECT_EQ(PromisesWith("// Names:", "// Names:"), OfThisProgram());
}

struct Change {
  const char* from;
  const char* to;
};

TEST(Promises, AreBrokenByEveryChangeThatBreaksAProgram) {
  const Change kBreaking[] = {
      {"  string question_sha256 = 5;", ""},                                        // a field removed
      {"  string question_sha256 = 5;", "  string question_hash = 5;"},             // renamed
      {"  string question_sha256 = 5;", "  string question_sha256 = 95;"},          // renumbered
      {"  string question_sha256 = 5;", "  bytes question_sha256 = 5;"},            // of another type
      {"  string question_sha256 = 5;", "  repeated string question_sha256 = 5;"},  // of another label
      {"  optional double wrong_at_most = 22;", "  double wrong_at_most = 22;"},    // never absent
      {"    SliceWork slice_work = 7;\n", ""},                                      // removed from a oneof
      {"    EXHAUSTED = 5;", ""},                                                   // an enumerator removed
      {"    EXHAUSTED = 5;", "    EXHAUSTED = 95;"},                                // renumbered
      {"  rpc GetTrial(GetTrialRequest) returns (Trial);", ""},                     // a method removed
      {"rpc GetTrial(GetTrialRequest) returns", "rpc GetTrial(GetJobRequest) returns"},
      {"returns (stream JobProgress)", "returns (JobProgress)"}};
  for (const Change& change : kBreaking) {
    EXPECT_FALSE(Broken(Stored(), PromisesWith(change.from, change.to)).empty()) << change.from << " -> " << change.to;
  }
}

TEST(Promises, AreKeptByAdditions) {
  const Change kAdditions[] = {
      {"  string question_sha256 = 5;", "  string question_sha256 = 5;\n  string colour = 99;"},
      {"    EXHAUSTED = 5;", "    EXHAUSTED = 5;\n    TIRED = 99;"},
      {"message DeleteJobResponse {}", "message DeleteJobResponse { int64 rows = 1; }\nmessage More {}"},
      {"  rpc GetTrial(", "  rpc FetchTrial(GetTrialRequest) returns (Trial);\n  rpc GetTrial("}};
  for (const Change& change : kAdditions) {
    EXPECT_THAT(Broken(Stored(), PromisesWith(change.from, change.to)), IsEmpty()) << change.to;
  }
}

// Every element without a comment in front of it.
class Uncommented {
 public:
  template <class Element>
  void Check(const Element& element) {
    SourceLocation location;
    if (!element.GetSourceLocation(&location) || location.leading_comments.empty())
      names.push_back(element.full_name());
  }
  void CheckEnum(const EnumDescriptor& descriptor) {
    Check(descriptor);
    for (int i = 0; i < descriptor.value_count(); ++i) Check(*descriptor.value(i));
  }
  void CheckMessage(const Descriptor& descriptor) {
    for (int i = 0; i < descriptor.field_count(); ++i) Check(*descriptor.field(i));
    for (int i = 0; i < descriptor.real_oneof_decl_count(); ++i) Check(*descriptor.oneof_decl(i));
    for (int i = 0; i < descriptor.enum_type_count(); ++i) CheckEnum(*descriptor.enum_type(i));
    for (int i = 0; i < descriptor.nested_type_count(); ++i) CheckMessage(*descriptor.nested_type(i));
  }

  std::vector<std::string> names;
};

TEST(Proto, EveryFieldEnumeratorAndMethodIsCommented) {
  const Compiled compiled = CompileWith("// Names:", "// Names:");
  ASSERT_THAT(compiled.files, SizeIs(2));
  Uncommented uncommented;
  for (const FileDescriptor* file : compiled.files) {
    for (int i = 0; i < file->message_type_count(); ++i) uncommented.CheckMessage(*file->message_type(i));
    for (int i = 0; i < file->enum_type_count(); ++i) uncommented.CheckEnum(*file->enum_type(i));
    for (int i = 0; i < file->service_count(); ++i) {
      uncommented.Check(*file->service(i));
      for (int m = 0; m < file->service(i)->method_count(); ++m) uncommented.Check(*file->service(i)->method(m));
    }
  }
  EXPECT_THAT(uncommented.names, IsEmpty());
}

}  // namespace
}  // namespace minnow
