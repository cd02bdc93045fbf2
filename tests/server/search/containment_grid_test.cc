#include "server/search/containment_grid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace minnow::search {
namespace {

// Sums of whole numbers, so that any order of additions gives the same.
void CheckAgainstPairs(const Space& space, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<double> values(space.shapes());
  for (double& value : values) value = static_cast<double>(random() % 1000);
  const ContainmentGrid grid(space);
  const std::vector<double> contained = grid.SumContained(values);
  const std::vector<double> containing = grid.SumContaining(values);
  for (int s = 0; s < space.shapes(); ++s) {
    double inside = 0;
    double outside = 0;
    for (int x = 0; x < space.shapes(); ++x) {
      if (Contains(space.shape(s), space.shape(x))) inside += values[x];
      if (Contains(space.shape(x), space.shape(s))) outside += values[x];
    }
    ASSERT_EQ(contained[s], inside) << HiddenText(space.shape(s).hidden) << ", seed " << seed;
    ASSERT_EQ(containing[s], outside) << HiddenText(space.shape(s).hidden) << ", seed " << seed;
  }
}

TEST(ContainmentGrid, SumsWhatEachShapeContains) {
  JobSpec spec;
  spec.max_layers = 3;
  spec.units = {1, 3, 4, 9};
  CheckAgainstPairs(Space(spec, 5, 2), 1);
}

TEST(ContainmentGrid, AllowsForGaps) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    std::vector<Shape> shapes;
    for (int i = 0; i < 40; ++i) {
      Shape shape{6, {}, 3};
      for (unsigned layers = random() % 4; layers > 0; --layers)
        shape.hidden.push_back(1 + static_cast<int>(random() % 6));
      if (std::find(shapes.begin(), shapes.end(), shape) == shapes.end()) shapes.push_back(shape);
    }
    CheckAgainstPairs(Space(shapes, {Recipe{}}, SizeMeasure::kParameters), seed);
  }
}

}  // namespace
}  // namespace minnow::search
