#include "gpiot/llm/endpoint_generator.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <cstdlib>
#include <map>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/llm/endpoint_form.h"
#include "gpiot/llm/http_transfer.h"
#include "gpiot/llm/progress_meter.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "llm.endpoint";
constexpr std::size_t kAnswerBytes = 8 << 20;
constexpr int kPollMs = 100;

std::string completions_url(std::string url) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    throw Error(ErrorCode::InvalidArgument, kWhere, "the address is not a URL: expected http://... or https://...");
  }
  if (url.find('@') != std::string::npos) {
    throw Error(ErrorCode::InvalidArgument, kWhere, "the address holds a user name or password: expected none",
                "put the key into the environment variable GPIOT_API_KEY");
  }
  while (url.ends_with('/')) url.pop_back();
  if (url.ends_with("/chat/completions")) return url;
  return url + (url.ends_with("/v1") ? "/chat/completions" : "/v1/chat/completions");
}

struct MultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};

/// The requests of one call, some of them under way.
class EndpointRun {
 public:
  EndpointRun(const EndpointOptions& options, const std::string& url, std::span<const core::GenerationRequest> requests,
              const core::GenerationListener& listener)
      : options_(options), url_(url), requests_(requests), meter_(listener), multi_(curl_multi_init()) {
    core::Generation waiting;
    waiting.finish = core::FinishReason::Cancelled;
    answers_.assign(requests.size(), waiting);
    for (std::size_t i = 0; i < requests.size(); ++i) answers_[i].text = requests[i].answer_start;
    meter_.now.requests_total = static_cast<int>(requests.size());
    if (const char* key = std::getenv("GPIOT_API_KEY")) key_ = key;
  }
  EndpointRun(const EndpointRun&) = delete;
  EndpointRun& operator=(const EndpointRun&) = delete;
  ~EndpointRun() {
    for (auto& [handle, open] : open_) curl_multi_remove_handle(multi_.get(), handle);
  }

  std::vector<core::Generation> run(const base::CancelToken& cancel) {
    while (!cancel.cancelled()) {
      while (next_ < requests_.size() && open_.size() < static_cast<std::size_t>(options_.parallel)) start_next();
      if (open_.empty()) break;
      int running = 0;
      if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) {
        throw Error(ErrorCode::Internal, kWhere, "curl_multi_perform failed");
      }
      const bool ended = take_ended();
      meter_.tell();
      if (!ended) curl_multi_poll(multi_.get(), nullptr, 0, kPollMs, nullptr);
    }
    meter_.tell(true);
    return std::move(answers_);
  }

 private:
  struct Open {
    std::size_t request;
    std::unique_ptr<HttpTransfer> transfer;
  };

  void start_next() {
    auto transfer =
        std::make_unique<HttpTransfer>(url_, request_body(requests_[next_], options_.model), key_,
                                       HttpLimits{options_.connect_timeout_ms, options_.timeout_ms, kAnswerBytes});
    CURL* handle = transfer->handle();
    open_.emplace(handle, Open{next_, std::move(transfer)});
    curl_multi_add_handle(multi_.get(), handle);
    ++next_;
  }

  bool take_ended() {
    bool any = false;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* handle = message->easy_handle;
      const CURLcode code = message->data.result;
      curl_multi_remove_handle(multi_.get(), handle);
      const auto ended = open_.extract(handle);
      take(ended.mapped(), code);
      any = true;
    }
    return any;
  }

  void take(const Open& ended, CURLcode code) {
    HttpTransfer& transfer = *ended.transfer;
    if (transfer.too_large()) {
      throw Error(ErrorCode::Capacity, kWhere,
                  fmt::format("the answer of {} is too large: expected at most {} bytes", url_, kAnswerBytes));
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
      throw Error(ErrorCode::Download, kWhere,
                  fmt::format("{} did not answer in time: {}", url_, transfer.failure(code)),
                  "ask for fewer or shorter answers at a time, or use a faster server");
    }
    if (code != CURLE_OK) {
      throw Error(ErrorCode::Download, kWhere, fmt::format("{} cannot be reached: {}", url_, transfer.failure(code)),
                  "start the server, or check its address and port");
    }
    const std::string body = transfer.take_answer();
    if (transfer.status() != 200) throw_status(transfer.status(), body);
    core::Generation& answer = answers_[ended.request];
    answer = parse_answer(body, requests_[ended.request], url_);
    ++meter_.now.requests_done;
    meter_.now.completion_tokens += answer.completion_tokens;
    meter_.now.prompt_tokens_done += answer.prompt_tokens;
    meter_.now.prompt_tokens_total += answer.prompt_tokens;
  }

  [[noreturn]] void throw_status(long status, const std::string& body) const {
    // A server may repeat what it was sent.
    const auto said = key_.empty() ? error_text(body) : base::replace_all(error_text(body), key_, "***");
    std::string remedy;
    if (status == 401 || status == 403) remedy = "put the key into the environment variable GPIOT_API_KEY";
    if (status == 404) remedy = "check the address (with /v1) and the model's name";
    if (status == 429) remedy = "the server has too many requests: lower the number of parallel ones";
    throw Error(ErrorCode::Download, kWhere,
                fmt::format("{} refused: got HTTP status {} ({}), expected 200", url_, status, said), remedy);
  }

  const EndpointOptions& options_;
  const std::string& url_;
  std::span<const core::GenerationRequest> requests_;
  ProgressMeter meter_;
  std::string key_;
  std::unique_ptr<CURLM, MultiDeleter> multi_;
  std::map<CURL*, Open> open_;
  std::vector<core::Generation> answers_;
  std::size_t next_ = 0;
};

}  // namespace

EndpointGenerator::EndpointGenerator(EndpointOptions options)
    : options_(std::move(options)), url_(completions_url(options_.base_url)) {
  if (options_.parallel < 1) {
    throw Error(ErrorCode::InvalidArgument, kWhere,
                fmt::format("parallel is wrong: got {}, expected at least 1", options_.parallel));
  }
}

std::vector<core::Generation> EndpointGenerator::generate(std::span<const core::GenerationRequest> requests,
                                                          const core::GenerationListener& listener,
                                                          const base::CancelToken& cancel) {
  for (const auto& request : requests) {
    // Some servers cut a prompt that is too long without a word.
    const int prompt = count_tokens(request.messages);
    if (prompt + request.sampling.max_tokens <= options_.context_tokens) continue;
    throw Error(ErrorCode::Capacity, kWhere,
                fmt::format("a prompt does not fit the context: got about {} tokens and {} for the answer, expected at "
                            "most {} together",
                            prompt, request.sampling.max_tokens, options_.context_tokens),
                "shorten the files it is made of, or state the context of the server's model with --context");
  }
  EndpointRun run(options_, url_, requests, listener);
  return run.run(cancel);
}

int EndpointGenerator::count_tokens(std::span<const core::ChatMessage> messages) {
  std::size_t tokens = 0;
  for (const auto& message : messages) tokens += message.content.size() / 3 + 8;
  return static_cast<int>(tokens);
}

core::GeneratorIdentity EndpointGenerator::identity() const {
  core::GeneratorIdentity identity;
  identity.name = options_.model;
  identity.backend = options_.base_url;
  return identity;
}

}  // namespace gpiot::llm
