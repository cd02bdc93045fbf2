// The certificate of a ladder job, computed a second time: from the table of trials alone, by the definitions of the
// documents, and with none of the code that computed it the first time.
#ifndef MINNOW_TESTS_INTEGRATION_RECOMPUTED_CERTIFICATE_H_
#define MINNOW_TESTS_INTEGRATION_RECOMPUTED_CERTIFICATE_H_

#include <compare>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace minnow {

using Hidden = std::vector<int>;  // units of each hidden layer

struct RecipeColumns {
  std::string init;
  std::string activation;
  std::string optimizer;
  double learning_rate = 0;
  int batch_size = 0;

  auto operator<=>(const RecipeColumns&) const = default;
};

// What is asked, as far as the certificate depends on it.
struct AskedQuestion {
  std::string data;         // "digits.csv --target digit"
  std::string good_enough;  // "accuracy >= 0.9"
  std::vector<int> units;
  int min_layers = 0;
  int max_layers = 2;
  int epochs = 40;
  std::vector<std::string> inits = {"he", "xavier", "lecun"};
  std::vector<std::string> activations = {"relu"};
  std::vector<std::string> optimizers = {"sgd"};
  std::vector<double> learning_rates = {0.01, 0.05, 0.2};
  std::vector<int> batch_sizes = {32};
  bool by_multiply_adds = false;
  bool reliable = false;
  bool early_stop = true;
};

// The flags of `minnow run` that ask it, on one split and without characterisation.
std::string FlagsOf(const AskedQuestion& asked);

// One line of `trials --csv`.
struct TriedTrial {
  int64_t number = 0;
  Hidden hidden;
  RecipeColumns recipe;
  int64_t seed = 0;
  std::string state;
  int epochs = 0;
  double validation_score = 0;
  std::optional<double> best_score;
  std::string weights_sha256;
  bool audited = false;
  bool would_have_stopped = false;

  bool passed() const { return state == "PASSED"; }
};

std::vector<TriedTrial> ReadTrials(const std::string& csv);

// Expects of every number and word of `answer --json` that can be computed from `trials` that it is what comes out.
void ExpectCertificateOf(const AskedQuestion& asked, const std::vector<TriedTrial>& trials,
                         const nlohmann::json& answer);

}  // namespace minnow

#endif  // MINNOW_TESTS_INTEGRATION_RECOMPUTED_CERTIFICATE_H_
