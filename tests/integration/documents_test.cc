// What the documents show is what the commands print.
#include "tests/integration/process.h"

namespace minnow {
namespace {

class Documents : public ProcessTest {
 protected:
  void Check(const std::string& file) {
    const Finished checked = Run("env MINNOW_BIN=" MINNOW_BIN " python3 " MINNOW_SOURCE_DIR
                                 "/docs/examples.py --check " MINNOW_SOURCE_DIR "/" +
                                 file);
    EXPECT_EQ(checked.code, 0) << checked.out << checked.err << "`./dev paste` brings the documents up to date";
  }
};

TEST_F(Documents, TheReadmeShowsRealOutput) { Check("README.md"); }
TEST_F(Documents, ModelsShowsRealOutput) { Check("docs/models.md"); }
TEST_F(Documents, WhyShowsRealOutput) { Check("docs/why.md"); }

}  // namespace
}  // namespace minnow
