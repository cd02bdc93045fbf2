// How long work takes: what one thread needs for a unit of work, learned from what workers report. A guess; it decides
// how much somebody gets at once and when somebody is late, never what is trained or what it means.
#ifndef MINNOW_SERVER_CORE_PACE_H_
#define MINNOW_SERVER_CORE_PACE_H_

#include <cstdint>

#include "common/shape.h"

namespace minnow::core {

class Pace {
 public:
  // Units in `epochs` passes over `rows` rows, summed over all trials: one for each parameter and row, and the fixed
  // cost of a row beside.
  static double Units(const Shape& shape, int64_t epochs, int rows);

  // So much work took one thread so long. Nonsense is ignored.
  void Learn(double units, double seconds);

  // False while nothing was reported; until then every answer is a guess.
  bool learned() const { return learned_; }
  // How long one thread may take.
  double Seconds(double units) const { return units * seconds_per_unit_; }

 private:
  static constexpr double kFirstGuess = 1e-9;

  double seconds_per_unit_ = kFirstGuess;
  bool learned_ = false;
};

}  // namespace minnow::core

#endif  // MINNOW_SERVER_CORE_PACE_H_
