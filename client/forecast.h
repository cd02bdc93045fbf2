// What a long search may cost, said before it starts.
#ifndef MINNOW_CLIENT_FORECAST_H_
#define MINNOW_CLIENT_FORECAST_H_

#include <cstdint>
#include <optional>
#include <string>

#include "client/question.h"
#include "worker/nn/engine.h"

namespace minnow::client {

// The share of its worst case that a ladder takes, in seconds, where some network of the space is good enough: 0.7 to
// 3.7 % on the six bundled tables of one size (docs/benchmarks.md). A table of another kind may lie outside.
inline constexpr double kUsualShareLow = 0.01;
inline constexpr double kUsualShareHigh = 0.04;

struct Forecast {
  bool ladder = true;       // else every trial is trained whatever happens
  int64_t trials = 0;       // at most
  int64_t epochs = 0;       // of all of them, at most
  double most_seconds = 0;  // for these

  bool operator==(const Forecast&) const = default;
};

// Nothing for a search that cannot take long even on a slow machine, without measuring anything; else trains for some
// tenths of a second to find out how long it takes here, on that many threads. Budgets bound it.
std::optional<Forecast> ForecastOf(const Question& question, const nn::Engine& engine, int threads);

// A line for a search that usually takes a minute or more, with a warning from an hour on; else empty. `crew` is who
// would train: "2 threads".
std::string ForecastText(const Forecast& forecast, const std::string& crew);

// "about 5 min": no finer than an estimate deserves.
std::string RoughDuration(double seconds);

}  // namespace minnow::client

#endif  // MINNOW_CLIENT_FORECAST_H_
