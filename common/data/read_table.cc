#include "common/data/read_table.h"

#include <array>
#include <memory>
#include <string_view>

#include "common/data/byte_source.h"
#include "common/data/idx.h"

namespace minnow::data {

absl::StatusOr<CsvTable> ReadTable(const std::string& path, const ReadOptions& options) {
  const absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenSource(path);
  if (!source.ok()) return source.status();
  std::array<char, kIdxMagicBytes> magic{};
  const absl::StatusOr<size_t> size = (*source)->Read(magic.data(), magic.size());
  if (!size.ok()) return size.status();
  const bool idx = IsIdx(std::string_view(magic.data(), *size));
  if (idx && path != kStandardInput) return ReadIdx(path);
  if (absl::Status rewound = (*source)->Rewind(); !rewound.ok()) return rewound;
  return ReadCsv(**source, SourceName(path), options);
}

}  // namespace minnow::data
