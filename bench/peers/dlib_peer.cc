// dlib as a peer. Its layer sizes are template arguments, but fc can be given its width at run time, so one type per
// depth is enough. Mini-batches are tensors made beforehand: the fastest way into a dlib network.
#include <dlib/dnn.h>

#include <stdexcept>

#include "bench/peers/serve.h"

namespace minnow::bench {
namespace {

using Row = dlib::matrix<float, 0, 1>;
using OneHidden = dlib::loss_multiclass_log<dlib::fc<1, dlib::relu<dlib::fc<1, dlib::input<Row>>>>>;
using TwoHidden =
    dlib::loss_multiclass_log<dlib::fc<1, dlib::relu<dlib::fc<1, dlib::relu<dlib::fc<1, dlib::input<Row>>>>>>>;

void SetWidths(OneHidden& net, const std::vector<int>& shape) {
  dlib::layer<3>(net).layer_details().set_num_outputs(shape[1]);
  dlib::layer<1>(net).layer_details().set_num_outputs(shape[2]);
}

void SetWidths(TwoHidden& net, const std::vector<int>& shape) {
  dlib::layer<5>(net).layer_details().set_num_outputs(shape[1]);
  dlib::layer<3>(net).layer_details().set_num_outputs(shape[2]);
  dlib::layer<1>(net).layer_details().set_num_outputs(shape[3]);
}

struct MiniBatch {
  dlib::resizable_tensor inputs;
  std::vector<unsigned long> labels;
};

template <class Net>
class DlibPeer : public Peer {
 public:
  explicit DlibPeer(const Problem& problem)
      : solvers_(Net::num_computational_layers, dlib::sgd(/*weight_decay=*/0, static_cast<float>(kMomentum))),
        batches_(problem.batches()) {
    SetWidths(net_, problem.shape);
    const int inputs = problem.shape.front();
    for (int b = 0; b < problem.batches(); ++b) {
      std::vector<Row> rows(problem.batch, Row(inputs));
      for (int s = 0; s < problem.batch; ++s) {
        const int64_t row = int64_t{b} * problem.batch + s;
        std::copy_n(&problem.inputs[row * inputs], inputs, rows[s].begin());
        batches_[b].labels.push_back(static_cast<unsigned long>(problem.labels[row]));
      }
      net_.to_tensor(rows.begin(), rows.end(), batches_[b].inputs);
    }
  }

  void Step(int batch) override {
    net_.compute_parameter_gradients(batches_[batch].inputs, batches_[batch].labels.begin());
    net_.update_parameters(solvers_, kLearningRate);
  }

  double MeanLoss() override {
    double loss = 0;
    for (MiniBatch& batch : batches_) loss += net_.compute_loss(batch.inputs, batch.labels.begin());
    return loss / static_cast<double>(batches_.size());
  }

 private:
  Net net_;
  std::vector<dlib::sgd> solvers_;
  std::vector<MiniBatch> batches_;
};

std::unique_ptr<Peer> MakeDlibPeer(const Problem& problem) {
  if (problem.shape.size() == 3) return std::make_unique<DlibPeer<OneHidden>>(problem);
  if (problem.shape.size() == 4) return std::make_unique<DlibPeer<TwoHidden>>(problem);
  throw std::runtime_error("dlib_peer is compiled for one or two hidden layers");
}

}  // namespace
}  // namespace minnow::bench

int main() { return minnow::bench::Serve(minnow::bench::MakeDlibPeer); }
