// `minnow export`.
#include <spdlog/fmt/fmt.h>

#include <iostream>

#include "client/backup.h"
#include "client/commands.h"
#include "client/result_flags.h"
#include "client/trained_model.h"
#include "common/cli/command_line.h"
#include "common/cli/values.h"
#include "common/model/c_source.h"
#include "common/model/onnx_model.h"
#include "common/names.h"
#include "worker/local_engine.h"

namespace minnow::client {
namespace {

enum class ModelFormat { kOnnx, kC, kJson };

constexpr NameTable<ModelFormat, 3> kFormats = {
    {{ModelFormat::kOnnx, "onnx"}, {ModelFormat::kC, "c"}, {ModelFormat::kJson, "json"}}};

struct ExportFlags {
  std::optional<std::string> network;
  std::optional<std::string> format;
  std::optional<std::string> file;
};

// What --format says, else what the name of the file ends in.
absl::StatusOr<ModelFormat> FormatOf(const ExportFlags& flags) {
  if (flags.format) return ForFlag("format", ParseIn(kFormats, "format", *flags.format));
  const std::string file = flags.file.value_or("");
  for (const auto& [format, name] : kFormats) {
    if (file.ends_with("." + std::string(name))) return format;
  }
  return absl::InvalidArgumentError(
      "--format is missing: give onnx, c or json, or a file that ends in .onnx, .c or .json");
}

// Without a file, or with "-", the network itself goes to stdout.
absl::Status CheckOutput(const ExportFlags& flags, ModelFormat format, bool json, const Console& console) {
  if (flags.file) return absl::OkStatus();
  if (json) {
    return absl::InvalidArgumentError(
        "--json tells what was written to a file: give -o FILE too; \"--format json\" is the network as JSON");
  }
  if (format == ModelFormat::kOnnx && console.out_is_terminal) {
    return absl::InvalidArgumentError("an ONNX file is not for a terminal: give -o FILE, or send it into a pipe");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Written(ModelFormat format, const model::Model& model, Results& reader,
                                    const nn::Engine& engine) {
  if (format == ModelFormat::kJson) return model::ModelToJson(model);
  if (format == ModelFormat::kOnnx) return model::OnnxModel(model);
  const absl::StatusOr<std::vector<model::KnownRow>> rows = KnownRows(reader, engine, model);
  if (!rows.ok()) return rows.status();
  return model::CSource(model, *rows);
}

absl::Status WriteFile(const std::string& path, std::string_view bytes) {
  const absl::StatusOr<std::unique_ptr<WholeFile>> file = WholeFile::Create(path, Existing::kReplaced);
  if (!file.ok()) return file.status();
  if (absl::Status status = (*file)->Write(bytes); !status.ok()) return status;
  return (*file)->Finish();
}

// What a person does next with the file.
std::string NextStep(ModelFormat format, const std::string& file) {
  const std::string word = ShellWord(file);
  switch (format) {
    case ModelFormat::kJson:
      return fmt::format("Next: minnow predict {} ROWS.csv\n", word);
    case ModelFormat::kC:
      return fmt::format("Next: cc -std=c99 -DMINNOW_SELF_TEST {} -lm && ./a.out\n", word);
    case ModelFormat::kOnnx:
      break;
  }
  return "";
}

void Tell(const model::Model& model, ModelFormat format, const std::string& file, size_t bytes, bool json,
          Console& console) {
  const model::Provenance& from = model.provenance;
  if (json) {
    console.out << JsonText({{"file", file},
                             {"format", std::string(NameIn(kFormats, format))},
                             {"bytes", bytes},
                             {"job", from.job},
                             {"trial", from.trial},
                             {"parameters", Parameters(model.shape)},
                             {"weights_sha256", from.weights_sha256}})
                << "\n";
    return;
  }
  console.out << fmt::format("{}: the network of {} ({}, {}), {}\n", Printable(file), from.trial,
                             ShapeText(model.shape), Counted(Parameters(model.shape), "parameter"),
                             Counted(static_cast<int64_t>(bytes), "byte"));
  console.err << NextStep(format, file);
}

absl::StatusOr<ExitCode> ExportNetwork(const ExportFlags& flags, ModelFormat format, const NetworkName& name,
                                       const ResultFlags& results, Console& console) {
  const absl::StatusOr<nn::Engine> engine = worker::LocalEngine();
  if (!engine.ok()) return engine.status();
  const auto reader = results.OpenReader();
  if (!reader.ok()) return reader.status();
  const absl::StatusOr<model::Model> model = TrainedModel(**reader, *engine, name, console.err);
  if (!model.ok()) return model.status();
  const absl::StatusOr<std::string> bytes = Written(format, *model, **reader, *engine);
  if (!bytes.ok()) return bytes.status();
  if (!flags.file) {
    console.out << *bytes;
    return ExitCode::kDone;
  }
  if (absl::Status status = WriteFile(*flags.file, *bytes); !status.ok()) return status;
  Tell(*model, format, *flags.file, bytes->size(), results.json(), console);
  return ExitCode::kDone;
}

}  // namespace

absl::StatusOr<ExitCode> Export(const Arguments& arguments, Console& console) {
  CommandLine line("export", "JOB_OR_TRIAL --format FORMAT [-o FILE] [flags]",
                   "Writes the trained network of a job's answer, or of one trial, with its preparation, so that it "
                   "takes raw rows. Weights that were not stored are trained again first, to the last bit.",
                   {"minnow export jobs/1 --format onnx -o digits.onnx", "minnow export jobs/1 --format c -o digits.c",
                    "minnow export jobs/1/trials/17 -o digits.json"});
  ExportFlags flags;
  line.Argument("JOB_OR_TRIAL", "jobs/7 (its answer), 7, or jobs/7/trials/203", &flags.network);
  line.Value("format", "FORMAT",
             "onnx: for ONNX Runtime and others; c: one file of C99 that needs nothing; json: for minnow predict. "
             "Without it: what FILE ends in",
             &flags.format);
  line.Value("o", "FILE", "write this file, in place of one that is there; -, and without it: to stdout", &flags.file);
  const ResultFlags results(line);
  const absl::StatusOr<bool> parsed = line.Parse(arguments, console.out);
  if (!parsed.ok()) return parsed.status();
  if (!*parsed) return ExitCode::kDone;

  const auto text = Required(flags.network, "the job or trial", "minnow export jobs/1 --format onnx -o model.onnx");
  if (!text.ok()) return text.status();
  const absl::StatusOr<NetworkName> name = ParseNetworkName(*text);
  if (!name.ok()) return name.status();
  const absl::StatusOr<ModelFormat> format = FormatOf(flags);
  if (flags.file == "-") flags.file.reset();
  if (!format.ok()) return format.status();
  if (absl::Status status = CheckOutput(flags, *format, results.json(), console); !status.ok()) return status;
  return ExportNetwork(flags, *format, *name, results, console);
}

}  // namespace minnow::client
