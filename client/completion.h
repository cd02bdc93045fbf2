// The completion of words in a shell. The scripts for bash and zsh are a few lines each that ask this program, so they
// know what it knows: commands and flags as they are declared, the names of enumerators, the columns of the table that
// the line names, the jobs of the place that it would ask.
#ifndef MINNOW_CLIENT_COMPLETION_H_
#define MINNOW_CLIENT_COMPLETION_H_

#include <string>
#include <string_view>
#include <vector>

#include "client/commands.h"

namespace minnow::client {

struct Candidate {
  std::string value;  // in place of the word
  std::string help;   // one line, or empty
};

// What may stand in the place of a word.
struct Completed {
  std::vector<Candidate> candidates;
  bool files = false;    // the name of any file instead
  bool goes_on = false;  // an entry of a list: more may follow without a blank
};

// What may stand in the place of the last of `words`, which are those behind "minnow", as they are written in the
// shell. Asks a database or a server for jobs only where a job belongs, and gives up on a server within a second.
Completed Complete(const std::vector<std::string>& words);

// One argument or flag, as CommandLine::DescribeFlags has it.
struct Described {
  std::string name;   // "--units", "JOB"
  std::string value;  // what its value is called: "LIST"; empty of a switch
  std::string help;
};

// What is on the line so far, apart from the word that is completed.
struct LineSoFar {
  const Command* command = nullptr;
  std::vector<Described> described;                  // all that the command takes
  std::vector<std::string> words;                    // behind the command, without shell quotes
  std::vector<std::string> arguments;                // of those, the ones that are neither flags nor values of flags
  std::string ValueOf(std::string_view flag) const;  // "" without one
};

// What the value of `item` may be, of which `word` is written: completion_values.cc.
Completed ValuesFor(const Described& item, const LineSoFar& line, const std::string& word);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_COMPLETION_H_
