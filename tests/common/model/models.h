// Small networks for tests: tables prepared as jobs prepare them, and weights that nobody trained.
#ifndef MINNOW_TESTS_COMMON_MODEL_MODELS_H_
#define MINNOW_TESTS_COMMON_MODEL_MODELS_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/data/csv.h"
#include "common/model/c_source.h"
#include "common/model/model.h"

namespace minnow::model {

// Numbers with gaps, text with gaps, a constant column, and names that trouble other languages. The column "part" tells
// which rows train.
inline constexpr std::string_view kMixedTable =
    "part,class,two words,\"*/ \"\"?\"\"\",Größe,steady,y\n"
    "train,1.5,a,<,0.001,7,no\n"
    "train,,b,>=,0.002,7,yes\n"
    "train,-2,,\"a,b\",,7,perhaps\n"
    "train,1e6,a,<,0.0025,7,no\n"
    "train,4,b,>=,0.001,7,yes\n"
    "train,0,c,<,0.003,7,perhaps\n"
    "validation,3.25,a,>=,0.004,7,no\n"
    "validation,,c,\"a,b\",,7,yes\n"
    "validation,0,,<,-0.005,7,perhaps\n"
    "validation,12346,b,>=,0.001,7,no\n"
    "test,1,a,<,0.001,7,yes\n";

struct Fixture {
  data::CsvTable table;
  Model model;
};

// The table with `target` as its target, and a network with these hidden layers.
Fixture FixtureOf(std::string_view csv, const std::string& target, std::vector<int> hidden,
                  Activation activation = Activation::kRelu);

// A network of one column "kind" that answers 1 to "a", 2 to "b", 4 to any other text and 8 to none.
Model ModelOfTexts();

// The answers of the network to every row of `table`: probabilities, or a number in the target's own units.
std::vector<std::vector<double>> Answers(const Model& model, const data::CsvTable& table);

// Every row of the table as it stands there, with its answer.
std::vector<KnownRow> KnownRowsOf(const Model& model, const data::CsvTable& table);

}  // namespace minnow::model

#endif  // MINNOW_TESTS_COMMON_MODEL_MODELS_H_
