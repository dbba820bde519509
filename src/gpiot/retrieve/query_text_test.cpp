#include "gpiot/retrieve/query_text.h"

#include <gtest/gtest.h>

namespace gpiot::retrieve {
namespace {

TEST(QueryText, AMessageIsWhatStandsAfterTheExceptionThatHasIt) {
  EXPECT_EQ(message_in("short record: ValueError: window longer than x"), "window longer than x");
  EXPECT_EQ(message_in("LinAlgError after UserWarning:\n the matrix is singular"), "the matrix is singular");
  EXPECT_EQ(message_in("window longer than x: ValueError"), "window longer than x: ValueError") << "nothing after it";
  EXPECT_EQ(message_in("error of a window"), "error of a window");
  EXPECT_EQ(message_in(""), "");
}

TEST(QueryText, OnlyPythonsOwnExceptionsAreBlanks) {
  EXPECT_EQ(without_exceptions("ValueError: x"), "          : x");
  EXPECT_EQ(without_exceptions("LinAlgError: ValueErrors"), "LinAlgError: ValueErrors");
}

}  // namespace
}  // namespace gpiot::retrieve
