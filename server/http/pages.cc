#include "server/http/pages.h"

#include <array>
#include <memory>
#include <optional>

#include "common/report/resource_json.h"
#include "common/resource_names.h"
#include "common/sha256.h"
#include "server/http/ask.h"
#include "web/assets.h"
#include "web/documents.h"

namespace minnow::http {
namespace {

constexpr char kJson[] = "application/json";
constexpr std::string_view kJobs = "/api/jobs";
constexpr std::string_view kOneJob = "/api/jobs/";
constexpr std::string_view kWorkers = "/api/workers";
constexpr std::string_view kJobPage = "/jobs/";

// Scripts and styles of this server alone; nothing is sent anywhere else, and nobody may put the page into another.
constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

struct Asset {
  std::string_view path;
  const char* type;
  const std::string_view* text;
};

constexpr std::array<Asset, 4> kAssets = {{{"/assets/minnow.css", "text/css; charset=utf-8", &web::kStyle},
                                           {"/assets/minnow.js", "text/javascript; charset=utf-8", &web::kScript},
                                           {"/assets/d3.js", "text/javascript; charset=utf-8", &web::kD3},
                                           {"/assets/icon.svg", "image/svg+xml", &web::kIcon}}};

const Asset* AssetAt(std::string_view path) {
  for (const Asset& asset : kAssets) {
    if (asset.path == path) return &asset;
  }
  return nullptr;
}

void Protect(PageAnswer& answer) {
  answer.headers.insert(answer.headers.end(), {{"Content-Security-Policy", kPolicy},
                                               {"X-Content-Type-Options", "nosniff"},
                                               {"Referrer-Policy", "no-referrer"},
                                               {"Cross-Origin-Resource-Policy", "same-origin"},
                                               {"Cache-Control", "no-cache"}});
}

// With its tag, or without its body when that is known.
PageAnswer Tagged(const PageRequest& request, const std::string& type, std::string_view body, const std::string& tag) {
  PageAnswer answer = {.type = type};
  answer.headers.emplace_back("ETag", tag);
  if (request.known_tag == tag) {
    answer.status = 304;
  } else {
    answer.body = body;
  }
  Protect(answer);
  return answer;
}

PageAnswer Refusal(int status, const std::string& why) {
  PageAnswer answer = {.status = status, .body = why + "\n"};
  if (status == 503) answer.headers.emplace_back("Retry-After", "1");
  Protect(answer);
  return answer;
}

PageAnswer HtmlPage(int status) {
  PageAnswer answer = {.status = status, .type = "text/html; charset=utf-8", .body = std::string(web::kPage)};
  Protect(answer);
  return answer;
}

// The number of "/api/jobs/7"; nothing for another path.
std::optional<int64_t> JobAt(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return std::nullopt;
  const std::string_view digits = path.substr(prefix.size());
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const absl::StatusOr<int64_t> job = ParseJobName(std::string(digits));
  return job.ok() ? std::optional(*job) : std::nullopt;
}

// One of so many at once.
class Turn {
 public:
  explicit Turn(std::atomic<int>& taken) : taken_(taken), granted_(++taken <= kMaxAtOnce) {}
  ~Turn() { --taken_; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  bool granted() const { return granted_; }

 private:
  std::atomic<int>& taken_;
  const bool granted_;
};

}  // namespace

Pages::Pages(Documents::Open open, ledger::Ledger* ledger, std::function<absl::Time()> clock, absl::Duration patience)
    : ledger_(ledger), clock_(clock), documents_(std::move(open), std::move(clock), patience) {}

PageAnswer Pages::Answer(const PageRequest& request) {
  if (IsPage(request.path)) return HtmlPage(200);
  if (const Asset* asset = AssetAt(request.path)) {
    return Tagged(request, asset->type, *asset->text, "\"" + Sha256Hex(*asset->text).substr(0, 32) + "\"");
  }
  return AnswerDocument(request);
}

// "Basic" would make a browser ask for itself, before the page could.
PageAnswer Pages::AskForToken(std::string_view path, int status, const std::string& why) {
  PageAnswer answer = IsPage(path) ? HtmlPage(status) : Refusal(status, why);
  if (status == 401) answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"minnow\"");
  return answer;
}

bool Pages::IsPage(std::string_view path) { return path == "/" || path == "/workers" || JobAt(path, kJobPage); }

bool Pages::IsAsset(std::string_view path) { return AssetAt(path) != nullptr; }

PageAnswer Pages::AnswerDocument(const PageRequest& request) {
  const Turn turn(answering_);
  if (!turn.granted()) return Refusal(503, "too many ask at once: try again");
  const Documents::Made made = Find(request.path);
  if (made.ok()) return Tagged(request, kJson, (*made)->body, (*made)->tag);
  return Refusal(absl::IsNotFound(made.status()) ? 404 : 503, std::string(made.status().message()));
}

Documents::Made Pages::Find(const std::string& path) {
  if (path == kJobs) {
    return documents_.Get(path, [](Results& results, const std::function<bool()>& cancelled) {
      return web::JobsDocument(results, {.seconds = kMaxReadSeconds, .cancelled = cancelled});
    });
  }
  if (path == kWorkers) {
    return documents_.Get(path, [this](Results&, const std::function<bool()>&) -> absl::StatusOr<Json> {
      const auto workers = AskLedger<std::vector<WorkerSummary>>([this](auto done) { ledger_->Workers(done); });
      if (!workers.ok()) return workers.status();
      return Json{{"workers", WorkersJson(*workers)}};
    });
  }
  const std::optional<int64_t> job = JobAt(path, kOneJob);
  if (!job) {
    return absl::NotFoundError("there is nothing at this address; try /, /api/jobs, /metrics or /healthz");
  }
  return documents_.Get(path, [this, job](Results& results, const std::function<bool()>& cancelled) {
    return web::JobDocument(results, *job,
                            {.seconds = kMaxReadSeconds,
                             .cancelled = cancelled,
                             .why_still = [this](const JobRecord& record) { return WhyStill(record); }});
  });
}

// The ledger knows of workers what the database does not. Where it does not answer, that is why.
absl::StatusOr<std::string> Pages::WhyStill(const JobRecord& job) const {
  if (IsOver(job)) return std::string();
  const auto progress = AskLedger<JobProgress>(
      [&](auto done) { ledger_->WaitForProgress(job.id, /*seen=*/std::nullopt, clock_(), done); });
  return progress.ok() ? progress->why_still : std::string(progress.status().message());
}

}  // namespace minnow::http
