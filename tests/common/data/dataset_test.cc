#include "common/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "common/data/dataset_stream.h"
#include "common/sha256.h"
#include "tests/common/data/tables.h"

namespace minnow::data {
namespace {

using ::testing::HasSubstr;

Part ClassPart(std::vector<float> x, std::vector<int32_t> labels) {
  Part part{.inputs = 2, .x = std::move(x), .targets = {}};
  part.targets.classes = 3;
  part.targets.labels = std::move(labels);
  return part;
}

Part NumberPart() {
  Part part{.inputs = 1, .x = std::vector<float>{1, -2}, .targets = {}};
  part.targets.task = Task::kRegression;
  part.targets.target_mean = 3.5;
  part.targets.target_scale = 0.25;
  part.targets.values = {0.5F, -1};
  return part;
}

TrainingData Example() { return {ClassPart({1, 2, -3, 4}, {0, 2}), ClassPart({0.5F, 0}, {1})}; }

bool Equal(const Part& a, const Part& b) {
  return a.inputs == b.inputs && a.x == b.x && a.targets.task == b.targets.task &&
         a.targets.classes == b.targets.classes && a.targets.target_mean == b.targets.target_mean &&
         a.targets.target_scale == b.targets.target_scale && a.targets.labels == b.targets.labels &&
         a.targets.values == b.targets.values;
}

std::string WithByte(std::string bytes, size_t offset, char value) {
  bytes[offset] = value;
  return bytes;
}

TEST(Dataset, TrainingDataReadBackAsTheyWere) {
  const auto decoded = DecodeTrainingData(EncodeTrainingData(Example()));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_TRUE(Equal(decoded->train, Example().train));
  EXPECT_TRUE(Equal(decoded->validation, Example().validation));
  EXPECT_EQ(decoded->inputs(), 2);
  EXPECT_EQ(decoded->outputs(), 3);
}

TEST(Dataset, APartReadsBackAsItWas) {
  const auto decoded = DecodePart(EncodePart(NumberPart()));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_TRUE(Equal(*decoded, NumberPart()));
}

TEST(Dataset, InputsAreThoseWithinTheBytes) {
  std::weak_ptr<const void> alive;
  {
    const SharedBytes bytes = EncodeTrainingData(Example());
    alive = bytes.owner();
    const Part train = DecodeTrainingData(bytes)->train;
    EXPECT_EQ(static_cast<const void*>(train.x.data()), bytes.data() + 56);
    EXPECT_EQ(train.x.owner(), bytes.owner());
  }
  EXPECT_TRUE(alive.expired());
}

// The bytes name the data in every database; a change of them would orphan what is stored.
TEST(Dataset, TheEncodingNeverChanges) {
  const std::string bytes = EncodeTrainingData(Example());
  EXPECT_EQ(bytes.size(), 56u + 4 * (4 + 2 + 2 + 1));
  EXPECT_EQ(Sha256Hex(bytes), "4677f98153f98e60cdb1388248ecb350e6077a6984e90da213efc93c5a71dcbe");
  EXPECT_EQ(Sha256Hex(EncodePart(NumberPart())), "968785989e6a353b2640dec2b6452303e45a1cac5b017f7bffdf25a3e11224fb");
}

TEST(Dataset, NumbersAreLittleEndian) {
  const std::string bytes = EncodeTrainingData(Example());
  EXPECT_EQ(bytes.substr(0, 8), std::string("MNNW\1\0\0\0", 8));
  EXPECT_EQ(bytes.substr(24, 8), std::string("\2\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(bytes.substr(56, 4), std::string("\0\0\x80\x3F", 4));
}

TEST(Dataset, RefusesBytesOfAnyOtherLength) {
  const std::string bytes = EncodeTrainingData(Example());
  for (size_t size = 0; size < bytes.size(); ++size) {
    // A copy of its own, so that the address sanitizer sees a read beyond it.
    const SharedBytes copy = std::vector<char>(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(DecodeTrainingData(copy).ok()) << size;
    EXPECT_FALSE(DecodePart(copy).ok()) << size;
  }
  EXPECT_FALSE(DecodeTrainingData(bytes + '\0').ok());
}

TEST(Dataset, WhateverItAcceptsItWouldWriteAlike) {
  const std::string training = EncodeTrainingData(Example());
  const std::string part = EncodePart(NumberPart());
  for (int value = 0; value < 256; ++value) {
    for (size_t offset = 0; offset < training.size(); ++offset) {
      const std::string bytes = WithByte(training, offset, static_cast<char>(value));
      if (const auto decoded = DecodeTrainingData(std::string(bytes)); decoded.ok()) {
        EXPECT_EQ(EncodeTrainingData(*decoded), bytes);
      }
    }
    for (size_t offset = 0; offset < part.size(); ++offset) {
      const std::string bytes = WithByte(part, offset, static_cast<char>(value));
      if (const auto decoded = DecodePart(std::string(bytes)); decoded.ok()) {
        EXPECT_EQ(EncodePart(*decoded), bytes);
      }
    }
  }
}

TEST(Dataset, RefusesTheOtherKindAndAnotherVersion) {
  EXPECT_THAT(MessageOf(DecodePart(EncodeTrainingData(Example()))), HasSubstr("kind 1, not 2"));
  EXPECT_THAT(MessageOf(DecodeTrainingData(EncodePart(NumberPart()))), HasSubstr("kind 2, not 1"));
  EXPECT_THAT(MessageOf(DecodePart(WithByte(EncodePart(NumberPart()), 4, 2))), HasSubstr("version 2, not 1"));
  EXPECT_THAT(MessageOf(DecodePart(WithByte(EncodePart(NumberPart()), 0, 'm'))), HasSubstr("MNNW"));
}

TEST(Dataset, RefusesLabelsBeyondTheClasses) {
  for (const int32_t label : {3, -1, 1 << 30}) {
    EXPECT_THAT(MessageOf(DecodePart(EncodePart(ClassPart({1, 2}, {label})))), HasSubstr("is no class"));
  }
}

TEST(Dataset, RefusesNumbersThatAreNotFinite) {
  Part part = NumberPart();
  part.targets.values[1] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(MessageOf(DecodePart(EncodePart(part))), HasSubstr("not finite"));
  EXPECT_THAT(MessageOf(DecodePart(EncodePart(ClassPart({1, std::nanf("")}, {0})))), HasSubstr("not finite"));
  part = NumberPart();
  part.targets.target_scale = 0;
  EXPECT_THAT(MessageOf(DecodePart(EncodePart(part))), HasSubstr("mean or scale"));
}

TEST(Dataset, RefusesSizesThatWouldOverflow) {
  std::string bytes = EncodePart(NumberPart());
  for (size_t offset = 24; offset < 32; ++offset) bytes[offset] = '\xFF';
  EXPECT_THAT(MessageOf(DecodePart(std::string(bytes))), HasSubstr("rows"));
  bytes = WithByte(EncodePart(NumberPart()), 23, '\x7F');
  EXPECT_THAT(MessageOf(DecodePart(std::string(bytes))), HasSubstr("inputs"));
}

absl::StatusOr<DatasetOutline> Streamed(std::string_view bytes, size_t part, DatasetStream::Keep keep) {
  DatasetStream stream(static_cast<int64_t>(bytes.size()), keep);
  for (size_t at = 0; at < bytes.size(); at += part) stream.Take(bytes.substr(at, part));
  return stream.End();
}

TEST(DatasetStream, KeepsOfTrainingDataTheTargetsOfTheValidationRows) {
  const std::string bytes = EncodeTrainingData(Example());
  for (const size_t part : {1, 3, 4, 57, 1'000}) {
    const DatasetOutline outline = Streamed(bytes, part, DatasetStream::Keep::kTargets).value();
    EXPECT_TRUE(outline.training);
    EXPECT_EQ(outline.inputs, 2);
    EXPECT_EQ(outline.outputs(), 3);
    EXPECT_EQ(outline.first_rows, 2);
    EXPECT_EQ(outline.rows, 3);
    EXPECT_EQ(outline.targets.labels, std::vector<int32_t>{1}) << part;
  }
  EXPECT_TRUE(Streamed(bytes, 10, DatasetStream::Keep::kNothing)->targets.labels.empty());
}

TEST(DatasetStream, KeepsTheTargetsOfASinglePart) {
  for (const size_t part : {1, 7, 1'000}) {
    const DatasetOutline outline = Streamed(EncodePart(NumberPart()), part, DatasetStream::Keep::kTargets).value();
    EXPECT_FALSE(outline.training);
    EXPECT_EQ(outline.rows, 2);
    EXPECT_EQ(outline.targets.target_mean, 3.5);
    EXPECT_EQ(outline.targets.values, NumberPart().targets.values) << part;
  }
}

TEST(DatasetStream, RefusesWhatTheDecodersRefuse) {
  for (const std::string& whole : {EncodeTrainingData(Example()), EncodePart(NumberPart())}) {
    for (size_t offset = 0; offset < whole.size(); ++offset) {
      for (const char value : {'\0', '\1', '\2', '\x7F', '\xFF'}) {
        const std::string bytes = WithByte(whole, offset, value);
        const bool accepted = DecodeTrainingData(std::string(bytes)).ok() || DecodePart(std::string(bytes)).ok();
        EXPECT_EQ(Streamed(bytes, 5, DatasetStream::Keep::kNothing).ok(), accepted) << offset << " " << int{value};
      }
    }
    for (size_t size = 0; size < whole.size(); ++size) {
      EXPECT_FALSE(Streamed(std::string_view(whole).substr(0, size), 5, DatasetStream::Keep::kNothing).ok()) << size;
    }
    DatasetStream short_of_one(static_cast<int64_t>(whole.size()), DatasetStream::Keep::kNothing);
    short_of_one.Take(std::string_view(whole).substr(1));
    EXPECT_FALSE(short_of_one.End().ok());
    DatasetStream truncated(static_cast<int64_t>(whole.size()), DatasetStream::Keep::kNothing);
    truncated.Take(std::string_view(whole).substr(0, whole.size() - 1));
    EXPECT_FALSE(truncated.End().ok());
  }
}

}  // namespace
}  // namespace minnow::data
