// An ONNX graph as it is written, node by node. For the files of this folder that write graphs alone: it includes the
// messages of ONNX.
#ifndef MINNOW_COMMON_MODEL_ONNX_GRAPH_H_
#define MINNOW_COMMON_MODEL_ONNX_GRAPH_H_

#include <onnx/onnx.pb.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace minnow::model {

// Values are known by their names. Those made here begin with "minnow/", and with more where a column has that name.
class OnnxGraph {
 public:
  // An input or output, (N, columns); (N) without columns.
  void Input(const std::string& name, onnx::TensorProto::DataType type, const std::string& doc);
  void Output(const std::string& name, onnx::TensorProto::DataType type, int columns);

  // A constant of these dimensions, as many numbers as they say; the result is its name.
  std::string Constant(const std::string& name, std::vector<int64_t> dims, const std::vector<float>& numbers);
  std::string Constant(const std::string& name, std::vector<int64_t> dims, const std::vector<double>& numbers);
  std::string Constant(const std::string& name, std::vector<int64_t> dims, const std::vector<int64_t>& numbers);
  std::string Constant(const std::string& name, std::vector<int64_t> dims, const std::vector<std::string>& texts);

  // A node with one output, which gets `name`, or one like it that is free.
  struct Node {
    std::string name;
    onnx::NodeProto* proto;

    Node& Integer(const std::string& attribute, int64_t value);
    Node& Float(const std::string& attribute, float value);
    Node& Integers(const std::string& attribute, const std::vector<int64_t>& values);
    Node& Texts(const std::string& attribute, const std::vector<std::string>& values);
    operator const std::string&() const { return name; }
  };
  Node Add(const std::string& operation, const std::vector<std::string>& inputs, const std::string& name);
  // The same, for an output of the graph.
  Node AddOutput(const std::string& operation, const std::vector<std::string>& inputs, const std::string& output);

  // Of an operator that is not in the standard's own domain.
  static constexpr char kMachineLearning[] = "ai.onnx.ml";

  // `name`, or one like it that no value has so far.
  std::string Free(const std::string& name) const;

  onnx::GraphProto& proto() { return graph_; }

 private:
  onnx::TensorProto& NewConstant(const std::string& name, const std::vector<int64_t>& dims,
                                 onnx::TensorProto::DataType type);

  onnx::GraphProto graph_;
  std::set<std::string> taken_;
};

}  // namespace minnow::model

#endif  // MINNOW_COMMON_MODEL_ONNX_GRAPH_H_
