#include "gpiot/eval/data_view.h"

#include <sys/stat.h>

#include <set>

#include "gpiot/base/json.h"
#include "gpiot/eval/csv_column.h"
#include "gpiot/eval/data_folder.h"
#include "gpiot/eval/labels.h"
#include "gpiot/eval/test_project.h"

namespace gpiot::eval {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using Ids = std::vector<std::string>;

class DataView : public TestProject {
 protected:
  /// A record of 4 samples and 2 signals in storage 16.
  void record(const std::string& id, const std::string& channel = "MLII") const {
    const auto signal = id + ".dat 16 200 11 1024 0 0 0 ";
    put("data/" + id + ".hea", id + " 2 360 4\n" + signal + "V5\n" + signal + channel + "\n# comment\n");
    put("data/" + id + ".dat", std::string(16, 'x'));
    put("data/" + id + ".atr", std::string("\x02\x04\0\0", 4));
  }
  Ids ids() const { return list_records(wanted_, folder_); }
  core::Requirement wanted_ = heartbeat();
};

TEST_F(DataView, ListsTheExampleInOrder) {
  const auto found = list_records(wanted_, repository() / "examples/heartbeat-detection");
  EXPECT_EQ(found.size(), 15U);
  EXPECT_EQ(found.front(), "100");
  EXPECT_EQ(found.back(), "217");
}

TEST_F(DataView, HoldsRecordsWithoutLabels) {
  const auto project = repository() / "examples/heartbeat-detection";
  const Ids ids = {"101", "114"};
  const auto view = make_view(wanted_, project, ids, folder_ / "view");
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_ / "view/test")) {
    names.insert(entry.path().filename());
    EXPECT_EQ(fs::status(entry).permissions() & fs::perms(0222), fs::perms::none);
    EXPECT_EQ(base::read_file(entry.path(), "test"),
              base::read_file(project / "data" / entry.path().filename(), "test"));
  }
  EXPECT_EQ(names, (std::set<std::string>{"101.dat", "101.hea", "114.dat", "114.hea"}));
  ASSERT_EQ(view.records.size(), 2U);
  EXPECT_EQ(view.records[1].samples, 650'000);
  const auto facts = base::parse_json(base::read_file(folder_ / "view/records.json", "test"), "test", "records.json");
  EXPECT_EQ(facts["format"], "wfdb");
  EXPECT_EQ(facts["channel"], "MLII");
  EXPECT_EQ(facts["records"], base::Json(ids));
  EXPECT_EQ(facts["inputs"][0]["name"], "ecg");
}

TEST_F(DataView, LeavesTheUsersFilesAsTheyAre) {
  record("a");
  const auto path = folder_ / "data/a.dat";
  const auto before = fs::status(path).permissions();
  (void)make_view(wanted_, folder_, Ids{"a"}, folder_ / "view");
  EXPECT_EQ(fs::status(path).permissions(), before);
  EXPECT_EQ(fs::hard_link_count(path), 1U);
  fs::permissions(path, fs::perms(0444));
  (void)make_view(wanted_, folder_, Ids{"a"}, folder_ / "view");
  EXPECT_EQ(fs::hard_link_count(path), 2U);
}

TEST_F(DataView, ReplacesAViewAndNothingElse) {
  record("a");
  record("b");
  (void)make_view(wanted_, folder_, Ids{"a"}, folder_ / "view");
  (void)make_view(wanted_, folder_, Ids{"b"}, folder_ / "view");
  EXPECT_FALSE(fs::exists(folder_ / "view/test/a.dat"));
  put("other/notes.txt", "mine");
  expect_error(ErrorCode::Data, "not a data view",
               [&] { (void)make_view(wanted_, folder_, Ids{"a"}, folder_ / "other"); });
  EXPECT_TRUE(fs::exists(folder_ / "other/notes.txt"));
  put("view/.records.json.4711.partial", "left by a killed process");
  (void)make_view(wanted_, folder_, Ids{"a"}, folder_ / "view");
  EXPECT_FALSE(fs::exists(folder_ / "view/.records.json.4711.partial"));
}

