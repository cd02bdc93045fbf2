#include "common/rpc/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "common/names.h"
#include "tests/common/rpc/messages.h"

namespace minnow::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Out of the proto, into C++ and back: whatever one of the two conversions forgets is missing at the end. Bytes are
// compared, since a NaN is not equal to itself.
template <class Proto, class Convert>
void ExpectRoundTrip(Convert convert) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    Proto proto;
    Fill(random, proto);
    const absl::StatusOr<Proto> back = convert(proto);
    ASSERT_TRUE(back.ok()) << "seed " << seed << ": " << back.status() << "\n" << proto.DebugString();
    ASSERT_EQ(back->SerializeAsString(), proto.SerializeAsString()) << "seed " << seed << "\n"
                                                                    << proto.DebugString() << "\nbecame\n"
                                                                    << back->DebugString();
  }
}

template <class Proto>
absl::StatusOr<Proto> ThereAndBack(const Proto& proto) {
  const auto value = FromProto(proto);
  if (!value.ok()) return value.status();
  return ToProto(*value);
}

TEST(RoundTrip, KeepsEveryFieldAndBitOfJobs) {
  ExpectRoundTrip<v1::Shape>(ThereAndBack<v1::Shape>);
  ExpectRoundTrip<v1::Recipe>(ThereAndBack<v1::Recipe>);
  ExpectRoundTrip<v1::JobSpec>(ThereAndBack<v1::JobSpec>);
  ExpectRoundTrip<v1::Job>(ThereAndBack<v1::Job>);
  ExpectRoundTrip<v1::JobProgress>(ThereAndBack<v1::JobProgress>);
}

TEST(RoundTrip, KeepsEveryFieldAndBitOfResults) {
  ExpectRoundTrip<v1::TrialResult>(ThereAndBack<v1::TrialResult>);
  ExpectRoundTrip<v1::Trial>(ThereAndBack<v1::Trial>);
  ExpectRoundTrip<v1::ShapeVerdict>(ThereAndBack<v1::ShapeVerdict>);
  ExpectRoundTrip<v1::Look>(ThereAndBack<v1::Look>);
  ExpectRoundTrip<v1::AnswerReport>(ThereAndBack<v1::AnswerReport>);
  ExpectRoundTrip<v1::Event>(ThereAndBack<v1::Event>);
  ExpectRoundTrip<v1::SqlRow>(
      [](const v1::SqlRow& row) { return absl::StatusOr<v1::SqlRow>(ToProto(FromProto(row))); });
}

TEST(RoundTrip, KeepsEveryFieldAndBitOfWork) {
  ExpectRoundTrip<v1::Worker>(ThereAndBack<v1::Worker>);
  ExpectRoundTrip<v1::WorkerId>(ThereAndBack<v1::WorkerId>);
  ExpectRoundTrip<v1::RegisterWorkerRequest>(ThereAndBack<v1::RegisterWorkerRequest>);
  ExpectRoundTrip<v1::Lease>(ThereAndBack<v1::Lease>);
  ExpectRoundTrip<v1::LeaseReport>([](const v1::LeaseReport& proto) -> absl::StatusOr<v1::LeaseReport> {
    const absl::StatusOr<LeaseReport> report = FromProto(proto, "host-1");
    if (!report.ok()) return report.status();
    EXPECT_EQ(report->worker, "host-1");
    return ToProto(*report);
  });
}

TEST(RoundTrip, KeepsWhatIsReportedOfReports) {
  ReportResponse response = {.statuses = {absl::OkStatus(), absl::NotFoundError("no lease 3")},
                             .not_needed = {7, 8},
                             .leases = {{.id = 9, .job = 1, .bundle = 2}}};
  response.leases[0].prediction = {.trial = 5, .shape = {2, {}, 1}, .data_sha256 = std::string(64, 'a')};
  const ReportResponse back = FromProto(ToProto(response)).value();
  EXPECT_EQ(back.statuses, response.statuses);
  EXPECT_EQ(back.not_needed, response.not_needed);
  ASSERT_EQ(back.leases.size(), 1u);
  EXPECT_EQ(back.leases[0].id, 9);
  EXPECT_EQ(back.leases[0].prediction->trial, 5);
}

