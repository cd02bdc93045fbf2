#include "common/model/onnx_graph.h"

#include <bit>
#include <cstring>

namespace minnow::model {
namespace {

constexpr char kRows[] = "N";  // the name of the dimension that is free

static_assert(std::endian::native == std::endian::little, "raw_data of ONNX is little-endian");

template <class Number>
void SetRaw(onnx::TensorProto& tensor, const std::vector<Number>& numbers) {
  tensor.set_raw_data(numbers.data(), numbers.size() * sizeof(Number));
}

onnx::TensorShapeProto& SetType(onnx::ValueInfoProto& value, onnx::TensorProto::DataType type) {
  onnx::TypeProto::Tensor& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  tensor.mutable_shape()->add_dim()->set_dim_param(kRows);
  return *tensor.mutable_shape();
}

onnx::AttributeProto& AddAttribute(onnx::NodeProto& node, const std::string& name,
                                   onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

}  // namespace

void OnnxGraph::Input(const std::string& name, onnx::TensorProto::DataType type, const std::string& doc) {
  taken_.insert(name);
  onnx::ValueInfoProto& input = *graph_.add_input();
  input.set_name(name);
  input.set_doc_string(doc);
  SetType(input, type).add_dim()->set_dim_value(1);
}

void OnnxGraph::Output(const std::string& name, onnx::TensorProto::DataType type, int columns) {
  taken_.insert(name);
  onnx::ValueInfoProto& output = *graph_.add_output();
  output.set_name(name);
  onnx::TensorShapeProto& shape = SetType(output, type);
  if (columns > 0) shape.add_dim()->set_dim_value(columns);
}

onnx::TensorProto& OnnxGraph::NewConstant(const std::string& name, const std::vector<int64_t>& dims,
                                          onnx::TensorProto::DataType type) {
  onnx::TensorProto& tensor = *graph_.add_initializer();
  tensor.set_name(Free("minnow/" + name));
  taken_.insert(tensor.name());
  tensor.set_data_type(type);
  for (const int64_t dim : dims) tensor.add_dims(dim);
  return tensor;
}

std::string OnnxGraph::Constant(const std::string& name, std::vector<int64_t> dims, const std::vector<float>& numbers) {
  onnx::TensorProto& tensor = NewConstant(name, dims, onnx::TensorProto::FLOAT);
  SetRaw(tensor, numbers);
  return tensor.name();
}

std::string OnnxGraph::Constant(const std::string& name, std::vector<int64_t> dims,
                                const std::vector<double>& numbers) {
  onnx::TensorProto& tensor = NewConstant(name, dims, onnx::TensorProto::DOUBLE);
  SetRaw(tensor, numbers);
  return tensor.name();
}

std::string OnnxGraph::Constant(const std::string& name, std::vector<int64_t> dims,
                                const std::vector<int64_t>& numbers) {
  onnx::TensorProto& tensor = NewConstant(name, dims, onnx::TensorProto::INT64);
  SetRaw(tensor, numbers);
  return tensor.name();
}

std::string OnnxGraph::Constant(const std::string& name, std::vector<int64_t> dims,
                                const std::vector<std::string>& texts) {
  onnx::TensorProto& tensor = NewConstant(name, dims, onnx::TensorProto::STRING);
  for (const std::string& text : texts) tensor.add_string_data(text);
  return tensor.name();
}

OnnxGraph::Node OnnxGraph::Add(const std::string& operation, const std::vector<std::string>& inputs,
                               const std::string& name) {
  const std::string output = Free("minnow/" + name);
  taken_.insert(output);
  return AddOutput(operation, inputs, output);
}

OnnxGraph::Node OnnxGraph::AddOutput(const std::string& operation, const std::vector<std::string>& inputs,
                                     const std::string& output) {
  onnx::NodeProto& node = *graph_.add_node();
  node.set_op_type(operation);
  node.set_name(output);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output);
  return {output, &node};
}

OnnxGraph::Node& OnnxGraph::Node::Integer(const std::string& attribute, int64_t value) {
  AddAttribute(*proto, attribute, onnx::AttributeProto::INT).set_i(value);
  return *this;
}

OnnxGraph::Node& OnnxGraph::Node::Float(const std::string& attribute, float value) {
  AddAttribute(*proto, attribute, onnx::AttributeProto::FLOAT).set_f(value);
  return *this;
}

OnnxGraph::Node& OnnxGraph::Node::Integers(const std::string& attribute, const std::vector<int64_t>& values) {
  onnx::AttributeProto& list = AddAttribute(*proto, attribute, onnx::AttributeProto::INTS);
  for (const int64_t value : values) list.add_ints(value);
  return *this;
}

OnnxGraph::Node& OnnxGraph::Node::Texts(const std::string& attribute, const std::vector<std::string>& values) {
  onnx::AttributeProto& list = AddAttribute(*proto, attribute, onnx::AttributeProto::STRINGS);
  for (const std::string& value : values) list.add_strings(value);
  return *this;
}

std::string OnnxGraph::Free(const std::string& name) const {
  std::string free = name;
  while (taken_.contains(free)) free += "_";
  return free;
}

}  // namespace minnow::model
