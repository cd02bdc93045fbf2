#include "server/search/space.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

namespace minnow::search {
namespace {

void AppendShapes(const JobSpec& spec, int depth, Shape& partial, std::vector<Shape>& shapes) {
  if (static_cast<int>(partial.hidden.size()) == depth) {
    shapes.push_back(partial);
    return;
  }
  for (int units : spec.units) {
    partial.hidden.push_back(units);
    AppendShapes(spec, depth, partial, shapes);
    partial.hidden.pop_back();
  }
}

std::vector<Recipe> AllRecipes(const JobSpec& spec) {
  std::vector<Recipe> recipes;
  for (InitScheme init : spec.inits) {
    for (Activation activation : spec.activations) {
      for (Optimizer optimizer : spec.optimizers) {
        for (double rate : spec.learning_rates) {
          for (int batch : spec.batch_sizes) {
            for (double decay : spec.weight_decays) {
              recipes.push_back({init, activation, optimizer, rate, batch, decay});
            }
          }
        }
      }
    }
  }
  return recipes;
}

bool SameGroup(const Recipe& a, const Recipe& b) {
  return std::tie(a.activation, a.optimizer, a.batch_size) == std::tie(b.activation, b.optimizer, b.batch_size);
}

// Groups in the order of their first recipe.
std::vector<Group> GroupRecipes(const std::vector<Recipe>& recipes, const std::vector<int>& numbers) {
  std::vector<Group> groups;
  for (int number : numbers) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& candidate) {
      return SameGroup(recipes[candidate.recipes.front()], recipes[number]);
    });
    if (group == groups.end()) group = groups.insert(groups.end(), Group{});
    group->recipes.push_back(number);
  }
  return groups;
}

}  // namespace

Space::Space(const JobSpec& spec, int inputs, int outputs) : recipes_(AllRecipes(spec)) {
  Shape partial{inputs, {}, outputs};
  for (int depth = spec.min_layers; depth <= spec.max_layers; ++depth) AppendShapes(spec, depth, partial, shapes_);
  NumberShapes(spec.order_by);
  GroupAllRecipes();
}

Space::Space(std::vector<Shape> shapes, std::vector<Recipe> recipes, SizeMeasure order_by)
    : shapes_(std::move(shapes)), recipes_(std::move(recipes)) {
  NumberShapes(order_by);
  GroupAllRecipes();
}

void Space::NumberShapes(SizeMeasure order_by) {
  const auto size = [&](const Shape& shape) {
    return order_by == SizeMeasure::kMultiplyAdds ? MultiplyAdds(shape) : Parameters(shape);
  };
  std::sort(shapes_.begin(), shapes_.end(), [&](const Shape& a, const Shape& b) {
    const int64_t size_a = size(a);
    const int64_t size_b = size(b);
    return size_a != size_b ? size_a < size_b : ListedBefore(a, b);
  });
  for (const Shape& shape : shapes_) sizes_.push_back(size(shape));
  // Either measure grows with every width, so the narrowest shape of a depth is listed first.
  for (int s = shapes() - 1; s >= 0; --s) {
    const size_t depth = shapes_[s].hidden.size();
    if (depth >= narrowest_of_depth_.size()) narrowest_of_depth_.resize(depth + 1);
    narrowest_of_depth_[depth] = s;
  }
}

void Space::GroupAllRecipes() {
  std::vector<int> all(recipes_.size());
  std::vector<int> breaking_symmetry;
  for (int r = 0; r < static_cast<int>(recipes_.size()); ++r) {
    all[r] = r;
    if (!KeepsUnitsEqual(recipes_[r].init)) breaking_symmetry.push_back(r);
  }
  groups_ = GroupRecipes(recipes_, all);
  asymmetric_groups_ = GroupRecipes(recipes_, breaking_symmetry);
  asymmetric_recipes_ = static_cast<int>(breaking_symmetry.size());
}

const std::vector<Group>& Space::LadderGroups(int s) const { return Narrowest(s) == s ? groups_ : asymmetric_groups_; }

int Space::LadderRecipes(int s) const {
  return Narrowest(s) == s ? static_cast<int>(recipes_.size()) : asymmetric_recipes_;
}

int Space::LadderRounds(int s) const {
  const int recipes = LadderRecipes(s);
  if (recipes == 0) return 0;
  return linear(s) ? 1 : RejectionRounds(recipes);
}

std::vector<int> Space::LargestOfEachDepth() const {
  // Shapes are numbered by size, so the last one of a depth is the largest.
  std::map<size_t, int> last_of_depth;
  for (int s = 0; s < shapes(); ++s) last_of_depth[shapes_[s].hidden.size()] = s;
  std::vector<int> largest;
  for (const auto& [depth, s] : last_of_depth) largest.push_back(s);
  std::sort(largest.begin(), largest.end());
  return largest;
}

int64_t CountShapes(const JobSpec& spec) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const auto widths = static_cast<int64_t>(spec.units.size());
  int64_t total = 0;
  int64_t of_depth = 1;
  for (int depth = 0; depth <= spec.max_layers; ++depth) {
    if (depth >= spec.min_layers) total = total > kMost - of_depth ? kMost : total + of_depth;
    of_depth = widths > 0 && of_depth > kMost / widths ? kMost : of_depth * widths;
  }
  return total;
}

int RejectionRounds(int recipes) { return std::max(7, (59 + recipes - 1) / recipes); }

}  // namespace minnow::search
