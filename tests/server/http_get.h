// A request to the HTTP side of a server.
#ifndef MINNOW_TESTS_SERVER_HTTP_GET_H_
#define MINNOW_TESTS_SERVER_HTTP_GET_H_

#include <string>

#include "common/rpc/channel.h"

namespace minnow::server {

// The whole answer, status line and headers included; "" without one. `authorization` is the header of that name.
std::string HttpGet(const rpc::Address& server, const std::string& path, const std::string& authorization = "");

}  // namespace minnow::server

#endif  // MINNOW_TESTS_SERVER_HTTP_GET_H_
