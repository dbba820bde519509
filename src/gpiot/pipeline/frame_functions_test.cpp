#include "gpiot/pipeline/frame_functions.h"

#include <gtest/gtest.h>

#include "gpiot/base/json.h"

namespace gpiot::pipeline {
namespace {

using base::Json;

core::Requirement telegrams() {
  core::Requirement r;
  r.title = "Heat meter";
  r.statement = "Telegrams of twelve bytes come from a meter.";
  r.data.inputs = {{"telegram", "str", "", "", "", "hexadecimal text"}};
  r.labels.format = "column";
  r.result.kind = "value";
  r.result.variable = {"heat_kwh", "float", "", "", "kWh", "energy"};
  return r;
}

TEST(FrameFunctions, AreForLabelledFramesAlone) {
  auto r = telegrams();
  EXPECT_TRUE(may_tell_their_form(r));
  r.labels.format.clear();
  EXPECT_FALSE(may_tell_their_form(r)) << "no labels";
  r = telegrams();
  r.data.inputs.push_back({"port", "int", "", "", "", "where it came from"});
  EXPECT_FALSE(may_tell_their_form(r)) << "something beside the frame";
  r = telegrams();
  r.result.kind = "position";
  EXPECT_FALSE(may_tell_their_form(r)) << "no function for it";
  r = telegrams();
  r.result.learned = true;
  EXPECT_FALSE(may_tell_their_form(r)) << "nothing is stated";
  r = telegrams();
  r.data.inputs[0] = {"level", "numpy.ndarray", "float64", "(n_samples,)", "m", "a signal"};
  EXPECT_FALSE(may_tell_their_form(r)) << "no frames";
}

TEST(FrameFunctions, WriteTheirFormAsPythonDoes) {
  const Json form = {
      {"at", nullptr}, {"on", true}, {"off", false}, {"kind", "it's \"x\"\n"}, {"k", {1, 2.5, {{"a", -3}}}}};
  EXPECT_EQ(python_literal(form, 4), R"({
        "at": None,
        "on": True,
        "off": False,
        "kind": "it's \"x\"\n",
        "k": [1, 2.5, {"a": -3}],
    })");
  EXPECT_EQ(python_literal(Json::array(), 4), "[]");
  EXPECT_EQ(python_literal(Json::array({Json::array({"ok", Json::array()})}), 0), "[\n    [\"ok\", []],\n]");
}

}  // namespace
}  // namespace gpiot::pipeline
