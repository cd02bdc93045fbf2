// What was found out about an answer after it was found: how lucky it was, what is reliable, what other splits say.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "common/report/answer_report.h"
#include "common/report/answer_words.h"
#include "common/statistics.h"
#include "common/text.h"

namespace minnow {
namespace {

std::string PassRateText(const JobRecord& job) {
  if (!job.pass_rate && WasCutShort(job)) return "not measured to the end";
  if (!job.pass_rate) return job.characterising ? "being measured" : "";
  const PassRate& rate = *job.pass_rate;
  const Interval interval = ClopperPearsonInterval(rate.passes, rate.tries, kPassRateLevel);
  std::string text = fmt::format(
      "{} of {} of this recipe {}: {}, between {:.0f} and {} ({} interval)", CountText(rate.passes),
      Counted(rate.tries, "fresh seed"), rate.passes == 1 ? "passes" : "pass",
      WholePercent(static_cast<double>(rate.passes) / static_cast<double>(std::max<int64_t>(rate.tries, 1))),
      100 * interval.low, WholePercent(interval.high), PercentText(kPassRateLevel));
  if (interval.high < 0.5) text += "; a new training will more likely miss than pass, so keep these weights";
  return text;
}

std::string RecipeWords(const JobSpec& spec, const Recipe& recipe) {
  std::vector<std::string> words = {std::string(Name(recipe.init)),
                                    fmt::format("learning rate {}", NumberText(recipe.learning_rate))};
  if (spec.activations.size() > 1) words.emplace_back(Name(recipe.activation));
  if (spec.optimizers.size() > 1) words.emplace_back(Name(recipe.optimizer));
  if (spec.batch_sizes.size() > 1) words.push_back(fmt::format("batches of {}", recipe.batch_size));
  if (spec.weight_decays.size() > 1) words.push_back(fmt::format("weight decay {}", NumberText(recipe.weight_decay)));
  return Join(words, ", ");
}

std::string ReliableText(const JobRecord& job) {
  if (job.reliable) {
    const ReliableShape& reliable = *job.reliable;
    const bool same = job.answer && job.answer->shape == reliable.shape;
    return fmt::format(
        "{} passes for nearly every seed: {} of {} ({})",
        same ? "this size"
             : fmt::format("{}, {},", HiddenText(reliable.shape.hidden), SizeText(job.spec.order_by, reliable.shape)),
        CountText(reliable.passes), CountText(reliable.tries), RecipeWords(job.spec, reliable.recipe));
  }
  if (job.reliable_reason.empty() && !WasCutShort(job)) return job.characterising ? "being looked for" : "";
  std::string reason = WhyNotReliable(job);
  if (reason.ends_with('.')) reason.pop_back();
  if (!reason.empty()) reason[0] = absl::ascii_tolower(static_cast<unsigned char>(reason[0]));
  return Printable(reason);
}

// What some of the splits say, in words that follow their number.
struct SplitGroup {
  std::string one;
  std::string several;
  int64_t count = 0;
};

SplitGroup GroupOf(const SplitAnswer& split) {
  if (!IsFinal(split.state)) return {"is still searched", "are still searched"};
  if (split.state == JobState::kExhausted) return {"finds nothing good enough", "find nothing good enough"};
  if (split.state != JobState::kAnswered || !split.shape) return {"was not settled", "were not settled"};
  const std::string hidden = HiddenText(split.shape->hidden);
  return {"answers " + hidden, "answer " + hidden};
}

// "of 4 other splits of the rows, 2 answer [8], 1 answers [6], 1 finds nothing good enough", the most frequent first.
std::string SplitsText(const std::vector<SplitAnswer>& splits) {
  if (splits.empty()) return "";
  std::vector<SplitGroup> groups;
  for (const SplitAnswer& split : splits) {
    const SplitGroup group = GroupOf(split);
    auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& other) { return other.one == group.one; });
    if (same == groups.end()) same = groups.insert(groups.end(), group);
    ++same->count;
  }
  const std::string all = Counted(static_cast<int64_t>(splits.size()), "other split");
  if (groups.size() == 1) {
    if (splits.size() == 1) return fmt::format("the other split of the rows {}", groups[0].one);
    if (splits.size() == 2) return fmt::format("both other splits of the rows {}", groups[0].several);
    return fmt::format("all {} of the rows {}", all, groups[0].several);
  }
  std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  std::string text = fmt::format("of {} of the rows", all);
  for (const SplitGroup& group : groups) {
    text += fmt::format(", {} {}", CountText(group.count), group.count == 1 ? group.one : group.several);
  }
  return text;
}

}  // namespace

std::string StillToCome(const JobRecord& job, const std::vector<SplitAnswer>& splits) {
  std::vector<std::string> words;
  if (job.spec.characterise && !job.pass_rate) words.emplace_back("how often its recipe passes");
  if (job.spec.characterise && !job.reliable && job.reliable_reason.empty()) {
    words.emplace_back("the smallest size that passes for nearly every seed");
  }
  const auto open =
      std::count_if(splits.begin(), splits.end(), [](const auto& split) { return !IsFinal(split.state); });
  if (open > 0) words.push_back(fmt::format("{} of the rows", Counted(open, "other split")));
  return Join(words, ", ");
}

std::vector<Labelled> CharacterWords(const AnswerReport& report) {
  const JobRecord& job = report.job.record;
  std::vector<Labelled> words = {
      {"pass rate", PassRateText(job)}, {"reliable", ReliableText(job)}, {"splits", SplitsText(report.splits)}};
  std::erase_if(words, [](const Labelled& word) { return word.text.empty(); });
  return words;
}

}  // namespace minnow
