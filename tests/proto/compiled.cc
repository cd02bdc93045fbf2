#include "tests/proto/compiled.h"

#include <google/protobuf/descriptor.pb.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace minnow {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFiles[] = {"minnow/v1/job.proto", "minnow/v1/service.proto"};

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Writes the changed files. False when there is nothing to change.
bool WriteChanged(const fs::path& folder, const std::string& from, const std::string& to) {
  fs::create_directories(folder / "minnow/v1");
  bool changed = false;
  for (const char* name : kFiles) {
    std::string text = ReadFile(fs::path(MINNOW_SOURCE_DIR) / "proto" / name);
    if (const size_t at = text.find(from); !changed && at != std::string::npos) {
      text.replace(at, from.size(), to);
      changed = true;
    }
    std::ofstream(folder / name) << text;
  }
  return changed;
}

}  // namespace

Compiled CompileWith(const std::string& from, const std::string& to) {
  const fs::path folder = fs::temp_directory_path() / ("minnow-proto-" + std::to_string(getpid()));
  const fs::path set_file = folder / "set";
  Compiled compiled = {std::make_unique<google::protobuf::DescriptorPool>(), {}};
  if (WriteChanged(folder, from, to)) {
    const std::string command = std::string(MINNOW_PROTOC) + " -I" + folder.string() +
                                " --include_imports --include_source_info --descriptor_set_out=" + set_file.string() +
                                " " + kFiles[0] + " " + kFiles[1];
    google::protobuf::FileDescriptorSet set;
    if (std::system(command.c_str()) == 0 && set.ParseFromString(ReadFile(set_file))) {
      for (const auto& file : set.file()) {
        const auto* const built = compiled.pool->BuildFile(file);
        if (built != nullptr && built->package() == "minnow.v1") compiled.files.push_back(built);
      }
    }
  }
  fs::remove_all(folder);
  return compiled;
}

}  // namespace minnow
