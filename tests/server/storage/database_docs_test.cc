// docs/database.md names every table, view and column that there is.
#include <gtest/gtest.h>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <map>
#include <set>
#include <sstream>
#include <string>

#include "server/storage/sqlite_store.h"
#include "tests/server/storage/temporary_folder.h"

namespace minnow::storage {
namespace {

using Sections = std::map<std::string, std::set<std::string>>;

// Columns by table or view, as the database has them.
Sections InTheDatabase(const std::string& path) {
  SQLite::Database database(path);
  SQLite::Statement select(database,
                           "SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c"
                           " WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite_%'");
  Sections sections;
  while (select.executeStep()) sections[select.getColumn(0).getString()].insert(select.getColumn(1).getString());
  return sections;
}

// The word between the back quotes with which `line` goes on after `start`; empty when it does not.
std::string QuotedAfter(const std::string& start, const std::string& line) {
  if (!line.starts_with(start + "`")) return "";
  const size_t begin = start.size() + 1;
  return line.substr(begin, line.find('`', begin) - begin);
}

// A section "### `jobs`" describes a table or view, and each row "| `name` |" of its table a column.
Sections InTheDocs() {
  std::istringstream docs(ReadBytes(MINNOW_DATABASE_DOCS));
  Sections sections;
  std::string section;
  for (std::string line; std::getline(docs, line);) {
    if (line.starts_with("#")) section = QuotedAfter("### ", line);
    const std::string column = QuotedAfter("| ", line);
    if (!section.empty() && !column.empty()) sections[section].insert(column);
  }
  return sections;
}

TEST(DatabaseDocs, NameEveryTableViewAndColumn) {
  const TemporaryFolder folder;
  ASSERT_TRUE(OpenSqliteStore(folder.File("minnow.db")).ok());
  const Sections expected = InTheDatabase(folder.File("minnow.db"));
  EXPECT_EQ(expected.size(), 22u);  // 15 tables and 7 views
  EXPECT_EQ(InTheDocs(), expected);
}

}  // namespace
}  // namespace minnow::storage
