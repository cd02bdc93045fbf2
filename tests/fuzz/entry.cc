// Where libFuzzer enters the target MINNOW_FUZZ_TARGET.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  minnow::fuzz::MINNOW_FUZZ_TARGET({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
