// Preparation as JSON. Doubles are written with the fewest digits that read back to the same bits.
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/status/status.h"
#include "common/data/describe.h"
#include "common/data/prepare.h"
#include "common/json_numbers.h"

namespace minnow::data {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

Json ToJson(const ColumnPreparation& column) {
  Json inputs = Json::array();
  for (const ColumnPreparation::Input& input : column.inputs) {
    inputs.push_back({{"name", input.name}, {"mean", input.mean}, {"scale", input.scale}, {"dropped", input.dropped}});
  }
  Json json = {{"name", column.name},        {"kind", Name(column.kind)},       {"gaps", column.gaps},
               {"fill", column.fill},        {"categories", column.categories}, {"gap_indicator", column.gap_indicator},
               {"inputs", std::move(inputs)}};
  // Written where they say something, so that what was prepared without them has the text that it always had.
  if (column.format != NumberFormat::kPlain) json["format"] = Name(column.format);
  if (column.other) json["other"] = true;
  return json;
}

ColumnKind KindFromName(const std::string& name) {
  for (const ColumnKind kind :
       {ColumnKind::kNumber, ColumnKind::kCategory, ColumnKind::kConstant, ColumnKind::kLeftOut}) {
    if (Name(kind) == name) return kind;
  }
  throw std::invalid_argument("the kind of a column is \"" + name + "\", not number, category, constant or left out");
}

// The format that stands under `key`; plain where there is none.
NumberFormat FormatOr(const Json& json, const char* key) {
  const std::string name = json.value(key, std::string(Name(NumberFormat::kPlain)));
  if (const std::optional<NumberFormat> format = NumberFormatFromName(name)) return *format;
  throw std::invalid_argument("the format of a column is \"" + name + "\", which is not known");
}

// Everything that encoding a row relies on.
void Check(const ColumnPreparation& column) {
  const auto refuse = [&](const std::string& what) {
    throw std::invalid_argument("column \"" + column.name + "\": " + what);
  };
  const bool encoded = column.kind == ColumnKind::kNumber || column.kind == ColumnKind::kCategory;
  const size_t values = column.kind == ColumnKind::kNumber ? 1 : column.categories.size() + (column.other ? 1 : 0);
  const size_t inputs = values + (column.gap_indicator ? 1 : 0);
  if (encoded && column.inputs.size() != inputs) refuse("it needs " + std::to_string(inputs) + " inputs");
  if (column.kind == ColumnKind::kLeftOut && !column.inputs.empty()) refuse("it is left out, but has inputs");
  if (!std::isfinite(column.fill)) refuse("its fill is not finite");
  for (size_t i = 1; i < column.categories.size(); ++i) {
    if (column.categories[i - 1] >= column.categories[i]) refuse("its categories are not sorted");
  }
  for (const ColumnPreparation::Input& input : column.inputs) {
    if (!std::isfinite(input.mean) || !std::isfinite(input.scale) || input.scale <= 0)
      refuse("mean or scale is not usable");
    if (column.kind == ColumnKind::kConstant && !input.dropped) refuse("it is constant, but keeps an input");
  }
}

ColumnPreparation ColumnFromJson(const Json& json) {
  ColumnPreparation column;
  column.name = json.at("name").get<std::string>();
  column.kind = KindFromName(json.at("kind").get<std::string>());
  column.gaps = WholeNumber<int64_t>(json.at("gaps"));
  column.fill = json.at("fill").get<double>();
  column.categories = json.at("categories").get<std::vector<std::string>>();
  column.gap_indicator = json.at("gap_indicator").get<bool>();
  column.format = FormatOr(json, "format");
  column.other = json.value("other", false);
  for (const Json& input : json.at("inputs")) {
    column.inputs.push_back({.name = input.at("name").get<std::string>(),
                             .mean = input.at("mean").get<double>(),
                             .scale = input.at("scale").get<double>(),
                             .dropped = input.at("dropped").get<bool>()});
  }
  Check(column);
  return column;
}

void Check(const Preparation& preparation) {
  const bool classification = preparation.task == Task::kClassification;
  if (classification ? preparation.classes.size() < 2 : !preparation.classes.empty()) {
    throw std::invalid_argument(std::to_string(preparation.classes.size()) + " classes do not fit the task");
  }
  if (preparation.class_rows.size() != preparation.classes.size())
    throw std::invalid_argument("class_rows and classes differ in length");
  if (!std::isfinite(preparation.target_mean) || !std::isfinite(preparation.target_scale) ||
      preparation.target_scale <= 0) {
    throw std::invalid_argument("target_mean or target_scale is not usable");
  }
  if (const int inputs = preparation.inputs(); inputs < 1 || inputs > kMaxInputs) {
    throw std::invalid_argument(std::to_string(inputs) + " inputs, not 1 to " + std::to_string(kMaxInputs));
  }
}

Preparation FromJson(const Json& json) {
  if (const int version = WholeNumber<int>(json.at("version")); version != kVersion) {
    throw std::invalid_argument("version " + std::to_string(version) + ", not " + std::to_string(kVersion));
  }
  const auto task = ParseTask(json.at("task").get<std::string>());
  if (!task.ok()) throw std::invalid_argument(std::string(task.status().message()));
  Preparation preparation;
  preparation.task = *task;
  preparation.target = json.at("target").get<std::string>();
  preparation.classes = json.at("classes").get<std::vector<std::string>>();
  preparation.class_rows = WholeNumbers<int64_t>(json.at("class_rows"));
  preparation.target_mean = json.at("target_mean").get<double>();
  preparation.target_scale = json.at("target_scale").get<double>();
  preparation.target_format = FormatOr(json, "target_format");
  for (const Json& column : json.at("columns")) preparation.columns.push_back(ColumnFromJson(column));
  preparation.notes = json.at("notes").get<std::vector<std::string>>();
  Check(preparation);
  return preparation;
}

}  // namespace

std::string PreparationToJson(const Preparation& preparation) {
  Json columns = Json::array();
  for (const ColumnPreparation& column : preparation.columns) columns.push_back(ToJson(column));
  Json json = {{"version", kVersion},
               {"task", Name(preparation.task)},
               {"target", preparation.target},
               {"classes", preparation.classes},
               {"class_rows", preparation.class_rows},
               {"target_mean", preparation.target_mean},
               {"target_scale", preparation.target_scale},
               {"columns", std::move(columns)},
               {"notes", preparation.notes}};
  if (preparation.target_format != NumberFormat::kPlain) json["target_format"] = Name(preparation.target_format);
  return json.dump();
}

// The JSON library reports by exceptions, and so do the checks here; they end in this function.
absl::StatusOr<Preparation> PreparationFromJson(std::string_view json) {
  try {
    return FromJson(Json::parse(json));
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(std::string("preparation: ") + error.what() +
                                      ": the text is damaged or of another program");
  }
}

}  // namespace minnow::data
