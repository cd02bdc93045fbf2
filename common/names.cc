#include "common/names.h"

#include <algorithm>
#include <numeric>

namespace minnow {
namespace {

constexpr int kMostEdits = 2;

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// Letters to insert, delete or replace to turn `a` into `b` (Levenshtein 1966).
int Edits(std::string_view a, std::string_view b) {
  std::vector<int> row(b.size() + 1);  // row[j]: edits from the part of `a` seen so far to the first j letters of `b`
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i) + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const int replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view NearestName(std::string_view text, const std::vector<std::string_view>& known) {
  const std::string lower = LowerCase(text);
  if (lower.empty()) return {};
  for (std::string_view name : known) {
    if (name.starts_with(lower)) return name;
  }
  std::string_view nearest;
  int fewest = kMostEdits + 1;
  for (std::string_view name : known) {
    // As many edits as letters would turn anything into anything.
    const int edits = Edits(lower, name);
    if (edits < fewest && edits < static_cast<int>(lower.size())) {
      fewest = edits;
      nearest = name;
    }
  }
  return nearest;
}

std::string UnknownName(std::string_view what, std::string_view text, const std::vector<std::string_view>& known) {
  std::string message = "unknown " + std::string(what) + " \"" + std::string(text) + "\"";
  const std::string_view nearest = NearestName(text, known);
  message += nearest.empty() ? "." : "; did you mean \"" + std::string(nearest) + "\"?";
  message += " Known:";
  for (size_t i = 0; i < known.size(); ++i) {
    message += i == 0 ? " " : ", ";
    message += known[i];
  }
  return message;
}

}  // namespace minnow
