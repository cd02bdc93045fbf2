#include "tests/common/rpc/messages.h"

#include <google/protobuf/descriptor.h>

#include <bit>
#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include "common/results.h"
#include "minnow/v1/job.pb.h"
#include "minnow/v1/service.pb.h"

namespace minnow::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

using Random = std::mt19937_64;

constexpr int kMostEntries = 8;  // as many as a shape has hidden layers

int64_t Number(Random& random, int64_t least, int64_t most) {
  return std::uniform_int_distribution<int64_t>(least, most)(random);
}

std::string Digits(Random& random, int count) {
  std::string digits;
  for (int i = 0; i < count; ++i) digits += "0123456789abcdef"[Number(random, 0, 15)];
  return digits;
}

std::string JobText(Random& random) { return "jobs/" + std::to_string(Number(random, 1, 1'000'000)); }
std::string TrialText(Random& random) { return JobText(random) + "/trials/" + std::to_string(Number(random, 1, 99)); }
std::string DatasetText(Random& random) { return "datasets/" + Digits(random, 64); }
std::string WorkerText(Random& random) { return "workers/host-" + Digits(random, 4); }
std::string AnyText(Random& random) { return "text \xc3\xa9 \"" + Digits(random, 12); }

// Texts that are more than that.
const std::map<std::string, std::string (*)(Random&)> kTexts = {
    {"minnow.v1.Job.name", JobText},
    {"minnow.v1.Job.training_dataset", DatasetText},
    {"minnow.v1.Job.test_dataset", DatasetText},
    {"minnow.v1.Job.parent", JobText},
    {"minnow.v1.SplitAnswer.job", JobText},
    {"minnow.v1.Answer.trial", TrialText},
    {"minnow.v1.Trial.name", TrialText},
    {"minnow.v1.Trial.worker", WorkerText},
    {"minnow.v1.Look.trial", TrialText},
    {"minnow.v1.Event.job", JobText},
    {"minnow.v1.Worker.name", WorkerText},
    {"minnow.v1.Worker.job", JobText},
    {"minnow.v1.Worker.split_of", JobText},
    {"minnow.v1.WorkerId.name", WorkerText},
    {"minnow.v1.WorkerId.session", [](Random& random) { return Digits(random, 32); }},
    {"minnow.v1.Lease.job", JobText},
    {"minnow.v1.SliceWork.training_dataset", DatasetText},
    {"minnow.v1.SliceWork.test_dataset", DatasetText},
    {"minnow.v1.PredictionWork.trial", TrialText},
    {"minnow.v1.PredictionWork.dataset", DatasetText}};

void SetOne(Random& random, Message& message, const FieldDescriptor& field) {
  const Reflection& reflect = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflect.SetInt32(&message, &field, static_cast<int32_t>(Number(random, 1, 1000)));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflect.SetInt64(&message, &field, Number(random, 1, 1'000'000'000));
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflect.SetUInt64(&message, &field, random());
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflect.SetDouble(&message, &field, std::bit_cast<double>(random()));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflect.SetBool(&message, &field, Number(random, 0, 1) == 1);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflect.SetEnumValue(&message, &field,
                                  static_cast<int>(Number(random, 1, field.enum_type()->value_count() - 1)));
    case FieldDescriptor::CPPTYPE_STRING: {
      const auto text = kTexts.find(field.full_name());
      return reflect.SetString(&message, &field, text == kTexts.end() ? AnyText(random) : text->second(random));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Fill(random, *reflect.MutableMessage(&message, &field));
    default:
      std::abort();
  }
}

void AddOne(Random& random, Message& message, const FieldDescriptor& field) {
  const Reflection& reflect = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflect.AddInt32(&message, &field, static_cast<int32_t>(Number(random, 1, 1000)));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflect.AddInt64(&message, &field, Number(random, 1, 1'000'000'000));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflect.AddFloat(&message, &field, std::bit_cast<float>(static_cast<uint32_t>(random())));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflect.AddDouble(&message, &field, std::bit_cast<double>(random()));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflect.AddEnumValue(&message, &field,
                                  static_cast<int>(Number(random, 1, field.enum_type()->value_count() - 1)));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Fill(random, *reflect.AddMessage(&message, &field));
    default:
      std::abort();
  }
}

// Messages in messages that may be absent; the others are always there.
const std::set<std::string> kMayBeAbsent = {
    "minnow.v1.Job.finish_time",    "minnow.v1.Job.answer",        "minnow.v1.Job.pass_rate",
    "minnow.v1.Job.reliable",       "minnow.v1.Worker.shape",      "minnow.v1.JobProgress.incumbent",
    "minnow.v1.AnswerReport.trial", "minnow.v1.AnswerReport.look", "minnow.v1.AnswerReport.early_stop_audit",
    "minnow.v1.SplitAnswer.shape",  "minnow.v1.TrialSpec.stop"};

bool LeaveOut(Random& random, const FieldDescriptor& field) {
  const bool may = field.message_type() == nullptr ? field.has_presence() : kMayBeAbsent.contains(field.full_name());
  return may && Number(random, 0, 1) == 0;
}

// What the fields of a message have to do with each other.
void Reconcile(Random& random, Message& message) {
  if (auto* job = dynamic_cast<v1::Job*>(&message); job != nullptr && job->has_answer()) {
    job->mutable_answer()->set_trial(job->name() + "/trials/" + std::to_string(Number(random, 1, 99)));
  } else if (auto* lease = dynamic_cast<v1::Lease*>(&message); lease != nullptr && lease->has_prediction_work()) {
    lease->mutable_prediction_work()->set_trial(lease->job() + "/trials/" + std::to_string(Number(random, 1, 99)));
  } else if (auto* report = dynamic_cast<v1::AnswerReport*>(&message); report != nullptr && report->has_trial()) {
    report->mutable_trial()->set_evidence(true);
  } else if (auto* result = dynamic_cast<v1::LeaseReport*>(&message)) {
    const int64_t kind = Number(random, 0, 2);
    if (kind != 0) result->clear_trials();
    if (kind != 1) result->clear_outputs();
    if (kind != 2) result->clear_failure();
  } else if (auto* worker = dynamic_cast<v1::Worker*>(&message)) {
    worker->set_standing(std::string(Name(static_cast<Standing>(Number(random, 0, 3)))));
  } else if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(&message)) {
    time->set_seconds(Number(random, -62'135'596'800, 253'402'300'799));
    time->set_nanos(static_cast<int32_t>(Number(random, 0, 999'999'999)));
  }
}

}  // namespace

void Fill(Random& random, Message& message) {
  const Descriptor& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.is_repeated()) {
      for (int64_t count = Number(random, 1, kMostEntries); count > 0; --count) AddOne(random, message, field);
    } else if (field.real_containing_oneof() == nullptr && !LeaveOut(random, field)) {
      SetOne(random, message, field);
    }
  }
  for (int i = 0; i < descriptor.real_oneof_decl_count(); ++i) {
    const auto& choices = *descriptor.oneof_decl(i);
    SetOne(random, message, *choices.field(static_cast<int>(Number(random, 0, choices.field_count() - 1))));
  }
  Reconcile(random, message);
}

}  // namespace minnow::rpc
