#include "gpiot/llm/endpoint_generator.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>

#include "gpiot/base/error.h"
#include "gpiot/base/json.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;
using base::Json;
using core::FinishReason;
using core::GenerationRequest;

/// A server of one thread per connection; `reply` makes the whole HTTP response from head and body.
class StubServer {
 public:
  using Reply = std::function<std::string(const std::string& head, const std::string& body)>;
  explicit StubServer(Reply reply) : reply_(std::move(reply)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::listen(listener_, 64), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  StubServer(const StubServer&) = delete;
  StubServer& operator=(const StubServer&) = delete;
  ~StubServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (auto& worker : workers_) worker.join();
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }

 private:
  void accept_all() {
    while (true) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      workers_.emplace_back([this, client] { serve(client); });
    }
  }
  void serve(int client) {
    std::string text;
    char part[4096];
    std::size_t end = std::string::npos;
    std::size_t needed = 0;
    while (end == std::string::npos || text.size() < end + 4 + needed) {
      const ssize_t count = ::recv(client, part, sizeof(part), 0);
      if (count <= 0) break;
      text.append(part, static_cast<std::size_t>(count));
      end = text.find("\r\n\r\n");
      const std::size_t at = text.find("Content-Length: ");
      if (end != std::string::npos && at != std::string::npos) needed = std::stoul(text.substr(at + 16));
    }
    if (end != std::string::npos) {
      const std::string answer = reply_(text.substr(0, end), text.substr(end + 4));
      ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    ::close(client);
  }

  Reply reply_;
  int listener_ = -1;
  int port_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> workers_;
};

std::string http(int status, const std::string& body, const std::string& more = {}) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more +
         "Connection: close\r\n\r\n" + body;
}

std::string completion(const std::string& text, const std::string& finish = "stop") {
  return base::dump_json(
      {{"choices", {{{"message", {{"role", "assistant"}, {"content", text}}}, {"finish_reason", finish}}}},
       {"usage", {{"prompt_tokens", 7}, {"completion_tokens", 3}}}});
}

EndpointGenerator client(const std::string& url, int parallel = 4, int timeout_ms = 5000) {
  EndpointOptions options;
  options.base_url = url;
  options.model = "stub";
  options.parallel = parallel;
  options.timeout_ms = timeout_ms;
  return EndpointGenerator(options);
}

std::vector<core::Generation> ask(EndpointGenerator generator, const std::vector<GenerationRequest>& requests) {
  const base::CancelToken cancel;
  return generator.generate(requests, {}, cancel);
}

GenerationRequest question(const std::string& text) {
  GenerationRequest request;
  request.messages = {{"user", text}};
  return request;
}

/// The error that one request meets.
Error failure(const StubServer::Reply& reply, int timeout_ms = 5000) {
  const StubServer server(reply);
  try {
    (void)ask(client(server.url(), 1, timeout_ms), {question("a")});
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorCode::Internal, "test", "no error"};
}

TEST(EndpointGenerator, answers_come_in_the_order_of_the_requests) {
  std::atomic<int> at_once{0};
  std::atomic<int> most{0};
  const StubServer server([&](const std::string&, const std::string& body) {
    const int now = ++at_once;
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) continue;
    const Json json = Json::parse(body);
    const auto text = json["messages"][0]["content"].get<std::string>();
    std::this_thread::sleep_for(std::chrono::milliseconds(text == "0" ? 120 : 40));
    --at_once;
    return http(200, completion("answer " + text));
  });
  std::vector<GenerationRequest> requests;
  for (int i = 0; i < 9; ++i) requests.push_back(question(std::to_string(i)));
  const auto answers = ask(client(server.url(), 3), requests);
  ASSERT_EQ(answers.size(), 9u);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(answers[i].text, "answer " + std::to_string(i));
  EXPECT_EQ(answers[0].finish, FinishReason::Stop);
  EXPECT_EQ(answers[0].completion_tokens, 3);
  EXPECT_LE(most, 3);
  EXPECT_GE(most, 2);
}

TEST(EndpointGenerator, passes_what_was_asked) {
  ::setenv("GPIOT_API_KEY", "secret-key", 1);
  std::string head;
  std::string body;
  GenerationRequest request = question("hello");
  request.answer_start = "**Target**";
  request.sampling.temperature = 0.5;
  request.sampling.seed = 42;
  request.sampling.max_tokens = 99;
  request.sampling.stop = {"###"};
  request.sampling.grammar = "root ::= \"a\"";
  {
    const StubServer server([&](const std::string& h, const std::string& b) {
      head = h;
      body = b;
      return http(200, completion(" and more", "length"));
    });
    const auto answers = ask(client(server.url()), {request});
    EXPECT_EQ(answers[0].text, "**Target** and more");
    EXPECT_EQ(answers[0].finish, FinishReason::Length);
  }
  ::unsetenv("GPIOT_API_KEY");
  EXPECT_NE(head.find("POST /v1/chat/completions"), std::string::npos);
  EXPECT_NE(head.find("Authorization: Bearer secret-key"), std::string::npos);
  const Json json = Json::parse(body);
  EXPECT_EQ(json["model"], "stub");
  EXPECT_EQ(json["seed"], 42);
  EXPECT_EQ(json["max_tokens"], 99);
  EXPECT_EQ(json["stop"][0], "###");
  EXPECT_EQ(json["grammar"], "root ::= \"a\"");
  EXPECT_EQ(json["messages"].back()["role"], "assistant");
  EXPECT_EQ(json["messages"].back()["content"], "**Target**");
}

