#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gpiot/retrieve/knowledge_base.h"
#include "gpiot/retrieve/search.h"
#include "gpiot/retrieve/test_tools.h"

namespace gpiot::retrieve::testing {

namespace fs = std::filesystem;

/// A folder with papers, an environment with one package, and a knowledge base of both.
class RetrieveTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("gpiot-retrieve-" + std::to_string(::getpid()));
    fs::remove_all(root_);
    fs::create_directories(root_ / "papers");
    fs::create_directories(root_ / "env/lib/python3.11/site-packages");
    add_package("scikit-learn", "1.9.1", "sklearn/__init__.py,,\nsklearn/svm.py,,\n");
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((root_ / "papers" / name).parent_path());
    std::ofstream(root_ / "papers" / name) << text;
  }
  void add_package(const std::string& name, const std::string& version, const std::string& record) {
    const auto folder = root_ / "env/lib/python3.11/site-packages" / (name + "-" + version + ".dist-info");
    fs::create_directories(folder);
    std::ofstream(folder / "METADATA") << "Metadata-Version: 2.4\nName: " << name << "\nVersion: " << version
                                       << "\nLicense-Expression: BSD-3-Clause\n\nLicense: of the text\n";
    std::ofstream(folder / "RECORD") << record;
  }
  KnowledgeBase knowledge() {
    return KnowledgeBase({root_ / "store", root_, root_ / "env", root_ / "notes", reader_, &embedder_,
                          [this](const KnowledgeEvent& event) { notes_ += event.text + "\n"; }, cancel_});
  }
  std::vector<std::string> found(const std::string& text, bool words = true, bool vectors = true) {
    KnowledgeSearch search(root_ / "store", &embedder_, {});
    Query query;
    query.text = text;
    query.words = words;
    query.vectors = vectors;
    std::vector<std::string> names;
    for (const auto& result : search.search(query, cancel_)) names.push_back(result.name);
    return names;
  }

  fs::path root_;
  FakeReader reader_;
  FakeEmbedder embedder_;
  base::CancelToken cancel_;
  std::string notes_;
};

}  // namespace gpiot::retrieve::testing
