#include <string>

#include "common/data/prepare.h"
#include "common/job.h"
#include "tests/fuzz/targets.h"

namespace minnow::fuzz {

void Json(std::string_view bytes) {
  const absl::StatusOr<data::Preparation> preparation = data::PreparationFromJson(bytes);
  if (preparation.ok()) {
    const std::string text = data::PreparationToJson(*preparation);
    const absl::StatusOr<data::Preparation> again = data::PreparationFromJson(text);
    Require(again.ok() && data::PreparationToJson(*again) == text, "a preparation reads back: " + text);
  }
  const absl::StatusOr<JobSpec> spec = SpecFromQuestionJson(bytes);
  if (spec.ok() && Validate(*spec).ok()) {
    const std::string text = QuestionJson(*spec);
    const absl::StatusOr<JobSpec> again = SpecFromQuestionJson(text);
    Require(again.ok() && QuestionJson(*again) == text, "a question reads back: " + text);
  }
}

}  // namespace minnow::fuzz
