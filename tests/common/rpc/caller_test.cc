#include "common/rpc/caller.h"

#include <gtest/gtest.h>

#include "minnow/v1/service.grpc.pb.h"

namespace minnow::rpc {
namespace {

TEST(ServiceStub, IsOpenedAnewOnceForAllWhoWaitedInVain) {
  const Caller caller(Address{"127.0.0.1", 1}, {});
  ServiceStub<v1::WorkerService> service(&caller);
  const auto first = service.stub();
  service.OpenAnew(first);
  const auto second = service.stub();
  EXPECT_NE(second, first);
  service.OpenAnew(first);
  EXPECT_EQ(service.stub(), second);
}

}  // namespace
}  // namespace minnow::rpc
