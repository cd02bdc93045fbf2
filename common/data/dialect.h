// How a file of text is a table: what stands between its columns, and whether its first line names them.
#ifndef MINNOW_COMMON_DATA_DIALECT_H_
#define MINNOW_COMMON_DATA_DIALECT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace minnow::data {

struct Dialect {
  char separator = ',';
  bool names_separator = false;    // the first line is "sep=;", as spreadsheets write it
  bool header = true;              // the first line has names
  std::vector<std::string> notes;  // what was decided that is not plain CSV, one sentence each
};

// Looks at the beginning of a file; `whole` when there is no more of it. The separator, one of , ; tab and |, is the
// one that cuts all lines into the same number of fields, more than one; if several do, the one that yields most
// numbers. The first line is taken for values when all its fields are numbers, as those below, unless they count up as
// years do, or when it has numbers above numbers and a text that comes again in its column; never when one of its
// fields is quoted. InvalidArgument when the columns have blanks between them.
absl::StatusOr<Dialect> DialectOf(const std::string& file, std::string_view head, bool whole);

// Refuses files that are often taken for CSV, by their first bytes: spreadsheets, HTML, JSON and the like.
absl::Status CheckIsText(const std::string& file, std::string_view bytes);

// "semicolon", "tab".
std::string_view SeparatorName(char separator);

}  // namespace minnow::data

#endif  // MINNOW_COMMON_DATA_DIALECT_H_
