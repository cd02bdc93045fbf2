// An array that never changes, and what keeps it alive.
#ifndef MINNOW_COMMON_SHARED_ARRAY_H_
#define MINNOW_COMMON_SHARED_ARRAY_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace minnow {

// Copies share the elements, which stay where they are as long as one of them is there: data sets of hundreds of
// megabytes pass through many hands, and must be in memory once.
template <class T>
class SharedArray {
 public:
  using value_type = T;
  using const_iterator = const T*;

  SharedArray() = default;
  // Takes over a std::vector<T>, or a std::string of bytes. Implicit, because only what is given away converts: nothing
  // is copied unseen.
  template <class Owner>
  requires std::same_as<Owner, std::vector<T>> ||
      (std::same_as<T, char>&& std::same_as<Owner, std::string>)SharedArray(Owner&& elements) {
    auto owner = std::make_shared<const Owner>(std::move(elements));
    elements_ = *owner;
    owner_ = std::move(owner);
  }
  // Elements that stay where they are as long as `owner` is held.
  SharedArray(std::span<const T> elements, std::shared_ptr<const void> owner)
      : elements_(elements), owner_(std::move(owner)) {}

  const T* data() const { return elements_.data(); }
  size_t size() const { return elements_.size(); }
  bool empty() const { return elements_.empty(); }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size(); }
  const T& operator[](size_t i) const { return elements_[i]; }

  // The first `count` elements, which are shared with this array.
  SharedArray First(size_t count) const { return {elements_.first(count), owner_}; }
  // What keeps the elements alive.
  const std::shared_ptr<const void>& owner() const { return owner_; }

  std::string_view view() const requires std::same_as<T, char> { return {data(), size()}; }

  friend bool operator==(const SharedArray& a, const SharedArray& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::span<const T> elements_;
  std::shared_ptr<const void> owner_;
};

using SharedBytes = SharedArray<char>;

}  // namespace minnow

#endif  // MINNOW_COMMON_SHARED_ARRAY_H_