TEST_F(DataView, NamesWhatIsWrongWithTheFolder) {
  expect_error(ErrorCode::Data, "no records in", [&] { (void)ids(); });
  wanted_.data.path = "nowhere";
  expect_error(ErrorCode::NotFound, "no such data folder", [&] { (void)ids(); });
  EXPECT_EQ(data_remedy(folder_, "put it there"), "put it there");
  put("README.md", "where the data comes from");
  EXPECT_THAT(data_remedy(folder_, "put it there"), testing::HasSubstr((folder_ / "README.md").string()));
  put("file", "x");
  wanted_.data.path = "file";
  expect_error(ErrorCode::Data, "expected a folder", [&] { (void)ids(); });
}

TEST_F(DataView, RefusesLinksThatLeadOut) {
  record("a");
  put("outside/b.hea", "b 1 360 4\n");
  fs::create_symlink(folder_ / "outside/b.hea", folder_ / "data/b.hea");
  expect_error(ErrorCode::Data, "b.hea leads out of the data folder", [&] { (void)ids(); });
  fs::remove(folder_ / "data/b.hea");
  fs::create_symlink("a.hea", folder_ / "data/c.hea");
  expect_error(ErrorCode::Data, "names another record", [&] { (void)read_facts(wanted_, folder_, ids()); });
  fs::remove(folder_ / "data/c.hea");
  ASSERT_EQ(::mkfifo((folder_ / "data/d.hea").c_str(), 0600), 0);
  expect_error(ErrorCode::Data, "not a regular file", [&] { (void)ids(); });
}

TEST_F(DataView, RefusesRecordsThatAreNotWhole) {
  const auto facts = [&] { (void)read_facts(wanted_, folder_, ids()); };
  record("a", "V1");
  expect_error(ErrorCode::Data, "0 channels \"MLII\": got V5, V1", facts);
  record("a", "V5");
  wanted_.data.channel = "V5";
  expect_error(ErrorCode::Data, "2 channels \"V5\"", facts);
  wanted_.data.channel = "MLII";
  record("a");
  put("data/a.dat", "short");
  expect_error(ErrorCode::Data, "got 5 bytes, expected 16", facts);
  fs::remove(folder_ / "data/a.dat");
  expect_error(ErrorCode::NotFound, "a.dat", facts);
  record("a");
  wanted_.data.rate_hz = 250;
  expect_error(ErrorCode::Data, "got 360 Hz, expected 250 Hz", facts);
  wanted_.data.rate_hz = 0;
  EXPECT_EQ(read_facts(wanted_, folder_, ids())[0].rate_hz, 360);
  expect_error(ErrorCode::NotFound, "no such record: z", [&] { (void)read_facts(wanted_, folder_, Ids{"z"}); });
  put("data/a.hea", "a 1 360 4\n../../etc/passwd 16 200 11 0 0 0 0 MLII\n");
  expect_error(ErrorCode::Data, "not a plain file name", facts);
}

TEST_F(DataView, WithholdsLabelsThatPoseAsData) {
  record("a");
  put("data/a.hea", "a 1 360 2\na.atr 16 200 11 0 0 0 0 MLII\n");
  expect_error(ErrorCode::Data, "holds labels and data",
               [&] { (void)make_view(wanted_, folder_, Ids{"a"}, folder_ / "v"); });
}

TEST_F(DataView, RecordsAndLabelsMayHaveOneEnding) {
  wanted_.data = {"data", "csv", "*.csv", "acc", 100, {}};
  wanted_.labels = {.format = "csv", .files = "*_steps.csv", .column = "sample"};
  for (const auto* id : {"a", "b"}) put(std::string("data/") + id + ".csv", "acc\n1\n2\n3\n");
  put("data/a_steps.csv", "sample\n1\n");
  put("data/b_steps.csv", "sample\n0\n2\n");
  EXPECT_EQ(list_records(wanted_, folder_), (Ids{"a", "b"}));
  const auto records = make_view(wanted_, folder_, ids(), folder_ / "view").records;
  EXPECT_EQ(load_labels(wanted_, folder_, records), (Events{{"a", {1}}, {"b", {0, 2}}}));
  EXPECT_FALSE(fs::exists(folder_ / "view/test/a_steps.csv"));
  wanted_.data.files = "walk-*.csv";
  fs::rename(folder_ / "data/a.csv", folder_ / "data/walk-a.csv");
  fs::rename(folder_ / "data/b.csv", folder_ / "data/walk-b.csv");
  EXPECT_EQ(load_labels(wanted_, folder_, Ids{"walk-b"}), (Events{{"walk-b", {0, 2}}}))
      << "by what the stars stand for";
}

