#include <spdlog/fmt/fmt.h>

#include "common/report/answer_report.h"
#include "common/report/answer_words.h"
#include "common/resource_names.h"

namespace minnow {
namespace {

std::string PassageText(const Passage& passage);
std::string NextCommands(const AnswerReport& report, const std::string& place_flag);

// With a blank line under it; nothing for an empty text.
std::string Block(const std::string& text) { return text.empty() ? "" : Paragraph(text) + "\n\n"; }

}  // namespace

std::string AnswerText(const AnswerReport& report, const ReportOptions& options, const Console& console) {
  const AnswerWords words = WordsOf(report, options.why_still);
  std::string text = Bold(console, words.headline) + "\n\n";
  text += words.question + "\n";
  if (!words.threshold_rule.empty()) text += Paragraph(words.threshold_rule) + "\n";
  text += "\n" + Block(words.more_to_come);
  for (const Labelled& word : words.network) text += LabelledText(word.label, word.text);
  if (!words.network.empty()) text += "\n";
  for (const Passage& passage : words.test) text += PassageText(passage);
  if (!words.test.empty()) text += "\n";
  text += CertificateText(report, options.full) + "\n";
  text += Block(words.spent) + Block(words.advice);
  return text + NextCommands(report, options.place_flag);
}

ExitCode AnswerExitCode(const AnswerReport& report) {
  switch (report.job.record.state) {
    case JobState::kAnswered:
      return Unconfirmed(report) ? ExitCode::kNotGoodEnough : ExitCode::kDone;
    case JobState::kExhausted:
      return ExitCode::kNotGoodEnough;
    case JobState::kBudgetSpent:
      return ExitCode::kBudgetSpent;
    default:
      return ExitCode::kFailed;
  }
}

ExitCode PrintReport(const AnswerReport& report, const ReportOptions& options, Console& console) {
  console.out << (options.json ? JsonText(AnswerJson(report)) + "\n" : AnswerText(report, options, console));
  return AnswerExitCode(report);
}

std::string LabelledText(std::string_view label, const std::string& text) {
  constexpr int kColumn = 14;
  if (text.empty()) return "";
  return fmt::format("  {:<{}}{}\n", label, kColumn - 2, Paragraph(text, kColumn));
}

namespace {

std::string PassageText(const Passage& passage) {
  std::string text = Paragraph(passage.text) + "\n";
  for (const std::string& line : passage.lines) text += "  " + line + "\n";
  return text;
}

std::string NextCommands(const AnswerReport& report, const std::string& place_flag) {
  const std::string job = JobName(report.job.record.id);
  Table table({{"Next:"}, {""}});
  table.AddRow({fmt::format("  minnow trials {}{}", job, place_flag), "every trial that counts as evidence"});
  if (report.trial) {
    table.AddRow(
        {fmt::format("  minnow replay {}{}", TrialNameText(report.job.record.id, report.trial->number), place_flag),
         "train this network again and compare"});
    table.AddRow({fmt::format("  minnow export {} -o model.onnx{}", job, place_flag),
                  "take this network along: ONNX, C or JSON"});
  }
  table.AddRow({fmt::format("  minnow query \"SELECT * FROM size_ladder\"{}", place_flag), "what each size can do"});
  return table.Text();
}

}  // namespace
}  // namespace minnow