TEST(RoundTrip, KeepsTermsAndRequestsForWork) {
  const WorkerTerms terms = {.lease = absl::Milliseconds(12'345), .heartbeat = absl::Milliseconds(678)};
  EXPECT_EQ(FromProto(ToProto(terms)).lease, terms.lease);
  EXPECT_EQ(FromProto(ToProto(terms)).heartbeat, terms.heartbeat);
  EXPECT_EQ(FromProto(v1::RegisterWorkerResponse()).lease, WorkerTerms().lease);
  EXPECT_EQ(FromProto(v1::RegisterWorkerResponse()).heartbeat, WorkerTerms().heartbeat);
  const HeartbeatResponse told = FromProto(ToProto(HeartbeatResponse{.not_needed = {4, 7}, .pause = absl::Seconds(2)}));
  EXPECT_EQ(told.not_needed, (std::vector<int64_t>{4, 7}));
  EXPECT_EQ(told.pause, absl::Seconds(2));
  EXPECT_EQ(FromProto(v1::HeartbeatResponse()).pause, WorkerTerms().heartbeat);
  const WorkRequest request = {.worker = {"w", "s"}, .seconds = 0.25, .idle_threads = 3};
  const v1::LeaseWorkRequest proto = ToProto(request, absl::Seconds(1.5));
  EXPECT_EQ(FromProto(proto.patience()).value(), absl::Seconds(1.5));
  const WorkRequest back = FromProto(proto).value();
  EXPECT_EQ(back.worker, request.worker);
  EXPECT_EQ(back.seconds, 0.25);
  EXPECT_EQ(back.idle_threads, 3);
  const WorkRequest next = FromProto(ToWanted(request), request.worker).value();
  EXPECT_EQ(next.worker, request.worker);
  EXPECT_EQ(next.seconds, 0.25);
  EXPECT_EQ(next.idle_threads, 3);
  v1::WorkWanted endless = ToWanted(request);
  endless.set_seconds(std::numeric_limits<double>::infinity());
  EXPECT_TRUE(absl::IsInvalidArgument(FromProto(endless, request.worker).status()));
}

TEST(RoundTrip, KeepsTheBitsOfEveryKindOfNumber) {
  TrialResult result;
  result.weights_sha256 = "x";
  for (const uint32_t bits : {0x00000000u, 0x80000000u, 0x7fc00000u, 0xffc12345u, 0x7f800001u, 0x7f800000u, 1u}) {
    result.weights.push_back(std::bit_cast<float>(bits));
  }
  result.validation_score = -0.0;
  result.best_score = -std::numeric_limits<double>::infinity();
  const TrialResult back = FromProto(ToProto(result)).value();
  ASSERT_EQ(back.weights.size(), result.weights.size());
  for (size_t i = 0; i < back.weights.size(); ++i) {
    EXPECT_EQ(std::bit_cast<uint32_t>(back.weights[i]), std::bit_cast<uint32_t>(result.weights[i]));
  }
  EXPECT_EQ(std::bit_cast<uint64_t>(back.validation_score), std::bit_cast<uint64_t>(-0.0));
  EXPECT_EQ(back.best_score, result.best_score);
}

// The C++ name of an enumerator, in capitals, is its name in the proto: no two are swapped.
template <class Enum, class Proto>
void ExpectSameNames(int count, const std::string& (*name)(Proto)) {
  for (int i = 0; i < count; ++i) {
    std::string wanted(Name(static_cast<Enum>(i)));
    for (char& c : wanted) c = static_cast<char>(std::toupper(c));
    const Proto proto = ToProto(static_cast<Enum>(i));
    EXPECT_EQ(name(proto), wanted);
    EXPECT_EQ(FromProto(proto).value(), static_cast<Enum>(i));
  }
  EXPECT_EQ(Name(static_cast<Enum>(count)), "unknown") << "an enumerator that this test leaves out";
}

TEST(Enumerators, HaveTheSameNamesOnBothSides) {
  ExpectSameNames<JobState, v1::Job::State>(8, v1::Job::State_Name);
  ExpectSameNames<TrialState, v1::Trial::State>(8, v1::Trial::State_Name);
  ExpectSameNames<Task, v1::Task>(2, v1::Task_Name);
  ExpectSameNames<Metric, v1::Metric>(8, v1::Metric_Name);
  ExpectSameNames<InitScheme, v1::InitScheme>(8, v1::InitScheme_Name);
  ExpectSameNames<Activation, v1::Activation>(4, v1::Activation_Name);
  ExpectSameNames<Optimizer, v1::Optimizer>(2, v1::Optimizer_Name);
  ExpectSameNames<SearchKind, v1::SearchKind>(3, v1::SearchKind_Name);
  ExpectSameNames<PassPolicy, v1::JobSpec::PassPolicy>(2, v1::JobSpec::PassPolicy_Name);
  ExpectSameNames<SizeMeasure, v1::JobSpec::SizeMeasure>(2, v1::JobSpec::SizeMeasure_Name);
  ExpectSameNames<Phase, v1::Phase>(4, v1::Phase_Name);
  ExpectSameNames<Verdict, v1::Verdict>(3, v1::Verdict_Name);
}

TEST(Enumerators, ThatAreUnknownAreRefused) {
  EXPECT_EQ(FromProto(v1::METRIC_UNSPECIFIED).status(),
            absl::InvalidArgumentError("METRIC_UNSPECIFIED is not a value that this version takes"));
  EXPECT_EQ(FromProto(static_cast<v1::Metric>(99)).status(),
            absl::InvalidArgumentError("99 is not a value that this version takes"));
}

// Fields of one type could be swapped in both directions.
TEST(Fields, GoWhereTheirNamesSay) {
  const TrialResult result = {.state = TrialState::kPassed,
                              .epochs = 11,
                              .epoch = 12,
                              .pass_epoch = 13,
                              .validation_score = 0.25,
                              .best_score = 0.5,
                              .would_stop_epoch = 14,
                              .standard_error = 0.125,
                              .test_score = 0.75,
                              .scores = {{.epoch = 3, .train_loss = 1.5, .validation_score = 2.5, .best_score = 3.5}},
                              .weights_sha256 = "ab",
                              .weights = {1, 2},
                              .units = {.hidden = 21, .distinct = 22, .dead = 23},
                              .train_seconds = 4};
  EXPECT_EQ(ToProto(result).ShortDebugString(),
            "state: PASSED epochs: 11 epoch: 12 pass_epoch: 13 validation_score: 0.25 best_score: 0.5 test_score: 0.75 "
            "scores { epoch: 3 train_loss: 1.5 validation_score: 2.5 best_score: 3.5 } weights_sha256: \"ab\" weights: "
            "1 weights: 2 "
            "hidden_units: 21 distinct_hidden_units: 22 dead_hidden_units: 23 train_seconds: 4 "
            "would_stop_epoch: 14 standard_error: 0.125");
}

TEST(Fields, OfAJobGoWhereTheirNamesSay) {
  JobSummary job = {.trials = 31, .epochs = 32, .trained_beside = 33};
  job.record.id = 7;
  job.record.inputs = 41;
  job.record.outputs = 42;
  job.record.rows_train = 43;
  job.record.rows_validation = 44;
  job.record.rows_test = 45;
  job.record.data_sha256 = "d";
  job.record.test_sha256 = "t";
  job.record.answer = Answer{.shape = {41, {8}, 42}, .trial = 9, .confirmed = false};
  job.record.parent = 5;
  job.record.split_seed = 6;
  job.record.owner = "alice";
  job.record.pass_rate = PassRate{.tries = 51, .passes = 52};
  job.record.reliable =
      ReliableShape{.shape = {41, {9}, 42}, .recipe = {.learning_rate = 0.5}, .tries = 53, .passes = 54};
  v1::Job proto = ToProto(job);
  EXPECT_EQ(proto.answer().trial(), "jobs/7/trials/9");
  EXPECT_TRUE(proto.answer().has_confirmed());
  proto.clear_spec();
  proto.clear_answer();
  EXPECT_EQ(
      proto.ShortDebugString(),
      "name: \"jobs/7\" state: QUEUED task: CLASSIFICATION training_dataset: \"datasets/d\" test_dataset: "
      "\"datasets/t\" inputs: 41 outputs: 42 rows_train: 43 rows_validation: 44 rows_test: 45 numerics_version: 2 "
      "create_time { } trials: 31 epochs: 32 trained_beside: 33 parent: \"jobs/5\" split_seed: 6 pass_rate { tries: 51 "
      "passes: 52 } reliable { shape { inputs: 41 hidden: 9 outputs: 42 } recipe { activation: RELU optimizer: SGD "
      "init: HE learning_rate: 0.5 batch_size: 32 } tries: 53 passes: 54 } owner: \"alice\"");
}

TEST(Fields, OfACertificateGoWhereTheirNamesSay) {
  const VerdictRow row = {
      .shape = {4, {}, 1}, .verdict = Verdict::kUndecided, .tries = 5, .passes = 2, .finished = 4, .audited = 3};
  EXPECT_EQ(ToProto(row).ShortDebugString(),
            "shape { inputs: 4 outputs: 1 } verdict: UNDECIDED tries: 5 passes: 2 finished: 4 audited: 3");
  AnswerReport report;
  report.early_stop_audit = EarlyStopAudit{.audited = 9, .would_have_stopped = 8, .passed = 7};
  EXPECT_EQ(ToProto(report).early_stop_audit().ShortDebugString(), "audited: 9 would_have_stopped: 8 passed: 7");
}

// What a client or a coordinator of an earlier version sends has none of the fields that came later.
TEST(Absent, FieldsOfASpecMeanThePlainSearch) {
  JobSpec plain;
  v1::JobSpec proto = ToProto(plain);
  for (const char* field : {"pass", "order_by", "early_stop", "require_shown", "characterise", "splits"}) {
    proto.GetReflection()->ClearField(&proto, v1::JobSpec::descriptor()->FindFieldByName(field));
  }
  EXPECT_EQ(QuestionJson(FromProto(proto).value()), QuestionJson(plain));
}

TEST(Absent, AStopRuleStopsNothing) {
  Lease lease;
  lease.id = 1;
  lease.job = 1;
  SliceWork& slice = lease.slice.emplace();
  slice.shape = {4, {8}, 3};
  slice.data_sha256 = std::string(64, 'a');
  slice.trials.resize(2);
  slice.trials[1].stop.bounds = {0.5, -std::numeric_limits<double>::infinity()};
  const v1::Lease proto = ToProto(lease);
  EXPECT_FALSE(proto.slice_work().trials(0).has_stop());
  EXPECT_EQ(FromProto(proto)->slice->trials, slice.trials);
}

TEST(Texts, ThatAreNotUtf8TravelWithQuestionMarks) {
  EventRecord event = {.kind = "submitted", .text = "a\xff\xc3\xa9\xc3"};
  const v1::Event proto = ToProto(event);
  EXPECT_EQ(proto.text(), "a?\xc3\xa9?");
  v1::Event back;
  EXPECT_TRUE(back.ParseFromString(proto.SerializeAsString()));
}

TEST(Times, AreExactToTheNanosecondOnBothSidesOf1970) {
  for (const int64_t nanoseconds :
       {int64_t{0}, int64_t{-1}, int64_t{1'700'000'000'123'456'789}, int64_t{-1'500'000'000}}) {
    const absl::Time time = absl::FromUnixNanos(nanoseconds);
    EXPECT_EQ(FromProto(ToProto(time)).value(), time);
    const absl::Duration duration = absl::Nanoseconds(nanoseconds);
    EXPECT_EQ(FromProto(ToProto(duration)).value(), duration);
  }
  EXPECT_EQ(ToProto(absl::InfiniteFuture()).seconds(), 253'402'300'799);
  google::protobuf::Timestamp wrong;
  wrong.set_nanos(-1);
  EXPECT_THAT(std::string(FromProto(wrong).status().message()), HasSubstr("0 s and -1 ns"));
}

template <class Proto>
std::string ErrorOf(const Proto& proto) {
  const auto value = FromProto(proto);
  EXPECT_EQ(value.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(value.status().message());
}

template <class Proto>
Proto Valid() {
  std::mt19937_64 random(5);
  Proto proto;
  Fill(random, proto);
  EXPECT_TRUE(FromProto(proto).ok());
  return proto;
}

TEST(BadSpecs, AreRefusedWithFieldAndValue) {
  v1::JobSpec spec = Valid<v1::JobSpec>();
  spec.mutable_units()->Resize(1001, 4);
  EXPECT_EQ(ErrorOf(spec), "units: 1001 entries are too many; at most 1000 are taken");
  spec = Valid<v1::JobSpec>();
  spec.set_inits(0, v1::INIT_SCHEME_UNSPECIFIED);
  EXPECT_EQ(ErrorOf(spec), "inits[0]: INIT_SCHEME_UNSPECIFIED is not a value that this version takes");
  spec = Valid<v1::JobSpec>();
  spec.set_name(std::string(5000, 'x'));
  EXPECT_EQ(ErrorOf(spec), "name: 5000 bytes are too long a text; at most 4096 are taken");
  EXPECT_EQ(ErrorOf(v1::JobSpec()), "metric: METRIC_UNSPECIFIED is not a value that this version takes");
}

TEST(BadShapes, AreRefusedWithFieldAndValue) {
  v1::Shape shape = ToProto(Shape{4, {8}, 3});
  shape.set_hidden(0, 1025);
  EXPECT_EQ(ErrorOf(shape), "hidden[0]: 1025 is out of range; it is from 1 to 1024");
  shape.mutable_hidden()->Resize(9, 8);
  EXPECT_EQ(ErrorOf(shape), "hidden: 9 entries are too many; at most 8 are taken");
  EXPECT_EQ(ErrorOf(v1::Shape()), "inputs: 0 is out of range; it is from 1 to 65536");
}

TEST(BadNames, AreRefusedWithFieldAndValue) {
  v1::Job job = Valid<v1::Job>();
  job.set_name("jobs/x");
  EXPECT_THAT(ErrorOf(job), StartsWith("name: \"jobs/x\" is not the name of a job"));
  job = Valid<v1::Job>();
  job.set_test_dataset("datasets/ABC");
  EXPECT_THAT(ErrorOf(job), StartsWith("test_dataset: \"datasets/ABC\" is not the name of a data set"));
  v1::WorkerId worker = Valid<v1::WorkerId>();
  for (const char* name : {"", "box", "workers/", "workers/a b", "workers/a/b", "workers/a\nb"}) {
    worker.set_name(name);
    EXPECT_THAT(ErrorOf(worker), HasSubstr("is not the name of a worker")) << name;
  }
  worker = Valid<v1::WorkerId>();
  worker.clear_session();
  EXPECT_THAT(ErrorOf(worker), StartsWith("session: it is empty"));
}

TEST(BadLeases, AreRefusedWithFieldAndValue) {
  v1::Lease lease = Valid<v1::Lease>();
  lease.clear_work();
  EXPECT_THAT(ErrorOf(lease), StartsWith("work: a lease has a slice or a prediction"));
  const v1::TrialSpec trial = Valid<v1::Lease>().slice_work().trials(0);
  for (int i = 0; i < 17; ++i) *lease.mutable_slice_work()->add_trials() = trial;
  lease.mutable_slice_work()->mutable_shape()->set_inputs(1);
  EXPECT_THAT(ErrorOf(lease), StartsWith("slice_work."));
}

TEST(BadReports, AreRefusedWithFieldAndValue) {
  v1::LeaseReport report;
  report.set_lease(5);
  EXPECT_THAT(std::string(FromProto(report, "w").status().message()),
              HasSubstr("the report of lease 5 has 0 of trials, outputs and failure"));
  report.set_failure("no room");
  report.add_outputs(1);
  EXPECT_THAT(std::string(FromProto(report, "w").status().message()), HasSubstr("has 2 of trials"));
  report.clear_outputs();
  EXPECT_TRUE(FromProto(report, "w").ok());
  report.clear_failure();
  report.add_trials();
  EXPECT_THAT(std::string(FromProto(report, "w").status().message()), StartsWith("trials[0].state: "));
}

TEST(BadRequestsForWork, AreRefusedWithFieldAndValue) {
  v1::LeaseWorkRequest request = ToProto(WorkRequest{.worker = {"w", "s"}}, absl::Seconds(1));
  request.set_seconds(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(ErrorOf(request), StartsWith("seconds: nan is not an amount of work"));
  request.set_seconds(1);
  request.set_idle_threads(5000);
  EXPECT_EQ(ErrorOf(request), "idle_threads: 5000 is out of range; it is from 0 to 1024");
  EXPECT_FALSE(ParseRequestId(std::string(65, 'a')).ok());
  EXPECT_FALSE(ParseRequestId("a b").ok());
  EXPECT_EQ(ParseRequestId("").value(), "");
}

}  // namespace
}  // namespace minnow::rpc
