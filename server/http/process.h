// This process, as the operating system sees it.
#ifndef MINNOW_SERVER_HTTP_PROCESS_H_
#define MINNOW_SERVER_HTTP_PROCESS_H_

#include <cstdint>

namespace minnow::http {

// Each is 0 where /proc does not say.
int64_t ResidentBytes();
double StartSeconds();  // since 1970

}  // namespace minnow::http

#endif  // MINNOW_SERVER_HTTP_PROCESS_H_