TEST_F(DataView, StarsStandForWhatDiffers) {
  EXPECT_EQ(star_of("*_steps.csv", "a_steps.csv"), "a");
  EXPECT_EQ(star_of("walk-*.csv", "walk-7.csv"), "7");
  EXPECT_EQ(star_of("*.csv", "7.txt"), "");
  EXPECT_EQ(star_of("*a*.csv", "1a2.csv"), "");
  EXPECT_EQ(star_of("?-*.csv", "1-2.csv"), "");
  EXPECT_EQ(star_of("ab*ba", "aba"), "") << "nothing is counted twice";
  EXPECT_EQ(star_of("one.csv", "one.csv"), "");
}

TEST_F(DataView, ReadsCsvAndNumpyRecords) {
  wanted_.data = {"data", "csv", "*.txt", "acc", 100, {}};
  put("data/walk.txt", "\xEF\xBB\xBFt,\"acc\"\n0,1.5\n1,2.5\n\n");
  EXPECT_EQ(make_view(wanted_, folder_, ids(), folder_ / "view").records[0].samples, 2);
  EXPECT_TRUE(fs::exists(folder_ / "view/test/walk.csv"));
  put("data/walk.txt", "t;\"acc\";foot\n0;1.5;0\n1;;1\n2;\"3,5\";0\n");
  EXPECT_EQ(make_view(wanted_, folder_, ids(), folder_ / "view").records[0].samples, 3);
  EXPECT_EQ(base::read_file(folder_ / "view/test/walk.csv", "test"), "acc\n1.5\n\"\"\n\"3,5\"\n");
  EXPECT_EQ(read_csv_column(folder_ / "view/test/walk.csv", "acc"), (Ids{"1.5", "", "3,5"}));
  wanted_.data.channel = "gyr";
  expect_error(ErrorCode::Data, "no column \"gyr\": got t, acc", [&] { (void)read_facts(wanted_, folder_, ids()); });
  wanted_.data = {"data", "npy", "*.npy", "", 100, {}};
  put("data/n.npy",
      std::string("\x93NUMPY\x01\0\x76\0", 10) + "{'descr': '<f8', 'fortran_order': False, 'shape': (7,), }\n");
  EXPECT_EQ(read_facts(wanted_, folder_, ids())[0].samples, 7);
  put("data/n.npy", "no");
  expect_error(ErrorCode::Data, "not a NumPy file", [&] { (void)read_facts(wanted_, folder_, ids()); });
}

TEST(Split, FollowsIdsOrShare) {
  auto wanted = heartbeat();
  const Ids all = {"a", "b", "c", "d", "e"};
  const auto share = make_split(wanted, all);
  EXPECT_EQ(share.final_part.size(), 2U);
  EXPECT_EQ(share.development.size(), 3U);
  EXPECT_EQ(make_split(wanted, all).final_part, share.final_part);
  wanted.split.final_part = {"d", "b"};
  EXPECT_EQ(make_split(wanted, all).final_part, (Ids{"b", "d"}));
  EXPECT_EQ(make_split(wanted, all).development, (Ids{"a", "c", "e"}));
  wanted.split.development = {"a"};
  EXPECT_EQ(make_split(wanted, all).development, (Ids{"a"}));
}

TEST(Split, RefusesPartsThatCannotBe) {
  auto wanted = heartbeat();
  EXPECT_THROW((void)make_split(wanted, Ids{"a"}), base::Error);
  auto unlabelled = wanted;
  unlabelled.labels = {};
  EXPECT_EQ(make_split(unlabelled, Ids{"a"}).development, make_split(unlabelled, Ids{"a"}).final_part);
  EXPECT_THROW((void)make_split(wanted, Ids{}), base::Error);
  wanted.split.final_part = {"a", "b"};
  EXPECT_THROW((void)make_split(wanted, Ids{"a", "b"}), base::Error);
  wanted.split.final_part = {"x"};
  EXPECT_THROW((void)make_split(wanted, Ids{"a", "b"}), base::Error);
  wanted.split = {"file", {"a", "b"}, {"b"}, 0.4, 1};
  EXPECT_THROW((void)make_split(wanted, Ids{"a", "b"}), base::Error);
}

}  // namespace
}  // namespace gpiot::eval
