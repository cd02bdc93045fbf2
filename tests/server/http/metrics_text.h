// A reader of the text format of Prometheus that is stricter than Prometheus.
#ifndef MINNOW_TESTS_SERVER_HTTP_METRICS_TEXT_H_
#define MINNOW_TESTS_SERVER_HTTP_METRICS_TEXT_H_

#include <map>
#include <string>
#include <vector>

namespace minnow::http {

struct MetricsPage {
  std::vector<std::string> faults;           // what is wrong with the text, a sentence each
  std::map<std::string, std::string> types;  // name: "gauge" or "counter"
  std::map<std::string, double> samples;     // name with labels, as written: value
};

// The rules: a metric is one HELP line, one TYPE line, then its samples, all together; names, label names and values
// are well-formed; counters, and nothing else, end in _total; no sample comes twice; the text ends in a line end.
MetricsPage ReadMetrics(const std::string& text);

}  // namespace minnow::http

#endif  // MINNOW_TESTS_SERVER_HTTP_METRICS_TEXT_H_
