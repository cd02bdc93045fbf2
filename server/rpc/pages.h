// Pages of lists.
#ifndef MINNOW_SERVER_RPC_PAGES_H_
#define MINNOW_SERVER_RPC_PAGES_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace minnow::rpc {

// How many rows a page has: `usual` when a request leaves it to the server.
struct PageSizes {
  int usual = 0;
  int most = 0;
};

// The page that a request asks for. Rows have a position: a number or a name by which the list is ordered, and the page
// begins after `after`.
template <class Position>
struct Page {
  std::string list;  // names the method and every filter of the request
  int size = 0;
  Position after = Position();
};

// A token is good for the list that gave it.
std::string PageToken(const std::string& list, const std::string& position);
std::string PageToken(const std::string& list, int64_t position);

// InvalidArgument: a negative size, a token that is not of this list.
absl::Status ReadPage(int page_size, const std::string& page_token, PageSizes sizes, Page<std::string>& page);
absl::Status ReadPage(int page_size, const std::string& page_token, PageSizes sizes, Page<int64_t>& page);

template <class Position, class Request>
absl::StatusOr<Page<Position>> PageOf(const Request& request, std::string list, PageSizes sizes) {
  Page<Position> page = {.list = std::move(list)};
  const absl::Status status = ReadPage(request.page_size(), request.page_token(), sizes, page);
  if (!status.ok()) return status;
  return page;
}

}  // namespace minnow::rpc

#endif  // MINNOW_SERVER_RPC_PAGES_H_
