#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "client/spec_file.h"
#include "tests/fuzz/targets.h"

namespace minnow::fuzz {
namespace {

const std::vector<client::SpecName> kKnown = {{"units", true},        {"learning-rate", true}, {"epochs", false},
                                              {"good-enough", false}, {"name", false},         {"target", false}};

absl::StatusOr<std::vector<client::SpecEntry>> Parse(const std::string& text) {
  return client::ParseSpec("s.yaml", text, kKnown);
}

// In double quotes, every byte that could mean something to YAML written by its number; the others are UTF-8 already.
std::string Quoted(const std::string& value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "\"";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x80 || (byte > 0x20 && byte < 0x7f && c != '"' && c != '\\');
    if (plain) {
      text += c;
    } else {
      text += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text + "\"";
}

std::string Written(const std::vector<client::SpecEntry>& entries) {
  std::string text;
  for (const client::SpecEntry& entry : entries) {
    std::string name = entry.flag;
    std::replace(name.begin(), name.end(), '-', '_');
    text += name + ": " + Quoted(entry.value) + "\n";
  }
  return text;
}

}  // namespace

void Spec(std::string_view bytes) {
  const absl::StatusOr<std::vector<client::SpecEntry>> entries = Parse(std::string(bytes));
  if (!entries.ok()) {
    Require(absl::IsInvalidArgument(entries.status()), "a spec file is refused as what it is");
    Require(std::string(entries.status().message()).starts_with("s.yaml:"),
            "the file is named: " + entries.status().ToString());
    return;
  }
  std::set<std::string> flags;
  for (const client::SpecEntry& entry : *entries) {
    const auto is = [&](const client::SpecName& name) { return name.flag == entry.flag; };
    Require(std::any_of(kKnown.begin(), kKnown.end(), is), "only flags that are known: " + entry.flag);
    Require(flags.insert(entry.flag).second, "each flag once: " + entry.flag);
    Require(!entry.value.empty(), "a value for each flag: " + entry.flag);
    Require(entry.line >= 1 && entry.line <= 1 + std::ssize(bytes), "a line of the file");
  }
  const std::string text = Written(*entries);
  const absl::StatusOr<std::vector<client::SpecEntry>> again = Parse(text);
  Require(again.ok(), "what was read can be written: " + again.status().ToString());
  Require(Written(*again) == text, "what is written says the same: " + text);
}

}  // namespace minnow::fuzz
