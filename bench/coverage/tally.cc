#include "bench/coverage/tally.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/statistics.h"

namespace minnow::bench {
namespace {

constexpr double kLevel = 0.95;

bool Inside(const JudgedLook& look) { return look.interval.low <= look.truth && look.truth <= look.interval.high; }

void Count(bool yes, Share* share) {
  share->count += yes ? 1 : 0;
  ++share->of;
}

void CountConfirmed(const JudgedLook& answer, double threshold, Tally* tally) {
  Count(answer.truth >= threshold, &tally->good);
  Count(Inside(answer), &tally->confirmed_inside);
  if (answer.truth < threshold) tally->shortfalls.push_back(threshold - answer.truth);
  tally->mean_surplus += answer.truth - threshold;  // the sum, for now
}

nlohmann::ordered_json Json(Share share) {
  nlohmann::ordered_json json{{"count", share.count}, {"of", share.of}};
  if (share.of > 0) {
    const Interval interval = WilsonInterval(share.count, share.of, kLevel);
    json["interval"] = {interval.low, interval.high};
  }
  return json;
}

}  // namespace

Tally TallyOf(std::span<const std::vector<JudgedLook>> jobs, double threshold) {
  Tally tally{.jobs = static_cast<int>(jobs.size())};
  for (const std::vector<JudgedLook>& looks : jobs) {
    if (looks.empty()) continue;
    const auto confirmed = std::find_if(looks.begin(), looks.end(), [](const auto& look) { return look.confirmed; });
    Count(confirmed != looks.end(), &tally.confirmed);
    Count(Inside(looks.front()), &tally.first_inside);
    Count(std::all_of(looks.begin(), looks.end(), Inside), &tally.jobs_inside);
    for (const JudgedLook& look : looks) Count(Inside(look), &tally.looks_inside);
    if (confirmed != looks.end()) CountConfirmed(*confirmed, threshold, &tally);
  }
  if (tally.good.of > 0) tally.mean_surplus /= tally.good.of;
  std::sort(tally.shortfalls.begin(), tally.shortfalls.end());
  return tally;
}

std::string ShareText(Share share) {
  if (share.of == 0) return "none";
  const Interval interval = WilsonInterval(share.count, share.of, kLevel);
  return fmt::format("{} of {}, {:.1f} % ({:.1f} to {:.1f})", share.count, share.of, 100.0 * share.count / share.of,
                     100 * interval.low, 100 * interval.high);
}

std::string TableHead() {
  return "| job | confirmed | truly good enough, of the confirmed | truth - threshold, mean | shortfall where not: "
         "median, largest "
         "| truth in the interval: first look | all looks | all looks of a job | the confirmed look |\n"
         "| --- | --- | --- | ---: | ---: | --- | --- | --- | --- |\n";
}

std::string TableRow(const std::string& name, const Tally& tally) {
  const std::vector<double>& short_by = tally.shortfalls;
  const std::string shortfall =
      short_by.empty() ? "none" : fmt::format("{:.4f}, {:.4f}", short_by[short_by.size() / 2], short_by.back());
  return fmt::format("| {} | {} | {} | {:+.4f} | {} | {} | {} | {} | {} |\n", name, ShareText(tally.confirmed),
                     ShareText(tally.good), tally.mean_surplus, shortfall, ShareText(tally.first_inside),
                     ShareText(tally.looks_inside), ShareText(tally.jobs_inside), ShareText(tally.confirmed_inside));
}

std::string TallyJson(const Tally& tally) {
  const nlohmann::ordered_json json{{"jobs", tally.jobs},
                                    {"confirmed", Json(tally.confirmed)},
                                    {"good", Json(tally.good)},
                                    {"mean_surplus", tally.mean_surplus},
                                    {"shortfalls", tally.shortfalls},
                                    {"first_inside", Json(tally.first_inside)},
                                    {"looks_inside", Json(tally.looks_inside)},
                                    {"jobs_inside", Json(tally.jobs_inside)},
                                    {"confirmed_inside", Json(tally.confirmed_inside)}};
  return json.dump();
}

}  // namespace minnow::bench
