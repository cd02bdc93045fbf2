#include "common/report/resource_json.h"

#include "common/resource_names.h"

namespace minnow {

std::optional<bool> Confirmed(const JobRecord& job) { return job.answer ? job.answer->confirmed : std::nullopt; }

Json JobJson(const JobSummary& summary) {
  const JobRecord& job = summary.record;
  Json json;
  json["job"] = JobName(job.id);
  json["name"] = job.spec.name;
  json["label"] = job.spec.label;
  json["owner"] = job.owner;
  json["state"] = std::string(Name(job.state));
  json["reason"] = job.reason;
  json["data"] = job.data_file;
  json["target"] = job.target;
  json["task"] = std::string(Name(job.task));
  json["metric"] = std::string(Name(job.spec.goal.metric));
  json["threshold"] = job.threshold ? JsonNumber(*job.threshold) : Json(nullptr);
  json["search"] = std::string(Name(job.spec.search));
  json["split_seed"] = job.split_seed;
  json["split_of"] = job.parent ? Json(JobName(*job.parent)) : Json(nullptr);
  json["characterising"] = job.characterising;
  json["hidden"] = job.answer ? Json(job.answer->shape.hidden) : Json(nullptr);
  json["parameters"] = job.answer ? Json(Parameters(job.answer->shape)) : Json(nullptr);
  const std::optional<bool> confirmed = Confirmed(job);
  json["confirmed"] = confirmed ? Json(*confirmed) : Json(nullptr);
  json["trials"] = summary.trials;
  json["epochs"] = summary.epochs;
  json["trained_beside"] = summary.trained_beside;
  json["created_time"] = TimeText(job.created);
  json["finished_time"] = job.finished ? Json(TimeText(*job.finished)) : Json(nullptr);
  json["search_seconds"] = JsonNumber(job.search_seconds);
  return json;
}

Json WorkersJson(const std::vector<WorkerSummary>& workers) {
  Json list = Json::array();
  for (const WorkerSummary& worker : workers) {
    const std::optional<double>& speed = worker.samples_per_second;
    Json json;
    json["worker"] = worker.name;
    json["connected"] = worker.connected;
    json["standing"] = std::string(Name(worker.standing));
    json["trouble"] = worker.trouble;
    json["threads"] = worker.threads;
    json["processor"] = worker.processor;
    json["job"] = worker.job ? Json(JobName(*worker.job)) : Json(nullptr);
    json["split_of"] = worker.split_of ? Json(JobName(*worker.split_of)) : Json(nullptr);
    json["hidden"] = worker.shape ? Json(worker.shape->hidden) : Json(nullptr);
    json["leases"] = worker.leases;
    json["trials"] = worker.trials;
    json["epochs"] = worker.epochs;
    json["train_seconds"] = JsonNumber(worker.train_seconds);
    json["samples_per_second"] = speed ? JsonNumber(*speed) : Json(nullptr);
    json["first_heard_time"] = TimeText(worker.first_heard);
    json["last_heard_time"] = TimeText(worker.last_heard);
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace minnow
