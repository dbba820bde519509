#include "gpiot/retrieve/search_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpiot::retrieve {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SearchTexts, AFunctionIsFoundByItsNameItsHeadAndItsNotes) {
  store::Passage passage;
  passage.kind = "function";
  passage.title = "scipy.signal.find_peaks";
  passage.names = {passage.title};
  passage.text = "scipy.signal.find_peaks(x)\n\nFind peaks.\nAll of them.\n\n## Parameters\n\nx";
  fill_search_texts(passage, {"Find peaks.", "heart beats; steps", "ValueError bad", 3});
  EXPECT_EQ(passage.own, "scipy.signal.find_peaks find peaks");
  EXPECT_EQ(passage.head, "Find peaks.\nAll of them.");
  EXPECT_THAT(passage.body, HasSubstr("## Parameters"));
  const auto phrase = [](const char* text) {
    return std::vector<store::WeightedText>{{text, 2.0F / 3},
                                            {"find peaks: Find peaks.\nAll of them.", 1.0F / 6},
                                            {"scipy.signal.find_peaks: Find peaks.", 1.0F / 6}};
  };
  EXPECT_THAT(passage.embedded, ElementsAre(phrase("heart beats"), phrase("steps")));
  EXPECT_DOUBLE_EQ(passage.prior, 1.1);
}

}  // namespace
}  // namespace gpiot::retrieve
