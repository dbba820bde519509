#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/retrieve/build_record.h"
#include "gpiot/retrieve/document_list.h"
#include "gpiot/retrieve/installed_packages.h"
#include "gpiot/retrieve/knowledge_base.h"
#include "gpiot/retrieve/reference_finder.h"
#include "gpiot/retrieve/retrieve_case.h"
#include "gpiot/retrieve/search.h"
#include "gpiot/retrieve/test_tools.h"
#include "gpiot/store/knowledge_database.h"

namespace gpiot::retrieve {

namespace fs = std::filesystem;
using base::Json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RetrieveTest;

core::RunOutcome testing::FakeReader::run(const core::RunRequest& request, const base::CancelToken&) {
  const auto job = base::parse_json(request.stdin_text, "test", "job");
  asked.push_back(job.value("files", std::vector<std::string>{}));
  if (answer) return answer(request);
  core::RunOutcome outcome;
  Json documents = Json::array(), refused = Json::array();
  std::string passages;
  for (const auto& name : asked.back()) {
    const auto text = base::read_file(request.mounts.at(1).host / name, "test");
    if (text.starts_with("BAD")) {
      refused.push_back({{"document", name}, {"got", "a bad one"}, {"expected", "a good one"}});
      continue;
    }
    documents.push_back({{"document", name}, {"title", name}, {"format", "markdown"}, {"span", "character"}});
    passages += base::dump_json({{"document", name},
                                 {"title_path", {name}},
                                 {"text", text},
                                 {"kind", "section"},
                                 {"part", 1},
                                 {"parts", 1},
                                 {"start", 0},
                                 {"end", text.size()}}) +
                "\n";
  }
  outcome.files["documents.json"] = base::dump_json({{"documents", documents}, {"refused", refused}});
  outcome.files["passages.jsonl"] = passages;
  outcome.exit_code = refused.empty() ? 0 : 3;
  return outcome;
}

namespace {

TEST_F(RetrieveTest, PackagesAreKnownByBothNames) {
  const auto packages = installed_packages(root_ / "env");
  ASSERT_EQ(packages.size(), 1U);
  EXPECT_EQ(find_package(packages, "sklearn")->version, "1.9.1");
  EXPECT_EQ(find_package(packages, "Scikit_Learn")->licence, "BSD-3-Clause");
  EXPECT_FALSE(find_package(packages, "numpy"));
  EXPECT_THROW((void)installed_packages(root_ / "none"), base::Error);
}

TEST_F(RetrieveTest, DocumentsAreListedWithoutHiddenFoldersAndOddNames) {
  write("a.md", "text");
  write(".git/b.md", "text");
  write("c/d.TXT", "text");
  write("e.exe", "text");
  write("odd\nname.md", "text");
  fs::create_symlink("/etc/passwd", root_ / "papers/link.md");
  const auto list = list_documents(root_ / "papers", cancel_);
  std::vector<std::string> names;
  for (const auto& document : list.documents) names.push_back(document.name);
  EXPECT_THAT(names, ElementsAre("a.md", "c/d.TXT", "link.md"));
  EXPECT_EQ(list.refused.size(), 1U);
  EXPECT_NE(list.documents[0].fingerprint, list.documents[2].fingerprint);
  EXPECT_THROW((void)list_documents(root_ / "none", cancel_), base::Error);
  EXPECT_THROW((void)list_documents(root_ / "papers/e.exe", cancel_), base::Error);
}

TEST_F(RetrieveTest, OnlyWhatChangedIsReadAgain) {
  write("a.md", "local maximum of a signal");
  write("b.md", "smooth the signal");
  write("bad.md", "BAD");
  const auto papers = (root_ / "papers").string();
  auto base = knowledge();
  auto change = base.add({papers}, "CC-BY-4.0");
  EXPECT_EQ(change.read, 2U);
  EXPECT_EQ(change.refused, 1U);
  EXPECT_THAT(notes_, HasSubstr("refused: bad.md: got a bad one"));
  EXPECT_EQ(embedder_.embedded, 2U);
  EXPECT_THAT(found("smoothing"), ElementsAre("b.md", "a.md"));

  write("b.md", "one row after the other");
  fs::remove(root_ / "papers/a.md");
  reader_.asked.clear();
  change = base.refresh();
  EXPECT_THAT(reader_.asked, ElementsAre(ElementsAre("b.md")));
  EXPECT_EQ(change.read, 1U);
  EXPECT_EQ(change.unchanged, 1U);
  EXPECT_EQ(change.dropped, 1U);
  EXPECT_EQ(embedder_.embedded, 2U + 1U + 1U);  // one for the question
  EXPECT_THAT(found("smooth maximum", true, false), IsEmpty());
  auto database = store::open_to_read(root_ / "store");
  EXPECT_EQ(store::sources_of(database).at(0).licence, "CC-BY-4.0");
  EXPECT_EQ(store::sources_of(database).at(0).refused, 1);

  fs::remove_all(root_ / "papers");
  (void)base.refresh();
  EXPECT_THAT(store::sources_of(database), IsEmpty());
  EXPECT_EQ(database.integer("SELECT count(*) FROM vector"), 0);
}

TEST_F(RetrieveTest, WhatWasStoppedIsGoneOnWith) {
  for (int i = 0; i < 300; ++i) write(std::to_string(i) + ".md", "maximum " + std::to_string(i));
  const auto papers = (root_ / "papers").string();
  int calls = 0;
  embedder_.before = [&] {
    if (++calls == 2) cancel_.cancel();
  };
  EXPECT_THROW((void)knowledge().add({papers}, ""), base::Error);
  auto database = store::open_to_read(root_ / "store");
  EXPECT_EQ(database.integer("SELECT count(*) FROM passage"), 300);
  EXPECT_EQ(database.integer("SELECT count(*) FROM vector WHERE components IS NOT NULL"), 256);
  const base::CancelToken fresh;
  embedder_.before = [] {};
  reader_.asked.clear();
  base::CancelToken again;
  KnowledgeBase second({root_ / "store", root_, root_ / "env", root_ / "notes", reader_, &embedder_, {}, again});
  const auto change = second.refresh();
  EXPECT_THAT(reader_.asked, IsEmpty());
  EXPECT_EQ(change.embedded, 44U);
}

TEST_F(RetrieveTest, AnAnswerForDocumentsThatNobodyAskedForIsNotTaken) {
  write("a.md", "maximum");
  reader_.answer = [](const core::RunRequest&) {
    core::RunOutcome outcome;
    outcome.files["documents.json"] = R"({"documents": [{"document": "../evil.md"}, {"document": "a.md"}]})";
    outcome.files["passages.jsonl"] = R"({"document": "../evil.md", "text": "evil", "title_path": ["x"]})";
    return outcome;
  };
  (void)knowledge().add({(root_ / "papers").string()}, "");
  auto database = store::open_to_read(root_ / "store");
  EXPECT_EQ(database.integer("SELECT count(*) FROM document"), 1);
  EXPECT_EQ(database.integer("SELECT count(*) FROM passage"), 0);
  reader_.answer = [](const core::RunRequest&) {
    core::RunOutcome outcome;
    outcome.files["documents.json"] = "[[[";
    return outcome;
  };
  write("a.md", "other");
  EXPECT_THROW((void)knowledge().add({(root_ / "papers").string()}, ""), base::Error);
}

TEST_F(RetrieveTest, OneDocumentThatEndsTheReaderSpoilsNoOther) {
  write("a.md", "maximum");
  write("b.md", "BOMB");
  write("c.md", "smooth");
  reader_.answer = [this](const core::RunRequest& request) {
    const auto files = reader_.asked.back();
    core::RunOutcome outcome;
    outcome.ending = core::Ending::MemoryLimit;
    if (std::ranges::find(files, "b.md") != files.end()) return outcome;
    testing::FakeReader sound;
    return sound.run(request, cancel_);
  };
  const auto change = knowledge().add({(root_ / "papers").string()}, "");
  EXPECT_EQ(change.read, 2U);
  EXPECT_EQ(change.refused, 1U);
  EXPECT_THAT(notes_, HasSubstr("refused: b.md"));
}

TEST_F(RetrieveTest, APackageIsReadOnceAndAgainAfterAnUpgrade) {
  std::string version = "1";
  reader_.answer = [&](const core::RunRequest&) {
    core::RunOutcome outcome;
    outcome.files["packages.json"] = R"({"packages": [{"package": "sklearn", "cut": "", "skipped": []}]})";
    outcome.files["objects.jsonl"] =
        base::dump_json({{"name", "sklearn.smooth" + version},
                         {"kind", "function"},
                         {"aliases", {"sklearn.s.smooth"}},
                         {"signature", "(x, n=3)"},
                         {"summary", "Smooth it."},
                         {"text", "sklearn.smooth(x)\n\nSmooth it."},
                         {"mentions", 1},
                         {"errors", {"ValueError too short"}}}) +
        "\n" + base::dump_json({{"name", "sklearn.bare"}, {"kind", "function"}, {"summary", ""}, {"text", "bare"}}) +
        "\n";
    return outcome;
  };
  fs::create_directories(root_ / "notes");
  std::ofstream(root_ / "notes/a.tsv") << "sklearn.smooth1\tget rid of ripple\n";
  EXPECT_EQ(knowledge().add({"scikit-learn"}, "").read, 1U);
  EXPECT_EQ(knowledge().add({"sklearn"}, "").unchanged, 1U);
  EXPECT_THAT(found("too short", true, false), ElementsAre("sklearn.smooth1"));
  EXPECT_THAT(found("ripples", true, false), ElementsAre("sklearn.smooth1"));
  ReferenceFinder finder(root_ / "store", &embedder_, {}, false);
  const std::vector<std::string> packages = {"sklearn"};
  const auto references = finder.find("smooth", packages, 2, cancel_);
  ASSERT_EQ(references.size(), 1U);
  EXPECT_EQ(references[0].signature, "(x, n=3)");
  EXPECT_EQ(references[0].source, "sklearn 1.9.1");
  EXPECT_THAT(finder.find("smooth", std::vector<std::string>{"numpy"}, 2, cancel_), IsEmpty());

  version = "2";
  fs::remove_all(root_ / "env/lib/python3.11/site-packages/scikit-learn-1.9.1.dist-info");
  add_package("scikit-learn", "2.0", "sklearn/__init__.py,sha256=other,\n");
  EXPECT_EQ(knowledge().refresh().read, 1U);
  EXPECT_THAT(found("smooth", true, false), ElementsAre("sklearn.smooth2"));
  fs::remove_all(root_ / "env/lib/python3.11/site-packages/scikit-learn-2.0.dist-info");
  (void)knowledge().refresh();
  EXPECT_THAT(found("smooth", true, false), IsEmpty());
}

TEST_F(RetrieveTest, NamesThatAreNothingAreRefused) {
  EXPECT_THROW((void)knowledge().add({"no-such-thing"}, ""), base::Error);
  EXPECT_THROW(forget_sources(root_ / "store", {"no-such-thing"}), base::Error);
  EXPECT_THROW(KnowledgeSearch(root_ / "other", &embedder_, {}), base::Error);
}

TEST_F(RetrieveTest, ABuildRecordIsReadAsItWasWrittenAndASpoiltOneIsNone) {
  const auto folder = root_ / "papers";
  EXPECT_FALSE(read_build_record(folder));
  BuildRecord record;
  record.state = BuildRecord::State::Failed;
  record.source = "scipy";
  record.done = 2;
  record.error = "no disk";
  record.default_set = DefaultSet::Failed;
  record.default_set_s = 1'795'729'522;
  record.starts = 2;
  write_build_record(folder, record);
  const auto again = read_build_record(folder);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->state, record.state);
  EXPECT_EQ(again->default_set, record.default_set);
  EXPECT_EQ(again->default_set_s, record.default_set_s);
  EXPECT_EQ(again->starts, 2);
  EXPECT_EQ(again->source + std::to_string(again->done) + again->error, "scipy2no disk");
  write("knowledge.build.json", "{\"state\": 7");
  EXPECT_FALSE(read_build_record(folder));
}

}  // namespace
}  // namespace gpiot::retrieve