TEST(EndpointGenerator, status_and_reason_are_told_without_the_key) {
  ::setenv("GPIOT_API_KEY", "secret-key", 1);
  const Error error = failure([](const std::string&, const std::string&) {
    return http(500, R"({"error":{"message":"the model is \u001b[31mon fire, key secret-key)" + std::string(2000, '!') +
                         R"("}})");
  });
  ::unsetenv("GPIOT_API_KEY");
  const std::string text = error.what();
  EXPECT_EQ(error.code(), ErrorCode::Download);
  EXPECT_NE(text.find("status 500"), std::string::npos) << text;
  EXPECT_NE(text.find("on fire"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_LT(text.size(), 600u);
  EXPECT_EQ(text.find("secret"), std::string::npos);
}

TEST(EndpointGenerator, nonsense_is_a_format_error) {
  for (const std::string body : {"<html>hello</html>", "{}", "[]", "{\"choices\":[]}", "{\"choices\":[{}]}",
                                 "{\"choices\":[{\"message\":{\"content\":null}}]}", "{\"choices\":[1]}", ""}) {
    const Error error = failure([&](const std::string&, const std::string&) { return http(200, body); });
    EXPECT_EQ(error.code(), ErrorCode::Format) << body;
  }
}

TEST(EndpointGenerator, a_server_that_is_down_is_a_download_error) {
  try {
    (void)ask(client("http://127.0.0.1:1"), {question("a")});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Download);
    EXPECT_FALSE(error.remedy().empty());
  }
}

TEST(EndpointGenerator, a_slow_server_is_given_up) {
  const Error error = failure(
      [](const std::string&, const std::string&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(600));
        return http(200, completion("late"));
      },
      200);
  EXPECT_EQ(error.code(), ErrorCode::Download);
  EXPECT_NE(std::string(error.what()).find("in time"), std::string::npos) << error.what();
}

TEST(EndpointGenerator, redirects_are_not_followed) {
  const Error error = failure([](const std::string&, const std::string&) {
    return http(302, "", "Location: http://127.0.0.1:1/elsewhere\r\n");
  });
  EXPECT_NE(std::string(error.what()).find("status 302"), std::string::npos) << error.what();
}

TEST(EndpointGenerator, an_endless_answer_is_cut_off) {
  const Error error =
      failure([](const std::string&, const std::string&) { return http(200, std::string(9 << 20, ' ')); });
  EXPECT_EQ(error.code(), ErrorCode::Capacity);
}

TEST(EndpointGenerator, a_prompt_beyond_the_context_is_refused_and_not_sent) {
  std::atomic<int> asked{0};
  const StubServer server([&](const std::string&, const std::string&) {
    ++asked;
    return http(200, completion("cut without a word"));
  });
  EndpointOptions options;
  options.base_url = server.url();
  options.context_tokens = 600;
  try {
    (void)ask(EndpointGenerator(options), {question("short"), question(std::string(3000, 'x'))});
    FAIL() << "expected to be refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Capacity);
    EXPECT_NE(std::string(error.what()).find("expected at most 600"), std::string::npos) << error.what();
    EXPECT_FALSE(error.remedy().empty());
  }
  EXPECT_EQ(asked, 0);
}

TEST(EndpointGenerator, cancel_gives_back_what_is_there) {
  const StubServer server([](const std::string&, const std::string& body) {
    if (body.find("slow") != std::string::npos) std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    return http(200, completion("done"));
  });
  base::CancelToken cancel;
  EndpointGenerator generator = client(server.url());
  const std::vector<GenerationRequest> requests = {question("fast"), question("slow")};
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    cancel.cancel();
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto answers = generator.generate(requests, {}, cancel);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1000));
  stopper.join();
  EXPECT_EQ(answers[0].text, "done");
  EXPECT_EQ(answers[0].finish, FinishReason::Stop);
  EXPECT_EQ(answers[1].finish, FinishReason::Cancelled);
}

TEST(EndpointGenerator, bad_addresses_are_refused) {
  for (const std::string url : {"file:///etc/passwd", "localhost:8080", "http://user:password@host/v1"}) {
    try {
      (void)client(url);
      FAIL() << url;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
      EXPECT_EQ(std::string(error.what()).find("password@"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace gpiot::llm
