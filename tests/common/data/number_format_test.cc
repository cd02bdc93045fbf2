#include "common/data/number_format.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstdint>
#include <optional>

#include <string>

#include "common/data/short_number.h"
#include "common/text.h"

namespace minnow::data {
namespace {

using enum NumberFormat;

constexpr std::optional<double> kNone;

TEST(NumberFormats, ReadWhatTheyShould) {
  EXPECT_EQ(ReadNumber(kPlain, "-1234.5e-1"), -123.45);
  EXPECT_EQ(ReadNumber(kPlain, "+7"), 7);
  EXPECT_EQ(ReadNumber(kDecimalComma, "-1.234.567,25"), -1234567.25);
  EXPECT_EQ(ReadNumber(kDecimalComma, "1,5e3"), 1500);
  EXPECT_EQ(ReadNumber(kThousands, "1,234,567.25"), 1234567.25);
  EXPECT_EQ(ReadNumber(kPercent, "12.5 %"), 12.5);
  EXPECT_EQ(ReadNumber(kTime, "06:00"), 0.25);
  EXPECT_EQ(ReadNumber(kTime, "12:00 AM"), 0);
  EXPECT_EQ(ReadNumber(kTime, "6:00:00 PM"), 0.75);
}

TEST(NumberFormats, RefuseAllElse) {
  for (const NumberFormat format : FormatsInOrder(true)) {
    for (const char* text :
         {"",        " ",       "-", "+", "inf", "nan",    "1e999",     "x",       "1 2", "--1", "+-1",
          "1.2.3.4", "1,2,3,4", "%", ",", ".",   "1,,000", "12,34,567", "1.5,000", ":",   "//",  "1/2/3/2024"}) {
      EXPECT_EQ(ReadNumber(format, text), kNone) << Name(format) << " " << text;
    }
  }
}

TEST(NumberFormats, DatesAreDaysOfTheGregorianCalendar) {
  EXPECT_EQ(ReadNumber(kDate, "1970-01-01"), 0);
  EXPECT_EQ(ReadNumber(kDate, "2000-02-29"), 11016);
  EXPECT_EQ(ReadNumber(kDate, "1900-02-29"), kNone);
  EXPECT_EQ(ReadNumber(kDate, "1969-12-31"), -1);
  EXPECT_EQ(ReadNumber(kDate, "2024-13-01"), kNone);
  EXPECT_EQ(ReadNumber(kDate, "1970-01-02T12:00"), 1.5);
  EXPECT_EQ(ReadNumber(kDate, "1970-01-02T12:00:00+12:00"), 1);
  EXPECT_EQ(ReadNumber(kDate, "1970-01-02 25:00"), kNone);
  EXPECT_EQ(ReadNumber(kDateDayFirst, "31.12.1970"), 364);
  EXPECT_EQ(ReadNumber(kDateDayFirst, "12/31/1970"), kNone);
  EXPECT_EQ(ReadNumber(kDateMonthFirst, "12/31/1970 6:00 PM"), 364.75);
  EXPECT_EQ(ReadNumber(kDateMonthFirst, "12.31.1970"), kNone);
  EXPECT_EQ(ReadNumber(kDateDayFirst, "1.2-1970"), kNone);
}

TEST(NumberFormats, EveryDayReadsBack) {
  for (int day = -719'162; day < 2'900'000; day += 61) {
    ASSERT_EQ(ReadNumber(kDate, NumberAsText(kDate, day)), day) << NumberAsText(kDate, day);
  }
  EXPECT_EQ(NumberAsText(kDateDayFirst, 19723.5), "2024-01-01 12:00");
  EXPECT_EQ(NumberAsText(kTime, 0.75), "18:00");
  EXPECT_EQ(NumberAsText(kPercent, 12.5), "12.5");
}

TEST(NumberFormats, NamesReadBack) {
  for (const NumberFormat format : FormatsInOrder(false)) EXPECT_EQ(NumberFormatFromName(Name(format)), format);
  EXPECT_EQ(NumberFormatFromName("roman"), std::nullopt);
}

// The short way must give the bits of the long one.
TEST(ShortNumber, ReadsAsTheLibraryDoes) {
  rc::check([] {
    const auto digits = *rc::gen::inRange<int64_t>(-999'999'999'999'999, 1'000'000'000'000'000);
    std::string text = std::to_string(digits);
    const size_t first = text[0] == '-' ? 1 : 0;
    const auto point = *rc::gen::inRange<size_t>(first, text.size() + 1);
    if (*rc::gen::arbitrary<bool>()) text.insert(point, ".");
    const double number = ShortNumber(text);
    RC_ASSERT(ParseNumber(text) == number);
  });
  EXPECT_TRUE(std::isnan(ShortNumber("1234567890123456")));
  for (const char* text : {"", "-", ".", "-.", "1.2.3", "1e5", "+1", "1 "})
    EXPECT_TRUE(std::isnan(ShortNumber(text))) << text;
}

TEST(GapWords, AreFew) {
  for (const char* word : {"NA", "na", "N/A", "NaN", "NULL", "None", "?", "-", "."})
    EXPECT_TRUE(IsGapWord(word)) << word;
  for (const char* word : {"", "0", "no", "NAN1", "unknown"}) EXPECT_FALSE(IsGapWord(word)) << word;
}

}  // namespace
}  // namespace minnow::data
