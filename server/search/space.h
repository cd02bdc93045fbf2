// The search space of a job, laid out once: shapes by size, recipes by number.
#ifndef MINNOW_SERVER_SEARCH_SPACE_H_
#define MINNOW_SERVER_SEARCH_SPACE_H_

#include <cstdint>
#include <vector>

#include "common/job.h"
#include "common/recipe.h"
#include "common/shape.h"

namespace minnow::search {

// Recipes of one shape that share what trials need to be trained in lockstep: activation, optimizer, batch size.
struct Group {
  std::vector<int> recipes;  // recipe numbers, ascending
};

class Space {
 public:
  // Every shape and recipe that the job asks for.
  Space(const JobSpec& spec, int inputs, int outputs);
  // Exactly these, for simulators: `shapes` and `recipes` are not empty, and no shape is there twice. Recipes keep
  // their order.
  Space(std::vector<Shape> shapes, std::vector<Recipe> recipes, SizeMeasure order_by);

  int shapes() const { return static_cast<int>(shapes_.size()); }
  // Shapes are numbered in listing order (by size, ties by ListedBefore): a shape with a smaller number is never
  // larger.
  const Shape& shape(int s) const { return shapes_[s]; }
  int64_t size(int s) const { return sizes_[s]; }  // in the job's measure: parameters or multiply-adds
  // Strictly smaller: of two shapes of equal size neither is.
  bool Smaller(int a, int b) const { return sizes_[a] < sizes_[b]; }
  bool linear(int s) const { return shapes_[s].hidden.empty(); }

  // Recipes in the order of the flags init, activation, optimizer, learning rate, batch size, weight decay; the last
  // varies fastest.
  const std::vector<Recipe>& recipes() const { return recipes_; }

  // All recipes as groups, for a search that trains everything it is told to.
  const std::vector<Group>& groups() const { return groups_; }

  // The groups that the ladder tries on shape s. Equal units stay equal under zero and constant initialisation, so such
  // a recipe is tried where every hidden layer has the narrowest width of the space, and wider shapes do without it.
  const std::vector<Group>& LadderGroups(int s) const;
  // True when the ladder tries the recipe on shape s.
  bool InLadder(int s, int recipe) const { return Narrowest(s) == s || !KeepsUnitsEqual(recipes_[recipe].init); }
  int LadderRecipes(int s) const;  // how many it tries there
  // Rounds of those recipes without a pass that reject shape s: one for the linear model, whose loss has a single
  // valley; 0 when there is nothing to try.
  int LadderRounds(int s) const;
  // The first listed shape of equal depth, whose layers all have the narrowest width: what a symmetric recipe amounts
  // to on s.
  int Narrowest(int s) const { return narrowest_of_depth_[shapes_[s].hidden.size()]; }
  // The largest shape of each depth, ascending.
  std::vector<int> LargestOfEachDepth() const;

 private:
  void NumberShapes(SizeMeasure order_by);
  void GroupAllRecipes();

  std::vector<Shape> shapes_;
  std::vector<int64_t> sizes_;
  std::vector<Recipe> recipes_;
  std::vector<Group> groups_;
  std::vector<Group> asymmetric_groups_;  // without zero and constant initialisation
  int asymmetric_recipes_ = 0;
  std::vector<int> narrowest_of_depth_;
};

// The number of shapes that `spec` asks for, without laying them out; saturates at INT64_MAX.
int64_t CountShapes(const JobSpec& spec);

// Rounds without a pass that reject a shape tried with `recipes` recipes: max(7, ceil(59 / recipes)). 59 misses exclude
// a pass rate of 5 % at 95 % (0.95^59 < 0.05), and 7 of each recipe one of 35 % for that recipe alone (0.65^7 < 0.05).
int RejectionRounds(int recipes);

}  // namespace minnow::search

#endif  // MINNOW_SERVER_SEARCH_SPACE_H_
