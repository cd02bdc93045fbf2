#include "client/spec_file.h"

#include <spdlog/fmt/fmt.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "common/names.h"
#include "common/text.h"

namespace minnow::client {
namespace {

absl::Status SpecError(const std::string& file, const YAML::Mark& mark, const std::string& problem) {
  if (mark.is_null()) return absl::InvalidArgumentError(fmt::format("{}: {}", file, problem));
  return absl::InvalidArgumentError(fmt::format("{}:{}: {}", file, mark.line + 1, problem));
}

absl::StatusOr<SpecName> FindName(const std::string& file, const YAML::Node& key, const std::vector<SpecName>& known) {
  if (!key.IsScalar()) return SpecError(file, key.Mark(), "a name stands before each colon, such as \"units: [4, 8]\"");
  std::vector<std::string> names;
  for (const SpecName& name : known) {
    names.emplace_back(name.flag);
    std::replace(names.back().begin(), names.back().end(), '-', '_');
    if (names.back() == key.Scalar()) return name;
  }
  return SpecError(file, key.Mark(), UnknownName("name", key.Scalar(), {names.begin(), names.end()}));
}

// The value as text, the values of a list joined by commas.
absl::StatusOr<std::string> ValueText(const std::string& file, const YAML::Node& key, const YAML::Node& value,
                                      bool list) {
  const std::string name = key.Scalar();
  if (value.IsScalar() && !value.Scalar().empty()) return value.Scalar();
  if (value.IsNull() || value.IsScalar())
    return SpecError(file, key.Mark(), name + " has no value; give one or take it out");
  if (!value.IsSequence() || !list) {
    return SpecError(file, value.Mark(),
                     name + (list ? " takes a value or a list of values, not a map" : " takes one value"));
  }
  std::vector<std::string> parts;
  for (const YAML::Node& part : value) {
    if (!part.IsScalar()) return SpecError(file, part.Mark(), name + " takes a list of single values");
    parts.push_back(part.Scalar());
  }
  if (parts.empty()) return SpecError(file, value.Mark(), "the list of " + name + " is empty; give at least one value");
  return Join(parts, ",");
}

absl::StatusOr<std::vector<SpecEntry>> Entries(const std::string& file, const YAML::Node& root,
                                               const std::vector<SpecName>& known) {
  std::vector<SpecEntry> entries;
  if (!root.IsDefined() || root.IsNull()) return entries;
  if (!root.IsMap()) return SpecError(file, root.Mark(), "write one flag a line, such as \"units: [4, 8]\"");
  for (const auto& pair : root) {
    const absl::StatusOr<SpecName> name = FindName(file, pair.first, known);
    if (!name.ok()) return name.status();
    const std::string flag(name->flag);
    if (std::any_of(entries.begin(), entries.end(), [&](const SpecEntry& entry) { return entry.flag == flag; })) {
      return SpecError(file, pair.first.Mark(), pair.first.Scalar() + " is there twice; keep one");
    }
    absl::StatusOr<std::string> value = ValueText(file, pair.first, pair.second, name->list);
    if (!value.ok()) return value.status();
    entries.push_back({flag, *std::move(value), pair.first.Mark().line + 1});
  }
  return entries;
}

}  // namespace

absl::StatusOr<std::vector<SpecEntry>> ParseSpec(const std::string& file, const std::string& text,
                                                 const std::vector<SpecName>& known) {
  try {
    return Entries(file, YAML::Load(text), known);
  } catch (const YAML::Exception& error) {
    return SpecError(file, error.mark, "this is not YAML: " + error.msg);
  }
}

absl::StatusOr<std::vector<SpecEntry>> ReadSpecFile(const std::string& file, const std::vector<SpecName>& known) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) {
    return absl::InvalidArgumentError(fmt::format("--spec: \"{}\" is a folder; name a YAML file", file));
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    return absl::NotFoundError(fmt::format("--spec: \"{}\" cannot be read: {}", file, std::strerror(errno)));
  }
  std::string text(kMaxSpecBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.size() > kMaxSpecBytes) {
    return absl::InvalidArgumentError(
        fmt::format("--spec: \"{}\" is larger than {} bytes; is it the right file?", file, kMaxSpecBytes));
  }
  return ParseSpec(file, text, known);
}

}  // namespace minnow::client
