// The bend of leaky_relu, for whoever computes a network.
#ifndef MINNOW_COMMON_LEAKY_RELU_H_
#define MINNOW_COMMON_LEAKY_RELU_H_

namespace minnow {

inline constexpr float kLeak = 0.01f;  // slope below 0

}  // namespace minnow

#endif  // MINNOW_COMMON_LEAKY_RELU_H_
