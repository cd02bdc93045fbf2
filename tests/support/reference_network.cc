#include "tests/support/reference_network.h"

#include <cmath>

namespace minnow::testing {
namespace {

using Eigen::ArrayXXd;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd Activate(Activation activation, const MatrixXd& z) {
  switch (activation) {
    case Activation::kRelu:
      return z.cwiseMax(0);
    case Activation::kTanh:
      return z.array().tanh();
    case Activation::kSigmoid:
      return 1 / (1 + (-z.array()).exp());
    case Activation::kLeakyRelu:
      return z.unaryExpr([](double x) { return x > 0 ? x : 0.01 * x; });
  }
  return {};
}

// f'(z), in terms of a = f(z).
MatrixXd Slope(Activation activation, const MatrixXd& a) {
  switch (activation) {
    case Activation::kRelu:
      return a.unaryExpr([](double x) { return x > 0 ? 1.0 : 0.0; });
    case Activation::kTanh:
      return 1 - a.array().square();
    case Activation::kSigmoid:
      return a.array() * (1 - a.array());
    case Activation::kLeakyRelu:
      return a.unaryExpr([](double x) { return x > 0 ? 1.0 : 0.01; });
  }
  return {};
}

MatrixXd Softmax(const MatrixXd& z) {
  const ArrayXXd e = (z.rowwise() - z.colwise().maxCoeff()).array().exp();
  return e.rowwise() / e.colwise().sum();
}

std::vector<ReferenceLayer> ZerosLike(const std::vector<ReferenceLayer>& layers) {
  std::vector<ReferenceLayer> zeros;
  for (const ReferenceLayer& layer : layers) {
    zeros.push_back({MatrixXd::Zero(layer.w.rows(), layer.w.cols()), VectorXd::Zero(layer.b.size())});
  }
  return zeros;
}

}  // namespace

ReferenceBatch BatchOf(const data::Part& part, int first, int rows) {
  const Targets& targets = part.targets;
  ReferenceBatch batch = {MatrixXd(part.inputs, rows),
                          MatrixXd::Zero(OutputColumns(targets.task, targets.classes), rows)};
  for (int s = 0; s < rows; ++s) {
    for (int k = 0; k < part.inputs; ++k) batch.x(k, s) = part.x[static_cast<size_t>(first + s) * part.inputs + k];
    if (targets.task == Task::kRegression) {
      batch.targets(0, s) = targets.values[first + s];
    } else if (targets.classes == 2) {
      batch.targets(0, s) = targets.labels[first + s];
    } else {
      batch.targets(targets.labels[first + s], s) = 1;
    }
  }
  return batch;
}

ReferenceNetwork::ReferenceNetwork(const Shape& shape, Activation activation, const Targets& targets,
                                   std::span<const float> weights)
    : activation_(activation) {
  loss_ = targets.task == Task::kRegression ? Loss::kSquared : targets.classes == 2 ? Loss::kLogistic : Loss::kSoftmax;
  const float* next = weights.data();
  for (int l = 0; l < shape.layers(); ++l) {
    ReferenceLayer layer = {MatrixXd(shape.fan_out(l), shape.fan_in(l)), VectorXd(shape.fan_out(l))};
    for (int o = 0; o < shape.fan_out(l); ++o) {
      for (int k = 0; k < shape.fan_in(l); ++k) layer.w(o, k) = *next++;
      layer.b(o) = *next++;
    }
    layers_.push_back(std::move(layer));
  }
}

std::vector<MatrixXd> ReferenceNetwork::Activations(const MatrixXd& x) const {
  std::vector<MatrixXd> a = {x};
  for (size_t l = 0; l < layers_.size(); ++l) {
    const MatrixXd z = (layers_[l].w * a[l]).colwise() + layers_[l].b;
    a.push_back(l + 1 < layers_.size() ? Activate(activation_, z) : z);
  }
  return a;
}

std::vector<ReferenceLayer> ReferenceNetwork::Gradients(const ReferenceBatch& batch) const {
  const std::vector<MatrixXd> a = Activations(batch.x);
  MatrixXd prediction = a.back();
  if (loss_ == Loss::kSoftmax) prediction = Softmax(a.back());
  if (loss_ == Loss::kLogistic) prediction = Activate(Activation::kSigmoid, a.back());

  std::vector<ReferenceLayer> gradients = ZerosLike(layers_);
  MatrixXd dz = (prediction - batch.targets) / static_cast<double>(batch.x.cols());
  for (size_t l = layers_.size(); l-- > 0;) {
    gradients[l].w = dz * a[l].transpose();
    gradients[l].b = dz.rowwise().sum();
    if (l > 0) dz = (layers_[l].w.transpose() * dz).cwiseProduct(Slope(activation_, a[l]));
  }
  return gradients;
}

MatrixXd ReferenceNetwork::Outputs(const MatrixXd& x) const { return Activations(x).back(); }

double ReferenceNetwork::MeanLoss(const ReferenceBatch& batch) const {
  const MatrixXd z = Outputs(batch.x);
  const ArrayXXd t = batch.targets.array();
  ArrayXXd losses;
  switch (loss_) {
    case Loss::kSoftmax:
      losses = -(t * Softmax(z).array().log());
      break;
    case Loss::kLogistic: {
      const ArrayXXd p = Activate(Activation::kSigmoid, z).array();
      losses = -(t * p.log() + (1 - t) * (1 - p).log());
      break;
    }
    case Loss::kSquared:
      losses = (z.array() - t).square() / 2;
      break;
  }
  return losses.sum() / static_cast<double>(batch.x.cols());
}

std::vector<double> ReferenceNetwork::Weights() const { return Flat(layers_); }

std::vector<double> Flat(const std::vector<ReferenceLayer>& layers) {
  std::vector<double> numbers;
  for (const ReferenceLayer& layer : layers) {
    for (Eigen::Index o = 0; o < layer.w.rows(); ++o) {
      for (Eigen::Index k = 0; k < layer.w.cols(); ++k) numbers.push_back(layer.w(o, k));
      numbers.push_back(layer.b(o));
    }
  }
  return numbers;
}

void ReferenceOptimizer::Step(const ReferenceBatch& batch, ReferenceNetwork& network) {
  if (steps_ == 0) first_ = second_ = ZerosLike(network.layers());
  ++steps_;
  std::vector<ReferenceLayer> gradients = network.Gradients(batch);
  for (size_t l = 0; l < gradients.size(); ++l) gradients[l].w += recipe_.weight_decay * network.layers()[l].w;
  if (recipe_.optimizer == Optimizer::kSgd) {
    SgdStep(gradients, network.layers());
  } else {
    AdamStep(gradients, network.layers());
  }
}

void ReferenceOptimizer::SgdStep(const std::vector<ReferenceLayer>& gradients, std::vector<ReferenceLayer>& layers) {
  for (size_t l = 0; l < layers.size(); ++l) {
    first_[l].w = momentum_ * first_[l].w + gradients[l].w;
    first_[l].b = momentum_ * first_[l].b + gradients[l].b;
    layers[l].w -= recipe_.learning_rate * first_[l].w;
    layers[l].b -= recipe_.learning_rate * first_[l].b;
  }
}

void ReferenceOptimizer::AdamStep(const std::vector<ReferenceLayer>& gradients, std::vector<ReferenceLayer>& layers) {
  constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;
  const double rate = recipe_.learning_rate * std::sqrt(1 - std::pow(kBeta2, steps_)) / (1 - std::pow(kBeta1, steps_));
  const auto step = [&](auto& m, auto& s, const auto& g, auto& w) {
    m = kBeta1 * m + (1 - kBeta1) * g;
    s = kBeta2 * s + (1 - kBeta2) * g.cwiseAbs2();
    w -= rate * m.cwiseQuotient((s.cwiseSqrt().array() + kEpsilon).matrix());
  };
  for (size_t l = 0; l < layers.size(); ++l) {
    step(first_[l].w, second_[l].w, gradients[l].w, layers[l].w);
    step(first_[l].b, second_[l].b, gradients[l].b, layers[l].b);
  }
}

}  // namespace minnow::testing
