#include "common/data/idx.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/data/byte_source.h"
#include "common/data/wording.h"

namespace minnow::data {
namespace {

constexpr std::string_view kImages = "images-idx3-ubyte";
constexpr std::string_view kLabels = "labels-idx1-ubyte";
constexpr std::string_view kDotImages = "images.idx3-ubyte";  // as some unpack them
constexpr std::string_view kDotLabels = "labels.idx1-ubyte";
constexpr size_t kImageDimensions = 3;
constexpr size_t kLabelDimensions = 1;

absl::Status Refuse(const std::string& file, const std::string& what) {
  return absl::InvalidArgumentError(file + ": " + what);
}

// A file of bytes in one or three dimensions: its head is read, its rows follow.
class IdxFile {
 public:
  static absl::StatusOr<IdxFile> Open(const std::string& path, size_t dimensions);

  int64_t rows() const { return sizes_[0]; }
  const std::vector<int64_t>& sizes() const { return sizes_; }
  // Exactly so many bytes.
  absl::Status Read(std::string& bytes);
  absl::Status CheckEnd();

 private:
  std::string path_;
  std::unique_ptr<ByteSource> source_;
  std::vector<int64_t> sizes_;
};

absl::Status IdxFile::Read(std::string& bytes) {
  size_t size = 0;
  while (size < bytes.size()) {
    const absl::StatusOr<size_t> more = source_->Read(bytes.data() + size, bytes.size() - size);
    if (!more.ok()) return more.status();
    if (*more == 0) return Refuse(path_, "the file ends too early: copy it again");
    size += *more;
  }
  return absl::OkStatus();
}

absl::Status IdxFile::CheckEnd() {
  char byte = 0;
  const absl::StatusOr<size_t> more = source_->Read(&byte, 1);
  if (!more.ok()) return more.status();
  return *more == 0
             ? absl::OkStatus()
             : Refuse(path_, "the file goes on behind its last of " + Counted(rows(), "row") + ": copy it again");
}

absl::StatusOr<IdxFile> IdxFile::Open(const std::string& path, size_t dimensions) {
  auto source = OpenSource(path);
  if (!source.ok()) return source.status();
  IdxFile file;
  file.path_ = SourceName(path);
  file.source_ = *std::move(source);
  std::string magic(kIdxMagicBytes, '\0');
  if (absl::Status read = file.Read(magic); !read.ok()) return read;
  if (!IsIdx(magic) || static_cast<size_t>(magic[3]) != dimensions) {
    return Refuse(file.path_, "not an idx file of bytes with " +
                                  Counted(static_cast<int64_t>(dimensions), "dimension") + ": " +
                                  (dimensions == kImageDimensions ? "give the file of the images (images-idx3-ubyte)"
                                                                  : "the labels must be in an idx1-ubyte file"));
  }
  std::string sizes(4 * dimensions, '\0');
  if (absl::Status read = file.Read(sizes); !read.ok()) return read;
  for (size_t d = 0; d < dimensions; ++d) {
    int64_t size = 0;
    for (size_t i = 0; i < 4; ++i) size = 256 * size + static_cast<unsigned char>(sizes[4 * d + i]);
    file.sizes_.push_back(size);
  }
  return file;
}

bool Replace(std::string& text, std::string_view what, std::string_view by) {
  const size_t at = text.rfind(what);
  if (at == std::string::npos) return false;
  text.replace(at, what.size(), by);
  return true;
}

// The file of the labels that belong to the images.
absl::StatusOr<std::string> LabelsBeside(const std::string& images) {
  std::string labels = images;
  if (!Replace(labels, kImages, kLabels) && !Replace(labels, kDotImages, kDotLabels)) {
    return Refuse(images, "the labels of these images are looked for beside them, which needs a name that ends in " +
                              std::string(kImages) + " or " + std::string(kImages) + ".gz: rename the file");
  }
  std::error_code error;
  if (std::filesystem::exists(labels, error)) return labels;
  std::string other = labels.ends_with(".gz") ? labels.substr(0, labels.size() - 3) : labels + ".gz";
  if (std::filesystem::exists(other, error)) return other;
  return absl::NotFoundError(images + ": there is no file of its labels, " + labels + ": put it beside the images");
}

absl::Status CheckSizes(const std::string& path, const IdxFile& images, const std::string& labels_path,
                        const IdxFile& labels) {
  const int64_t pixels = images.sizes()[1] * images.sizes()[2];
  if (images.rows() == 0 || pixels == 0) return Refuse(path, "there are no images in the file");
  if (pixels > kMaxCsvColumns - 1 || (pixels + 1) * images.rows() > kMaxCsvCells) {
    return Refuse(path, Counted(images.rows(), "image") + " of " + Counted(pixels, "pixel") +
                            " are more than can be read: use fewer or smaller images");
  }
  if (images.rows() == labels.rows()) return absl::OkStatus();
  return Refuse(labels_path, Counted(labels.rows(), "label") + " for " + Counted(images.rows(), "image") + " in " +
                                 path + ": the two files do not belong together");
}

CsvTable EmptyTable(const std::string& path, const IdxFile& images) {
  CsvTable table;
  table.file = path;
  for (int64_t y = 1; y <= images.sizes()[1]; ++y) {
    for (int64_t x = 1; x <= images.sizes()[2]; ++x)
      table.header.push_back("pixel_" + std::to_string(y) + "_" + std::to_string(x));
  }
  table.header.emplace_back(kIdxTarget);
  table.columns.resize(table.header.size());
  return table;
}

}  // namespace

bool IsIdx(std::string_view first_bytes) {
  constexpr char kUnsignedBytes = 8;
  constexpr char kMostDimensions = 4;
  return first_bytes.size() >= kIdxMagicBytes && first_bytes[0] == 0 && first_bytes[1] == 0 &&
         first_bytes[2] == kUnsignedBytes && first_bytes[3] >= 1 && first_bytes[3] <= kMostDimensions;
}

absl::StatusOr<CsvTable> ReadIdx(const std::string& path) {
  auto images = IdxFile::Open(path, kImageDimensions);
  if (!images.ok()) return images.status();
  const absl::StatusOr<std::string> labels_path = LabelsBeside(path);
  if (!labels_path.ok()) return labels_path.status();
  auto labels = IdxFile::Open(*labels_path, kLabelDimensions);
  if (!labels.ok()) return labels.status();
  if (absl::Status sizes = CheckSizes(path, *images, *labels_path, *labels); !sizes.ok()) return sizes;

  std::array<std::string, 256> spelled;
  for (size_t value = 0; value < spelled.size(); ++value) spelled[value] = std::to_string(value);
  CsvTable table = EmptyTable(path, *images);
  std::string pixels(table.columns.size() - 1, '\0');
  std::string label(1, '\0');
  for (int64_t row = 0; row < images->rows(); ++row) {
    if (absl::Status read = images->Read(pixels); !read.ok()) return read;
    if (absl::Status read = labels->Read(label); !read.ok()) return read;
    for (size_t c = 0; c < pixels.size(); ++c) table.columns[c].Append(spelled[static_cast<unsigned char>(pixels[c])]);
    table.columns.back().Append(spelled[static_cast<unsigned char>(label[0])]);
    table.lines.Append(row + 1);
  }
  if (absl::Status end = images->CheckEnd(); !end.ok()) return end;
  if (absl::Status end = labels->CheckEnd(); !end.ok()) return end;
  table.notes.push_back(Counted(images->rows(), "image") + " of " + std::to_string(images->sizes()[1]) + " by " +
                        std::to_string(images->sizes()[2]) + " pixels, with the labels of " + *labels_path);
  return table;
}

}  // namespace minnow::data
