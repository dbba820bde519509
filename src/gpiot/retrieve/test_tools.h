#pragma once

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gpiot/base/json.h"
#include "gpiot/core/embedder.h"
#include "gpiot/core/program_runner.h"

namespace gpiot::retrieve::testing {

/// Answers as the reader would: each asked file is one section with the file's own text.
class FakeReader : public core::ProgramRunner {
 public:
  std::function<core::RunOutcome(const core::RunRequest&)> answer;  ///< empty = read the files asked for
  std::vector<std::vector<std::string>> asked;                      ///< files of each run

  core::RunOutcome run(const core::RunRequest& request, const base::CancelToken&) override;
};

/// Three words, three directions: peak, filter, table; another text points nowhere near.
class FakeEmbedder : public core::Embedder {
 public:
  std::string sha256 = "fake";
  std::size_t embedded = 0;
  std::function<void()> before = [] {};

  [[nodiscard]] int dimension() const override { return 4; }
  [[nodiscard]] int max_tokens() const override { return 256; }
  [[nodiscard]] core::EmbedderIdentity identity() const override { return {"fake.gguf", sha256, 256}; }
  [[nodiscard]] std::vector<float> embed(std::span<const std::string> texts, const base::CancelToken&) override {
    before();
    std::vector<float> out;
    for (const auto& text : texts) {
      const std::vector<std::string> words = {"maximum", "smooth", "row"};
      std::vector<float> vector(4, 0.0F);
      for (std::size_t i = 0; i < words.size(); ++i) vector[i] = text.find(words[i]) != std::string::npos ? 1.0F : 0.0F;
      vector[3] = 0.1F;
      float squares = 0;
      for (const float x : vector) squares += x * x;
      for (const float x : vector) out.push_back(x / std::sqrt(squares));
    }
    embedded += texts.size();
    return out;
  }
};

}  // namespace gpiot::retrieve::testing
