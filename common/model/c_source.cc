#include "common/model/c_source.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "absl/status/status.h"
#include "common/leaky_relu.h"
#include "common/model/c_literals.h"
#include "common/text.h"

namespace minnow::model {
namespace {

using data::ColumnPreparation;

constexpr size_t kLineColumns = 110;

// What all parts of the text go by.
class Writer {
 public:
  Writer(const Model& model, const std::vector<KnownRow>& rows);

  std::string Text() const;

 private:
  bool Classifies() const { return model_.preparation.task == Task::kClassification; }
  const ColumnPreparation& ColumnOf(const NetworkInput& input) const {
    return model_.preparation.columns[input.column];
  }
  // The member of the row that an input is made of.
  std::string Member(const NetworkInput& input) const { return "row->" + names_[input.column]; }

  std::string Head() const;
  std::string Types() const;
  std::string Constants() const;
  std::string Fields() const;
  std::string FieldInput(const NetworkInput& input) const;
  std::string Encode() const;
  std::string Activation() const;
  std::string Predict() const;
  std::string Answer() const;
  std::string SelfTest() const;
  std::string RowText(const KnownRow& row) const;

  const Model& model_;
  const std::vector<KnownRow>& rows_;
  const std::vector<NetworkInput> inputs_;
  std::vector<std::string> names_;  // of the members, by column; empty where the network does not use it
};

Writer::Writer(const Model& model, const std::vector<KnownRow>& rows)
    : model_(model), rows_(rows), inputs_(NetworkInputs(model.preparation)), names_(model.preparation.columns.size()) {
  CNames names;
  for (const NetworkInput& input : inputs_) {
    if (names_[input.column].empty()) names_[input.column] = names.New(ColumnOf(input).name);
  }
}

std::string Writer::Text() const {
  return Head() + "\n" + Types() + "\n#ifndef MINNOW_DECLARATIONS\n\n#include <math.h>\n#include <string.h>\n\n" +
         Constants() + "\n" + Fields() + Encode() + "\n" + Activation() + Predict() + "\n" + SelfTest() +
         "\n#endif /* MINNOW_DECLARATIONS */\n";
}

std::string Writer::Head() const {
  const Provenance& from = model_.provenance;
  std::string score = fmt::format("{} {} on {} validation rows", Name(from.metric), NumberText(from.validation_score),
                                  from.rows_validation);
  if (from.test_score) score += fmt::format(", {} on {} test rows", NumberText(*from.test_score), from.rows_test);
  return fmt::format(R"(/* A neural network of {} units, {} parameters, that predicts "{}" from a raw row.
 *
 *   trained by  Minnow: {}, on {}
 *   score       {}
 *   weights     SHA-256 {}
 *
 * minnow_row row = {{...}}; minnow_prediction prediction; predict(&row, &prediction);
 * To call it from another file: #define MINNOW_DECLARATIONS and include this one there.
 * To check it: cc -std=c99 -DMINNOW_SELF_TEST FILE.c -lm && ./a.out
 *
 * It allocates nothing, keeps no state and may be called by several threads.
 */
)",
                     ShapeText(model_.shape), Parameters(model_.shape), CComment(model_.preparation.target),
                     CComment(from.trial), CComment(from.data_file), score, CComment(from.weights_sha256));
}

std::string Writer::Types() const {
  std::string text = "/* Where a field is missing, a number is NAN and a text is empty. */\ntypedef struct {\n";
  for (size_t c = 0; c < names_.size(); ++c) {
    if (names_[c].empty()) continue;
    const ColumnPreparation& column = model_.preparation.columns[c];
    text += fmt::format("  /* \"{}\": {} */\n  {}{};\n", CComment(column.name), CComment(FieldText(column)),
                        TakesText(column) ? "const char *" : "double ", names_[c]);
  }
  text += "} minnow_row;\n\ntypedef struct {\n";
  text += Classifies()
              ? fmt::format(
                    "  int label;        /* number of the class, from 0 */\n"
                    "  const char *name; /* of the class */\n"
                    "  float probabilities[{}];\n",
                    model_.preparation.classes.size())
              : fmt::format("  double prediction; /* in the units of \"{}\" */\n", CComment(model_.preparation.target));
  return text + "} minnow_prediction;\n\nvoid predict(const minnow_row *row, minnow_prediction *prediction);\n";
}

// "{a, b, c}" in lines of a page, behind what stands on the first of them already.
template <class Values, class Literal>
std::string List(const std::string& before, const Values& values, Literal literal) {
  std::string text = before + "{";
  const size_t first = text.size();
  size_t line = 0;
  for (const auto& value : values) {
    const std::string word = literal(value);
    if (text.size() > first) text += ",";
    if (text.size() + word.size() - line > kLineColumns) {
      text += "\n    ";
      line = text.size() - 4;
    } else if (text.size() > first) {
      text += " ";
    }
    text += word;
  }
  return text + "}";
}

std::string Writer::Constants() const {
  std::string text =
      fmt::format("enum {{ INPUTS = {}, OUTPUTS = {} }};\n\n", model_.shape.inputs, model_.shape.outputs);
  if (Classifies()) text += List("static const char *const classes[] = ", model_.preparation.classes, CText) + ";\n\n";
  text += "/* Of the training rows: every input is (value - mean) / scale. */\n";
  const auto mean = [](const NetworkInput& input) { return CDouble(input.mean); };
  const auto scale = [](const NetworkInput& input) { return CDouble(input.scale); };
  text += List("static const double means[INPUTS] = ", inputs_, mean) + ";\n";
  text += List("static const double scales[INPUTS] = ", inputs_, scale) + ";\n";
  for (int l = 0; l < model_.shape.layers(); ++l) {
    const Layer layer(model_, l);
    std::vector<float> biases;
    text += fmt::format("\nstatic const float weights_{}[{}][{}] = {{\n", l + 1, layer.units(), layer.inputs());
    for (int unit = 0; unit < layer.units(); ++unit) {
      text += List("  ", layer.weights(unit), CFloat) + (unit + 1 < layer.units() ? ",\n" : "\n");
      biases.push_back(layer.bias(unit));
    }
    text +=
        "};\n" + List(fmt::format("static const float biases_{}[{}] = ", l + 1, layer.units()), biases, CFloat) + ";\n";
  }
  return text;
}

// How a field becomes a number, as far as the network needs it.
std::string Writer::Fields() const {
  const auto any = [this](bool text, std::initializer_list<InputKind> kinds) {
    return std::any_of(inputs_.begin(), inputs_.end(), [&](const NetworkInput& input) {
      return TakesText(ColumnOf(input)) == text && std::find(kinds.begin(), kinds.end(), input.kind) != kinds.end();
    });
  };
  std::string text;
  if (any(false, {InputKind::kNumber})) {
    text += "static double number(double field, double fill) { return isnan(field) ? fill : field; }\n\n";
  }
  if (any(false, {InputKind::kGap})) {
    text += "static double no_number(double field) { return isnan(field) ? 1 : 0; }\n\n";
  }
  if (any(true, {InputKind::kGap, InputKind::kOther})) {
    text += "static double no_text(const char *field) { return field == 0 || field[0] == 0 ? 1 : 0; }\n\n";
  }
  if (any(true, {InputKind::kCategory, InputKind::kOther})) {
    text +=
        "static double is(const char *field, const char *category) {\n"
        "  return field != 0 && strcmp(field, category) == 0 ? 1 : 0;\n}\n\n";
  }
  return text;
}

std::string Writer::FieldInput(const NetworkInput& input) const {
  const ColumnPreparation& column = ColumnOf(input);
  const std::string field = Member(input);
  switch (input.kind) {
    case InputKind::kNumber:
      return fmt::format("number({}, {})", field, CDouble(column.fill));
    case InputKind::kCategory:
      return fmt::format("is({}, {})", field, CText(column.categories[input.category]));
    case InputKind::kGap:
      return fmt::format("{}({})", TakesText(column) ? "no_text" : "no_number", field);
    case InputKind::kOther:
      break;
  }
  // Neither missing nor listed.
  std::string text = fmt::format("1 - no_text({})", field);
  for (const std::string& category : column.categories) text += fmt::format(" - is({}, {})", field, CText(category));
  return text;
}

std::string Writer::Encode() const {
  std::string text =
      "static float standardised(int input, double value) {\n"
      "  return (float)((value - means[input]) / scales[input]);\n}\n\n"
      "static void encode(const minnow_row *row, float *x) {\n";
  for (size_t i = 0; i < inputs_.size(); ++i) {
    text += fmt::format("  x[{}] = standardised({}, {});\n", i, i, FieldInput(inputs_[i]));
  }
  return text + "}\n";
}

std::string Writer::Activation() const {
  std::string text =
      "static void layer(const float *in, int inputs, const float *weights, const float *biases, float *out, int "
      "units) {\n"
      "  for (int unit = 0; unit < units; ++unit) {\n"
      "    float sum = 0;\n"
      "    for (int i = 0; i < inputs; ++i) sum += weights[unit * inputs + i] * in[i];\n"
      "    out[unit] = sum + biases[unit];\n"
      "  }\n}\n\n";
  if (model_.shape.hidden.empty()) return text;
  text += "static void activate(float *z, int units) {\n  for (int unit = 0; unit < units; ++unit) ";
  switch (model_.provenance.recipe.activation) {
    case Activation::kRelu:
      return text + "{\n    if (z[unit] < 0) z[unit] = 0;\n  }\n}\n\n";
    case Activation::kLeakyRelu:
      return text + fmt::format("{{\n    if (z[unit] < 0) z[unit] *= {};\n  }}\n}}\n\n", CFloat(kLeak));
    case Activation::kTanh:
      return text + "z[unit] = tanhf(z[unit]);\n}\n\n";
    case Activation::kSigmoid:
      return text + "z[unit] = 1 / (1 + expf(-z[unit]));\n}\n\n";
  }
  return text;
}

std::string Writer::Predict() const {
  std::string text = "void predict(const minnow_row *row, minnow_prediction *prediction) {\n";
  text += "  float x[INPUTS];\n  encode(row, x);\n";
  std::string in = "x";
  for (int l = 0; l < model_.shape.layers(); ++l) {
    const bool last = l + 1 == model_.shape.layers();
    const std::string out = last ? "z" : fmt::format("a_{}", l + 1);
    const int units = model_.shape.fan_out(l);
    text += fmt::format("  float {}[{}];\n", out, units);
    text += fmt::format("  layer({}, {}, &weights_{}[0][0], biases_{}, {}, {});\n", in, model_.shape.fan_in(l), l + 1,
                        l + 1, out, units);
    if (!last) text += fmt::format("  activate({}, {});\n", out, units);
    in = out;
  }
  return text + Answer() + "}\n";
}

// From the raw outputs z.
std::string Writer::Answer() const {
  const data::Preparation& preparation = model_.preparation;
  if (!Classifies()) {
    return fmt::format("  prediction->prediction = {} + {} * (double)z[0];\n", CDouble(preparation.target_mean),
                       CDouble(preparation.target_scale));
  }
  if (preparation.classes.size() == 2) {
    return "  prediction->label = z[0] > 0;\n"
           "  prediction->name = classes[prediction->label];\n"
           "  prediction->probabilities[0] = 1 / (1 + expf(z[0]));\n"
           "  prediction->probabilities[1] = 1 / (1 + expf(-z[0]));\n";
  }
  return "  int label = 0;\n"
         "  for (int k = 1; k < OUTPUTS; ++k) {\n"
         "    if (z[k] > z[label]) label = k;\n"
         "  }\n"
         "  const float largest = z[label];\n"
         "  float sum = 0;\n"
         "  for (int k = 0; k < OUTPUTS; ++k) sum += z[k] = expf(z[k] - largest);\n"
         "  prediction->label = label;\n"
         "  prediction->name = classes[label];\n"
         "  for (int k = 0; k < OUTPUTS; ++k) prediction->probabilities[k] = z[k] / sum;\n";
}

std::string Writer::RowText(const KnownRow& row) const {
  std::vector<std::string> fields;
  for (size_t c = 0; c < names_.size(); ++c) {
    if (names_[c].empty()) continue;
    const bool is_text = TakesText(model_.preparation.columns[c]);
    fields.push_back(is_text ? CText(row.fields[c].text) : CDouble(row.fields[c].number));
  }
  const auto same = [](const std::string& field) { return field; };
  return List("  {", fields, same) + ",\n" + List("   ", row.answer, CDouble) + "}";
}

std::string Writer::SelfTest() const {
  std::vector<std::string> rows;
  for (const KnownRow& row : rows_) rows.push_back(RowText(row));
  const std::string known =
      fmt::format("static const struct {{\n  minnow_row row;\n  double answer[{}];\n}} known[] = {{\n{}\n}};\n",
                  rows_.at(0).answer.size(), Join(rows, ",\n"));
  // A thousandth of a percent of a probability, or of the target's deviation.
  const std::string compare =
      Classifies() ? fmt::format(
                         "    for (int k = 0; k < {}; ++k) {{\n"
                         "      if (!(fabs(got.probabilities[k] - known[i].answer[k]) <= 1e-5)) wrong = 1;\n"
                         "      if (known[i].answer[k] > known[i].answer[got.label] + 1e-5) wrong = 1;\n"
                         "    }}\n",
                         model_.preparation.classes.size())
                   : fmt::format("    if (!(fabs(got.prediction - known[i].answer[0]) <= {})) wrong = 1;\n",
                                 CDouble(1e-5 * model_.preparation.target_scale));
  return "#ifdef MINNOW_SELF_TEST\n#include <stdio.h>\n\n"
         "/* Rows of the validation part, and what Minnow says of them. */\n" +
         known +
         "\nint main(void) {\n"
         "  int failures = 0;\n"
         "  const int rows = (int)(sizeof known / sizeof known[0]);\n"
         "  for (int i = 0; i < rows; ++i) {\n"
         "    int wrong = 0;\n"
         "    minnow_prediction got;\n"
         "    predict(&known[i].row, &got);\n" +
         compare +
         "    if (wrong) printf(\"row %d: another prediction than Minnow's\\n\", i);\n"
         "    failures += wrong;\n"
         "  }\n"
         "  printf(\"%d of %d rows are predicted as by Minnow\\n\", rows - failures, rows);\n"
         "  return failures == 0 ? 0 : 1;\n}\n#endif /* MINNOW_SELF_TEST */\n";
}

absl::Status CheckLengths(const std::vector<std::string>& texts, const std::string& what) {
  for (const std::string& text : texts) {
    if (text.size() <= static_cast<size_t>(kMaxCTextBytes)) continue;
    return absl::InvalidArgumentError(
        fmt::format("{} has {} bytes, more than the {} that C99 allows in a text: export "
                    "the model as onnx or json",
                    what, text.size(), kMaxCTextBytes));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> CSource(const Model& model, const std::vector<KnownRow>& rows) {
  if (absl::Status status = CheckLengths(model.preparation.classes, "a class"); !status.ok()) return status;
  for (const ColumnPreparation& column : model.preparation.columns) {
    const std::string what = "a category of column \"" + column.name + "\"";
    if (absl::Status status = CheckLengths(column.categories, what); !status.ok()) return status;
  }
  return Writer(model, rows).Text();
}

}  // namespace minnow::model
