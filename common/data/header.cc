#include "common/data/header.h"

#include <map>
#include <set>

#include "common/data/wording.h"

namespace minnow::data {
namespace {

std::string Numbered(const std::string& name, size_t number) { return name + "_" + std::to_string(number); }

}  // namespace

std::vector<std::string> RepairedNames(std::vector<std::string> names, std::vector<std::string>& notes) {
  const std::set<std::string> given(names.begin(), names.end());
  std::set<std::string> taken;
  std::map<std::string, size_t> last_number;  // with which a name was made different
  std::vector<std::string> nameless;
  std::vector<std::string> doubled;
  for (size_t c = 0; c < names.size(); ++c) {
    std::string& name = names[c];
    const std::string before = name;
    if (name.empty()) name = Numbered("column", c + 1);
    const std::string base = name;
    // A name that another column has from its file stays with that column.
    const auto is_taken = [&] { return taken.contains(name) || (name != before && given.contains(name)); };
    while (is_taken()) name = Numbered(base, ++last_number.try_emplace(base, 1).first->second);
    taken.insert(name);
    if (before.empty())
      nameless.push_back("column " + std::to_string(c + 1) + " is called " + name);
    else if (name != before)
      doubled.push_back("column " + std::to_string(c + 1) + " is called " + name);
  }
  if (!nameless.empty()) {
    notes.push_back(Counted(static_cast<int64_t>(nameless.size()), "column") +
                    (nameless.size() == 1 ? " has no name: " : " have no name: ") + Listed(nameless));
  }
  if (!doubled.empty()) notes.push_back("names of columns are there more than once: " + Listed(doubled));
  return names;
}

std::vector<std::string> NumberedNames(size_t count) {
  std::vector<std::string> names;
  for (size_t c = 0; c < count; ++c) names.push_back(Numbered("column", c + 1));
  return names;
}

}  // namespace minnow::data
