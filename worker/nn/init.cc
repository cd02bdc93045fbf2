// Initial weights: every scheme draws a layer's numbers unit by unit, input by input, from the layer's own Philox
// stream.
#include <algorithm>
#include <cmath>
#include <functional>

#include "common/random.h"
#include "worker/nn/trainer.h"

namespace minnow::nn {
namespace {

constexpr float kConstantWeight = 0.1f;

void Orthonormalize(std::vector<double>& vectors, int count, int length);
std::vector<double> Transposed(const std::vector<double>& matrix, int rows, int columns);

// (out, in) random orthonormal rows, or columns when there are fewer of them.
std::vector<double> OrthogonalMatrix(int in, int out, PhiloxStream stream) {
  std::vector<double> matrix(static_cast<size_t>(in) * out);
  for (double& w : matrix) w = stream.Normal();
  if (out <= in) {
    Orthonormalize(matrix, /*count=*/out, /*length=*/in);
    return matrix;
  }
  std::vector<double> columns = Transposed(matrix, out, in);
  Orthonormalize(columns, /*count=*/in, /*length=*/out);
  return Transposed(columns, in, out);
}

// (out, in) weights that are drawn one after the other.
std::vector<double> DrawnMatrix(int in, int out, const std::function<double()>& draw) {
  std::vector<double> matrix(static_cast<size_t>(in) * out);
  for (double& w : matrix) w = draw();
  return matrix;
}

std::vector<double> LayerWeights(InitScheme init, int in, int out, PhiloxStream stream) {
  const auto constant = [&](double value) { return DrawnMatrix(in, out, [=] { return value; }); };
  const auto normal = [&](double deviation) {
    return DrawnMatrix(in, out, [&, deviation] { return deviation * stream.Normal(); });
  };
  const auto uniform = [&](double limit) {
    return DrawnMatrix(in, out, [&, limit] { return limit * (2 * stream.Uniform() - 1); });
  };
  switch (init) {
    case InitScheme::kZeros:
      return constant(0);
    case InitScheme::kConstant:
      return constant(kConstantWeight);
    case InitScheme::kNormal:
      return normal(1);
    case InitScheme::kUniform:
      return uniform(1);
    case InitScheme::kXavier:
      return uniform(std::sqrt(6.0 / (in + out)));
    case InitScheme::kHe:
      return normal(std::sqrt(2.0 / in));
    case InitScheme::kLecun:
      return normal(std::sqrt(1.0 / in));
    case InitScheme::kOrthogonal:
      return OrthogonalMatrix(in, out, stream);
  }
  return {};
}

}  // namespace

std::vector<float> InitialWeights(const Shape& shape, InitScheme init, uint64_t key) {
  std::vector<float> weights;
  weights.reserve(static_cast<size_t>(Parameters(shape)));
  for (int l = 0; l < shape.layers(); ++l) {
    const int in = shape.fan_in(l);
    const std::vector<double> matrix =
        LayerWeights(init, in, shape.fan_out(l), PhiloxStream(key, static_cast<uint64_t>(l)));
    for (size_t at = 0; at < matrix.size(); at += in) {
      for (int k = 0; k < in; ++k) weights.push_back(static_cast<float>(matrix[at + k]));
      weights.push_back(0);  // bias
    }
  }
  return weights;
}

namespace {

// Vectors that are made orthonormal together, so that a wide layer is worked on in blocks that fit the cache.
constexpr int kPanel = 32;

double Dot(const double* a, const double* b, int length) {
  double sum = 0;
  for (int k = 0; k < length; ++k) sum += a[k] * b[k];
  return sum;
}

void Subtract(double* v, double factor, const double* q, int length) {
  for (int k = 0; k < length; ++k) v[k] -= factor * q[k];
}

// Modified Gram-Schmidt within the panel of vectors first .. end - 1.
void OrthonormalizePanel(double* vectors, int first, int end, int length) {
  for (int i = first; i < end; ++i) {
    double* v = vectors + static_cast<size_t>(i) * length;
    for (int j = first; j < i; ++j) {
      const double* q = vectors + static_cast<size_t>(j) * length;
      Subtract(v, Dot(q, v, length), q, length);
    }
    const double norm = std::sqrt(Dot(v, v, length));
    for (int k = 0; k < length; ++k) v[k] /= norm;
  }
}

// Takes the panel's directions out of the vectors end .. count - 1. The dot products of a vector with the panel run
// side by side, each an ascending chain over k.
void RemovePanel(double* vectors, int first, int end, int count, int length) {
  const int width = end - first;
  std::vector<double> by_element(static_cast<size_t>(length) * kPanel);  // (length, kPanel)
  for (int j = 0; j < width; ++j) {
    for (int k = 0; k < length; ++k)
      by_element[static_cast<size_t>(k) * kPanel + j] = vectors[static_cast<size_t>(first + j) * length + k];
  }
  for (int i = end; i < count; ++i) {
    double* v = vectors + static_cast<size_t>(i) * length;
    double dots[kPanel] = {};
    for (int k = 0; k < length; ++k) {
      for (int j = 0; j < kPanel; ++j) dots[j] += by_element[static_cast<size_t>(k) * kPanel + j] * v[k];
    }
    for (int j = 0; j < width; ++j) Subtract(v, dots[j], vectors + static_cast<size_t>(first + j) * length, length);
  }
}

// Gram-Schmidt on `count` vectors of `length` >= count numbers, twice: the second round removes what rounding left in
// the first ("twice is enough", Giraud, Langou, Rozloznik 2005).
void Orthonormalize(std::vector<double>& vectors, int count, int length) {
  for (int round = 0; round < 2; ++round) {
    for (int first = 0; first < count; first += kPanel) {
      const int end = std::min(first + kPanel, count);
      OrthonormalizePanel(vectors.data(), first, end, length);
      RemovePanel(vectors.data(), first, end, count, length);
    }
  }
}

std::vector<double> Transposed(const std::vector<double>& matrix, int rows, int columns) {
  std::vector<double> transposed(matrix.size());
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      transposed[static_cast<size_t>(j) * rows + i] = matrix[static_cast<size_t>(i) * columns + j];
    }
  }
  return transposed;
}

}  // namespace
}  // namespace minnow::nn
