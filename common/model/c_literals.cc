#include "common/model/c_literals.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "common/data/utf8.h"

namespace minnow::model {
namespace {

// Keywords of C and C++, and what compilers and headers define as macros in small letters.
constexpr std::string_view kReserved =
    " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t "
    "char8_t class co_await co_return co_yield compl concept const const_cast consteval constexpr "
    "constinit continue decltype default delete do double dynamic_cast else enum errno explicit export "
    "extern false float for friend goto i386 if inline int linux long math_errhandling mutable namespace "
    "new noexcept not not_eq nullptr operator or or_eq private protected public register "
    "reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast "
    "stderr stdin stdout struct switch template this thread_local throw true try typedef typeid typename "
    "typeof union unix unsigned using virtual void volatile wchar_t while xor xor_eq ";

bool IsReserved(const std::string& name) { return kReserved.find(" " + name + " ") != std::string_view::npos; }

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

template <class Number>
std::string Shortest(Number number) {
  std::array<char, 64> text;
  // Compilers warn of decimals that are denormal numbers; hexadecimal ones are exact.
  const bool hexadecimal = number != 0 && std::fabs(number) < std::numeric_limits<Number>::min();
  const auto result = hexadecimal ? std::to_chars(text.begin(), text.end(), std::fabs(number), std::chars_format::hex)
                                  : std::to_chars(text.begin(), text.end(), std::fabs(number));
  std::string digits(text.begin(), result.ptr);
  if (hexadecimal) digits = "0x" + digits;
  if (digits.find_first_of(".ep") == std::string::npos) digits += ".0";
  return (std::signbit(number) ? "-" : "") + digits;
}

}  // namespace

std::string CFloat(float number) { return std::isnan(number) ? "NAN" : Shortest(number) + "f"; }

std::string CDouble(double number) { return std::isnan(number) ? "NAN" : Shortest(number); }

std::string CText(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\' || c == '?') {  // two question marks may begin a trigraph
      literal += {'\\', c};
    } else if (byte >= 0x20 && byte < 0x7f) {
      literal += c;
    } else {
      literal += {'\\', static_cast<char>('0' + (byte >> 6)), static_cast<char>('0' + (byte >> 3 & 7)),
                  static_cast<char>('0' + (byte & 7))};
    }
  }
  return literal + "\"";
}

std::string CComment(std::string_view any) {
  std::string text(any);
  for (size_t at; (at = data::FirstInvalidUtf8(text)) != std::string::npos;) text[at] = '.';
  std::string comment;
  for (size_t i = 0; i < text.size(); ++i) {
    // U+2000 to U+207F hold what changes the direction of reading, which compilers refuse in comments.
    const std::string_view rest = std::string_view(text).substr(i);
    if (rest.starts_with("\xe2\x80") || rest.starts_with("\xe2\x81")) {
      comment += '.';
      i += 2;
      continue;
    }
    const char c = text[i];
    const auto byte = static_cast<uint8_t>(c);
    const char before = comment.empty() ? ' ' : comment.back();
    if ((before == '*' && c == '/') || (before == '/' && c == '*') || (before == '?' && c == '?')) comment += ' ';
    comment += byte < 0x20 || byte == 0x7f || c == '\\' ? '.' : c;
  }
  return comment;
}

std::string CNames::New(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (IsLetter(c) || IsDigit(c)) {
      name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty() || IsDigit(name[0])) name = name.empty() ? "column" : "column_" + name;
  if (IsReserved(name)) name += '_';
  std::string free = name;
  for (int n = 2; !taken_.insert(free).second; ++n) free = name + "_" + std::to_string(n);
  return free;
}

}  // namespace minnow::model
