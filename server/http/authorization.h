// Who asks over HTTP, and by which name he calls this server.
#ifndef MINNOW_SERVER_HTTP_AUTHORIZATION_H_
#define MINNOW_SERVER_HTTP_AUTHORIZATION_H_

#include <string>
#include <string_view>

namespace minnow::http {

// With it a browser asks its user for a name, which may be anything, and for a password, which is the token.
inline constexpr char kChallenge[] = "Basic realm=\"minnow\", charset=\"UTF-8\"";

// The header `Authorization` as gRPC has it, "Bearer TOKEN". "Basic" becomes that with the password as the token;
// whatever else, also what cannot be read, stays as it is.
std::string BearerOf(std::string_view authorization);

// The name in a header `Host`, without its port: "localhost" of "localhost:7078", "::1" of "[::1]:7078".
std::string_view NameOf(std::string_view host);

}  // namespace minnow::http

#endif  // MINNOW_SERVER_HTTP_AUTHORIZATION_H_
