#include "gpiot/retrieve/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/retrieve/retrieve_case.h"
#include "gpiot/store/knowledge_database.h"

namespace gpiot::retrieve {
namespace {

namespace fs = std::filesystem;
using base::Json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SearchTest : public testing::RetrieveTest {};

TEST_F(SearchTest, AnErrorMessageLeadsToTheFunctionThatSaysIt) {
  reader_.answer = [&](const core::RunRequest&) {
    core::RunOutcome outcome;
    outcome.files["packages.json"] = R"({"packages": [{"package": "sklearn", "cut": "", "skipped": []}]})";
    const auto object = [](const std::string& name, const std::string& summary, const Json& messages) {
      return base::dump_json({{"name", name},
                              {"kind", "function"},
                              {"signature", "(x)"},
                              {"summary", summary},
                              {"text", name + "(x)\n\n" + summary},
                              {"errors", Json::array()},
                              {"messages", messages}}) +
             "\n";
    };
    const auto pair = [](const Json& message, const Json& calls) { return Json::array({message, calls}); };
    const auto odd = Json::array({pair(7, 0), pair("ValueError longer", -1), "window longer than record"});
    std::string objects = object("sklearn.odd", "Nothing.", odd);
    objects += object("sklearn.taper", "Make it fade.", Json::array({pair("ValueError window longer than record", 1)}));
    for (int i = 0; i < 8; ++i) objects += object("sklearn.other" + std::to_string(i), "Nothing of it.", {});
    objects += object("sklearn.record", "Window, record: how much longer.", {});
    outcome.files["objects.jsonl"] = objects;
    return outcome;
  };
  EXPECT_EQ(knowledge().add({"scikit-learn"}, "").read, 1U);
  const auto names = found("ValueError: window longer than record", true, false);
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("sklearn.taper", "sklearn.record"));
  EXPECT_EQ(found("how much window", true, false).at(0), "sklearn.record") << "a wish is no message";
}

TEST_F(SearchTest, AQuestionIsTurnedForFunctionsAndNotForDocuments) {
  const auto read_files = reader_.answer;
  reader_.answer = [&](const core::RunRequest&) {
    core::RunOutcome outcome;
    outcome.files["packages.json"] = R"({"packages": [{"package": "sklearn", "cut": "", "skipped": []}]})";
    outcome.files["objects.jsonl"] = base::dump_json({{"name", "sklearn.fade"},
                                                      {"kind", "function"},
                                                      {"signature", "(x)"},
                                                      {"summary", "Make it smooth."},
                                                      {"text", "sklearn.fade(x)\n\nMake it smooth."},
                                                      {"errors", Json::array()},
                                                      {"messages", Json::array()}}) +
                                     "\n";
    return outcome;
  };
  (void)knowledge().add({"scikit-learn"}, "");
  reader_.answer = read_files;
  write("a.md", "the maximum");
  write("b.md", "a smooth one");
  (void)knowledge().add({(root_ / "papers").string()}, "");
  // What is asked as "maximum" is answered by what is "smooth".
  const std::string header = R"({"down":{"dtype":"F32","shape":[4,1],"data_offsets":[0,16]},)"
                             R"("up":{"dtype":"F32","shape":[1,4],"data_offsets":[16,32]}})";
  const std::vector<float> numbers = {1, 0, 0, 0, -1, 1, 0, 0};
  const std::uint64_t size = header.size();
  fs::create_directories(root_ / "maps");
  std::ofstream(root_ / "maps/fake.safetensors", std::ios::binary)
      .write(reinterpret_cast<const char*>(&size), sizeof size)
      .write(header.data(), static_cast<std::streamsize>(header.size()))
      .write(reinterpret_cast<const char*>(numbers.data()), 32);
  const auto asked = [&](const fs::path& maps) {
    KnowledgeSearch search(root_ / "store", &embedder_, maps);
    Query query;
    query.text = "maximum";
    query.words = false;
    std::vector<std::string> names;
    for (const auto& result : search.search(query, cancel_)) names.push_back(result.name);
    return names;
  };
  EXPECT_EQ(asked({}).front(), "a.md");
  EXPECT_THAT(asked(root_ / "maps"),
              ElementsAre(::testing::AnyOf("sklearn.fade", "a.md"), ::testing::AnyOf("sklearn.fade", "a.md"), "b.md"));
}

TEST_F(SearchTest, MeaningFindsWhatWordsDoNot) {
  write("a.md", "local maximum of a signal");
  write("b.md", "smooth the row");
  (void)knowledge().add({(root_ / "papers").string()}, "");
  EXPECT_THAT(found("maximum", false, true), ElementsAre("a.md", "b.md"));
  EXPECT_THAT(found("local", true, false), ElementsAre("a.md"));
  testing::FakeEmbedder other;
  other.sha256 = "another";
  EXPECT_THROW(KnowledgeSearch(root_ / "store", &other, {}), base::Error);
}

}  // namespace
}  // namespace gpiot::retrieve
