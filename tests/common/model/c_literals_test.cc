#include "common/model/c_literals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace minnow::model {
namespace {

TEST(CLiterals, NumbersAreFloatingPointAndExact) {
  EXPECT_EQ(CFloat(5), "5.0f");
  EXPECT_EQ(CFloat(0.1f), "0.1f");
  EXPECT_EQ(CFloat(-0.0f), "-0.0f");
  EXPECT_EQ(CFloat(1e20f), "1e+20f");
  EXPECT_EQ(CDouble(0.1), "0.1");
  EXPECT_EQ(CDouble(-3), "-3.0");
  EXPECT_EQ(CDouble(std::nan("")), "NAN");
}

TEST(CLiterals, DenormalNumbersAreHexadecimal) {
  const float smallest = std::numeric_limits<float>::denorm_min();
  EXPECT_EQ(CFloat(-smallest), "-0x0.000002p-126f");
  EXPECT_EQ(CFloat(std::numeric_limits<float>::min()), "1.1754944e-38f");
}

TEST(CLiterals, TextsHaveNeitherTrigraphsNorBytesBeyondAscii) {
  EXPECT_EQ(CText("plain"), "\"plain\"");
  EXPECT_EQ(CText("\"\\?\?/"), R"("\"\\\?\?/")");
  EXPECT_EQ(CText("\xc3\xb6"
                  "1\n"),
            R"("\303\2661\012")")
      << "an octal escape has three digits, whatever follows";
}

TEST(CLiterals, CommentsEndWhereTheyShould) {
  EXPECT_EQ(CComment("a */ b /* c"), "a * / b / * c");
  EXPECT_EQ(CComment("a\nb\\"), "a.b.");
  EXPECT_EQ(CComment("?\?/"), "? ?/");
  EXPECT_EQ(CComment("caf\xe9.csv"), "caf..csv");
  EXPECT_EQ(CComment("Gr\xc3\xb6\xc3\x9f"
                     "e \xe2\x80\xae!"),
            "Gr\xc3\xb6\xc3\x9f"
            "e .!");
}

TEST(CLiterals, NamesAreDifferentAndNoKeywords) {
  CNames names;
  EXPECT_EQ(names.New("bill length (mm)"), "bill_length_mm");
  EXPECT_EQ(names.New("Bill-Length MM"), "bill_length_mm_2");
  EXPECT_EQ(names.New("class"), "class_");
  EXPECT_EQ(names.New("7up"), "column_7up");
  EXPECT_EQ(names.New("\xc3\xb6"), "column");
  EXPECT_EQ(names.New("??"), "column_2");
  EXPECT_EQ(names.New("double"), "double_");
}

}  // namespace
}  // namespace minnow::model
