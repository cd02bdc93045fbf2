#include "tests/server/http_get.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace minnow::server {

std::string HttpGet(const rpc::Address& server, const std::string& path, const std::string& authorization) {
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<uint16_t>(server.port));
  inet_pton(AF_INET, server.host.c_str(), &name.sin_addr);
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  const std::string header = authorization.empty() ? "" : "Authorization: " + authorization + "\r\n";
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: " + server.host + "\r\nConnection: close\r\n" + header + "\r\n";
  std::string answer;
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0 &&
      write(descriptor, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t got = read(descriptor, buffer, sizeof(buffer)); got > 0;
         got = read(descriptor, buffer, sizeof(buffer))) {
      answer.append(buffer, got);
    }
  }
  close(descriptor);
  return answer;
}

}  // namespace minnow::server
