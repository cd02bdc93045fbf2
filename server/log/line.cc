#include "server/log/line.h"

#include <algorithm>

#include "common/data/utf8.h"
#include "common/names.h"

namespace minnow::log {
namespace {

constexpr NameTable<Level, 4> kLevels = {
    {{Level::kDebug, "debug"}, {Level::kInfo, "info"}, {Level::kWarning, "warning"}, {Level::kError, "error"}}};

// The first byte of the control characters U+0080 to U+009F in UTF-8, which terminals obey as they do escape.
constexpr unsigned char kHighControlLead = 0xc2;

bool IsControl(unsigned char byte) { return byte < 0x20 || byte == 0x7f; }

bool NeedsQuotes(std::string_view value) {
  const auto needs = [](unsigned char byte) {
    return IsControl(byte) || byte == ' ' || byte == '"' || byte == '\\' || byte == '=' || byte == kHighControlLead;
  };
  return value.empty() || std::any_of(value.begin(), value.end(), needs) ||
         data::FirstInvalidUtf8(value) != std::string_view::npos;
}

void AppendCode(unsigned char byte, std::string& line) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  line += "\\x";
  line += kDigits[byte >> 4];
  line += kDigits[byte & 15];
}

// The control characters of ASCII, and the two characters that quotes need.
void AppendEscaped(unsigned char byte, std::string& line) {
  switch (byte) {
    case '\n':
      line += "\\n";
      break;
    case '\r':
      line += "\\r";
      break;
    case '\t':
      line += "\\t";
      break;
    case '"':
    case '\\':
      line += '\\';
      line += static_cast<char>(byte);
      break;
    default:
      AppendCode(byte, line);
  }
}

void AppendQuoted(std::string_view value, std::string& line) {
  line += '"';
  const bool is_text = data::FirstInvalidUtf8(value) == std::string_view::npos;
  for (size_t i = 0; i < value.size(); ++i) {
    const auto byte = static_cast<unsigned char>(value[i]);
    const bool high_control =
        byte == kHighControlLead && i + 1 < value.size() && static_cast<unsigned char>(value[i + 1]) < 0xa0;
    if (byte >= 0x80 && (!is_text || high_control)) {
      AppendCode(byte, line);
      if (is_text) AppendCode(static_cast<unsigned char>(value[++i]), line);
    } else if (IsControl(byte) || byte == '"' || byte == '\\') {
      AppendEscaped(byte, line);
    } else {
      line += value[i];
    }
  }
  line += '"';
}

// Cuts at the beginning of a character.
std::string Shortened(std::string_view value) {
  size_t end = kMaxValueBytes;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xc0) == 0x80) --end;
  return std::string(value.substr(0, end)) + "...";
}

}  // namespace

std::string_view Name(Level level) { return NameIn(kLevels, level); }
absl::StatusOr<Level> ParseLevel(std::string_view name) { return ParseIn(kLevels, "log level", name); }

std::string LineOf(absl::Time time, Level level, std::string_view event, const std::vector<Field>& fields) {
  std::string line = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
  line += ' ';
  line += Name(level);
  line += ' ';
  line += event;
  for (const Field& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    const std::string value = field.value.size() > kMaxValueBytes ? Shortened(field.value) : field.value;
    if (NeedsQuotes(value)) {
      AppendQuoted(value, line);
    } else {
      line += value;
    }
  }
  line += '\n';
  return line;
}

}  // namespace minnow::log
