#include "requirement_list.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"

namespace gpiot::bench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLine =
    R"j({"id": "a-1", "modality": "gas", "statement": "Find leaks.", "inputs": [{"name": "co", "type": "numpy.ndarray",)j"
    R"j("dtype": "float64", "shape": "(n_samples,)", "unit": "ppm", "description": "CO"}], "result": {"kind": "value",)j"
    R"j("variable": {"name": "leak", "type": "bool", "dtype": "", "shape": "", "unit": "", "description": "a leak"}}})j";

fs::path written(const std::string& text) {
  const auto path = fs::path(testing::TempDir()) / "list.jsonl";
  base::write_file_atomic(path, text, "test");
  return path;
}

base::ErrorCode code_of(const std::string& text, const std::vector<std::string>& only = {}) {
  try {
    (void)load_requirements(written(text), only);
  } catch (const base::Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return base::ErrorCode::Internal;
}

TEST(LoadRequirements, ReadsTheShippedFifty) {
  const auto path = fs::path(std::getenv("GPIOT_ROOT")) / "bench" / "form" / "requirements.jsonl";
  EXPECT_EQ(load_requirements(path, {}).size(), 50U);
  const auto two = load_requirements(path, {"gas-leak", "ecg-hr"});
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0].id, "ecg-hr") << "the order of the list";
  EXPECT_EQ(two[0].modality, "ECG");
  EXPECT_EQ(two[0].requirement.data.inputs.at(0).unit, "mV");
  EXPECT_EQ(two[0].requirement.result.kind, "value");
  EXPECT_EQ(two[0].requirement.result.variable.name, "heart_rate");
}

TEST(LoadRequirements, RefusesWhatIsWrong) {
  const std::string line(kLine);
  EXPECT_EQ(load_requirements(written(line + "\n\n"), {}).size(), 1U);
  EXPECT_EQ(code_of(line + "\n" + line), base::ErrorCode::Format);
  EXPECT_EQ(code_of("{"), base::ErrorCode::Format);
  EXPECT_EQ(code_of("{}"), base::ErrorCode::Format);
  EXPECT_EQ(code_of(R"({"id": "../x")" + line.substr(12)), base::ErrorCode::Format);
  EXPECT_EQ(code_of(line, {"b"}), base::ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace gpiot::bench
