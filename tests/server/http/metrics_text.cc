#include "tests/server/http/metrics_text.h"

#include <cctype>
#include <optional>
#include <string_view>

#include "common/text.h"

namespace minnow::http {
namespace {

class PageReader {
 public:
  MetricsPage Read(const std::string& text) {
    if (!text.ends_with('\n')) Fault("the last line has no end", "");
    for (const std::string_view line : Split(Trim(text), '\n')) ReadLine(line);
    if (!metric_.empty() && samples_ == 0) Fault("no sample", metric_);
    return page_;
  }

 private:
  void Fault(const std::string& what, const std::string& where) { page_.faults.push_back(what + ": " + where); }

  void ReadLine(std::string_view line) {
    const std::string whole(line);
    if (Skip("# HELP ", line)) {
      const std::string metric = TakeName(line);
      if (metric.empty() || !Skip(" ", line) || Trim(line).empty()) Fault("not a HELP line", whole);
      Begin(metric);
    } else if (Skip("# TYPE ", line)) {
      const std::string metric = TakeName(line);
      if (line != " gauge" && line != " counter") Fault("not a TYPE line", whole);
      SetType(metric, std::string(Trim(line)));
    } else {
      const std::string metric = TakeName(line);
      const std::string_view rest = line;
      if (metric.empty() || !SkipLabels(line)) Fault("not a sample", whole);
      const std::string labels(rest.substr(0, rest.size() - line.size()));
      if (!Skip(" ", line)) Fault("no value", whole);
      AddSample(metric, labels, std::string(line));
    }
  }

  // Takes `start` off the beginning of `text`; false when it does not begin so.
  static bool Skip(std::string_view start, std::string_view& text) {
    if (!text.starts_with(start)) return false;
    text.remove_prefix(start.size());
    return true;
  }

  // The name at the beginning of `text`, letters, digits and underscores; empty when there is none.
  static std::string TakeName(std::string_view& text) {
    const auto is_part = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
    size_t size = 0;
    while (size < text.size() && is_part(static_cast<unsigned char>(text[size]))) ++size;
    if (size > 0 && std::isdigit(static_cast<unsigned char>(text[0]))) size = 0;
    const std::string name(text.substr(0, size));
    text.remove_prefix(size);
    return name;
  }

  // {name="value",...} or nothing; false when it is something else.
  static bool SkipLabels(std::string_view& text) {
    if (!Skip("{", text)) return true;
    do {
      if (TakeName(text).empty() || !Skip("=\"", text)) return false;
      while (!text.empty() && text[0] != '"') {
        if (!Skip("\\\\", text) && !Skip("\\\"", text) && !Skip("\\n", text)) {
          if (text[0] == '\\') return false;
          text.remove_prefix(1);
        }
      }
      if (!Skip("\"", text)) return false;
    } while (Skip(",", text));
    return Skip("}", text);
  }

  void Begin(const std::string& metric) {
    if (!metric_.empty() && samples_ == 0) Fault("no sample", metric_);
    if (page_.types.contains(metric)) Fault("begun twice", metric);
    metric_ = metric;
    samples_ = 0;
  }

  void SetType(const std::string& metric, const std::string& type) {
    if (metric != metric_) Fault("TYPE without HELP before it", metric);
    if (!page_.types.emplace(metric, type).second) Fault("TYPE twice", metric);
    if ((type == "counter") != metric.ends_with("_total")) Fault("a counter ends in _total and nothing else", metric);
  }

  void AddSample(const std::string& metric, const std::string& labels, const std::string& value) {
    if (metric != metric_ || !page_.types.contains(metric)) Fault("a sample away from its HELP and TYPE", metric);
    const std::optional<double> number = ParseNumber(value);
    if (!number) Fault("not a number", metric + labels + " " + value);
    if (!page_.samples.emplace(metric + labels, number.value_or(0)).second) Fault("twice", metric + labels);
    ++samples_;
  }

  MetricsPage page_;
  std::string metric_;  // whose lines these are
  int samples_ = 0;     // of it
};

}  // namespace

MetricsPage ReadMetrics(const std::string& text) { return PageReader().Read(text); }

}  // namespace minnow::http
