// Numbers, texts and names in C99, for every value there is.
#ifndef MINNOW_COMMON_MODEL_C_LITERALS_H_
#define MINNOW_COMMON_MODEL_C_LITERALS_H_

#include <set>
#include <string>
#include <string_view>

namespace minnow::model {

inline constexpr int kMaxCTextBytes = 4095;  // of a string literal, that every C99 compiler takes

// Reads back to the same bits. NaN is NAN.
std::string CFloat(float number);
std::string CDouble(double number);

// A string literal with its quotes: what is not plain ASCII is written as octal escapes.
std::string CText(std::string_view text);

// `text` within a comment, on one line: what would end the comment or trouble a compiler is replaced.
std::string CComment(std::string_view text);

// Names for the members of a struct, in C and C++.
class CNames {
 public:
  // Like `text`: in small letters, with "_" for all else. Never the same name twice, nor one that is taken.
  std::string New(std::string_view text);

 private:
  std::set<std::string> taken_;
};

}  // namespace minnow::model

#endif  // MINNOW_COMMON_MODEL_C_LITERALS_H_
