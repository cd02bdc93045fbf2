// This process, as the operating system sees it.
#ifndef MINNOW_SERVER_HTTP_PROCESS_H_
#define MINNOW_SERVER_HTTP_PROCESS_H_

#include <cstdint>

namespace minnow::http {

// Each is 0 where /proc does not say.
int64_t ResidentBytes();
double StartSeconds();  // since 1970

// The calling thread gives way to all others of this machine from now on, as `nice` has it.
void LowerPriorityOfThisThread();

}  // namespace minnow::http

#endif  // MINNOW_SERVER_HTTP_PROCESS_H_
