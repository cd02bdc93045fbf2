#include "common/access/secret_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/server/storage/temporary_folder.h"

namespace minnow::access {
namespace {

using storage::WriteBytes;
using testing::HasSubstr;
using testing::StartsWith;

class SecretFileTest : public testing::Test {
 protected:
  void Write(const std::string& text, mode_t mode = 0600) {
    WriteBytes(path_, text);
    chmod(path_.c_str(), mode);
  }
  std::string Error() const {
    const absl::Status status = ReadSecretFile("--token-file", path_).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  }

  storage::TemporaryFolder folder_;
  const std::string path_ = folder_.File("secret");
};

TEST_F(SecretFileTest, IsReadWhenItIsItsOwnersAlone) {
  for (mode_t mode : {0600, 0400, 0700}) {
    Write("a\nb", mode);
    EXPECT_EQ(ReadSecretFile("--token-file", path_).value(), "a\nb");
  }
}

TEST_F(SecretFileTest, IsRefusedWhenOthersHaveAnyRightToIt) {
  for (mode_t mode : {0640, 0620, 0610, 0604, 0602, 0601, 0644, 0666}) {
    Write("secret", mode);
    EXPECT_THAT(Error(), HasSubstr("chmod 600 " + path_)) << mode;
    EXPECT_THAT(Error(), testing::Not(HasSubstr("holds secrets: secret")));
  }
}

TEST_F(SecretFileTest, SaysWhatElseIsWrong) {
  EXPECT_THAT(Error(), StartsWith("--token-file: the file \"" + path_ + "\" cannot be read: No such file"));
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(Error(), HasSubstr("is not a file"));
  std::filesystem::remove(path_);
  Write(std::string(kMaxSecretFileBytes + 1, 'x'));
  EXPECT_THAT(Error(), HasSubstr("has 1048577 bytes, and such a file has at most 1048576"));
}

TEST_F(SecretFileTest, HasAnotherStampWhenItChanges) {
  const FileStamp none = StampOf(path_);
  Write("a");
  const FileStamp first = StampOf(path_);
  EXPECT_NE(first, none);
  EXPECT_EQ(StampOf(path_), first);
  Write("ab");
  const FileStamp longer = StampOf(path_);
  EXPECT_NE(longer, first);
  WriteBytes(path_ + ".new", "xy");
  std::filesystem::rename(path_ + ".new", path_);
  EXPECT_NE(StampOf(path_), longer);
}

}  // namespace
}  // namespace minnow::access
