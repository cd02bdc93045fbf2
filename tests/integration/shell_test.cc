// Completion, driven in the shells themselves.
#include <gmock/gmock.h>

#include "tests/integration/process.h"

namespace minnow {
namespace {

using ::testing::HasSubstr;

class Shells : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    const Finished run =
        Run("minnow run data/iris.csv --target species --good-enough 'accuracy >= 0.5' --layers 0 --splits 1 "
            "--no-characterise --name flowers");
    ASSERT_EQ(run.code, 0) << run.err;
    Write("rows.csv", "length,body mass,species\n1,2,a\n3,4,b\n");
  }

  // What bash puts into COMPREPLY when TAB is pressed behind these words of bash, and the options that it is told.
  std::string Bash(const std::string& words) const {
    Write("complete.bash",
          "source <(minnow completion bash)\n"
          "compopt() { echo \"compopt $*\"; }\n"
          "COMP_WORDS=(" +
              words +
              ")\n"
              "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
              "_minnow\n"
              "printf '%s\\n' \"${COMPREPLY[@]}\"\n");
    const Finished done = Run("bash --norc complete.bash");
    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_EQ(done.err, "");
    return done.out;
  }

  // The line that zsh has after `typed` and TAB. "" without zsh.
  std::string Zsh(const std::string& typed) const {
    Write("complete.zsh", R"(zmodload zsh/zpty || exit 1
zpty shell zsh -f -i
zpty -w shell 'PROMPT=; autoload -U compinit; compinit -u -D; source <(minnow completion zsh)'
zpty -w shell 'show() { print -r -- "<<$BUFFER>>" }; zle -N show; bindkey "^X" show; bindkey "^I" complete-word'
zpty -w shell 'print -r -- "rea""dy"'
zpty -r shell line '*ready*'
zpty -w -n shell "$1"$'\t\x18'
zpty -r shell line '*<<*>>*'
zpty -d shell
line=${line##*<<}
print -r -- ${line%%>>*}
)");
    const Finished done = Run("env TERM=dumb zsh -f complete.zsh " + typed);
    EXPECT_EQ(done.code, 0) << done.err;
    return done.out;
  }
};

TEST_F(Shells, BashCompletesCommandsFlagsAndValues) {
  EXPECT_EQ(Bash("minnow answ"), "answer\n");
  EXPECT_EQ(Bash("minnow run rows.csv --split-c"), "--split-column\n");
  EXPECT_EQ(Bash("minnow run rows.csv --search ''"), "ladder\ngrid\nrandom\n");
  EXPECT_EQ(Bash("minnow run rows.csv --search = gr"), "grid\n");
  EXPECT_EQ(Bash("minnow run rows.csv --init he,xav"), "compopt -o nospace\nhe,xavier\n");
}

TEST_F(Shells, BashCompletesJobsFilesAndColumns) {
  EXPECT_EQ(Bash("minnow answer jo"), "jobs/1\n");
  EXPECT_EQ(Bash("minnow compare jobs/1 --db minnow.db ''"), "jobs/1\n");
  EXPECT_THAT(Bash("minnow run ro"), HasSubstr("compopt -o default\n")) << "readline completes names of files";
  EXPECT_EQ(Bash("minnow run rows.csv --target ''"), "length\nbody\\ mass\nspecies\n");
  EXPECT_EQ(Bash("minnow run rows.csv --target '\"bo'"), "body mass\n") << "within a quote that is open";
}

TEST_F(Shells, ZshCompletesTheLine) {
  if (Run("which zsh").code != 0) GTEST_SKIP() << "zsh is not installed: apt-get install zsh";
  EXPECT_EQ(Zsh("'minnow answ'"), "minnow answer \n");
  EXPECT_EQ(Zsh("'minnow run rows.csv --init he,xav'"), "minnow run rows.csv --init he,xavier\n");
  EXPECT_EQ(Zsh("'minnow answer jo'"), "minnow answer jobs/1 \n");
  EXPECT_EQ(Zsh("'minnow run rows.csv --target bo'"), "minnow run rows.csv --target body\\ mass \n");
  EXPECT_EQ(Zsh("'minnow run row'"), "minnow run rows.csv \n");
}

TEST_F(Shells, ComparePutsAnswersSideBySide) {
  Run("minnow run data/iris.csv --target species --good-enough 'accuracy >= 0.6' --layers 0 --splits 1 "
      "--no-characterise");
  const Finished text = Run("minnow compare jobs/1 2");
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("good enough  accuracy >= 0.5  accuracy >= 0.6"));
  EXPECT_THAT(Run("minnow compare 1 2 --json").out, HasSubstr("\"comparable\":true"));
  const Finished alone = Run("minnow compare 1");
  EXPECT_EQ(alone.code, 2);
  EXPECT_THAT(alone.err, HasSubstr("name two jobs or more"));
}

}  // namespace
}  // namespace minnow
