#include "gpiot/agents/grammar.h"

#include <fmt/format.h>

#include <array>

#include "gpiot/agents/spec_text.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

constexpr std::array kVerbs = {
    "Adjust",  "Analyze",  "Apply",    "Calculate", "Calibrate", "Classify",  "Clean",    "Combine",  "Compare",
    "Compute", "Convert",  "Correct",  "Count",     "Decode",    "Derive",    "Detect",   "Determine", "Differentiate",
    "Estimate", "Extract", "Filter",   "Find",      "Fit",       "Group",     "Identify", "Integrate", "Isolate",
    "Locate",  "Map",      "Mark",     "Match",     "Measure",   "Merge",     "Normalize", "Parse",   "Predict",
    "Project", "Quantify", "Rank",     "Recover",   "Reduce",    "Refine",    "Reject",   "Remove",   "Resample",
    "Scale",   "Segment",  "Select",   "Separate",  "Smooth",    "Suppress",  "Threshold", "Track",   "Transform",
    "Unwrap",  "Validate"};

std::string optional_tail(int next, int most) {
  if (next > most) return "";
  return fmt::format(" (\"\\n\" task{} steps{})?", next, optional_tail(next + 1, most));
}

/// Import lines: whole packages under their usual names, and names from their modules.
std::string import_rules(std::span<const std::string> packages) {
  std::vector<std::string> forms = {"\"import math\""};
  for (const auto& package : packages) {
    if (package == "numpy") {
      forms.emplace_back("\"import numpy as np\"");
      continue;
    }
    const std::string name = gbnf_literal(package);
    forms.push_back(fmt::format("\"from \" {} (\".\" module)? \" import \" module (\", \" module){{0,5}}", name));
  }
  return fmt::format("import ::= ({}) \"\\n\"\nmodule ::= [a-zA-Z_] [a-zA-Z0-9_]{{0,30}}\n", base::join(forms, " | "));
}

}  // namespace

std::string gbnf_literal(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    if (c == '\n') {
      literal += "\\n";
    } else {
      if (c == '"' || c == '\\') literal += '\\';
      literal += c;
    }
  }
  return literal + "\"";
}

std::string gbnf_choice(std::span<const std::string> texts) {
  std::vector<std::string> literals;
  for (const auto& text : texts) literals.push_back(gbnf_literal(text));
  return base::join(literals, " | ");
}

std::string subtasks_grammar(int most) {
  std::string root = "root ::= ";
  std::string rules;
  for (int k = 1; k <= most; ++k) {
    if (k <= kFewestSubtasks) root += fmt::format("{}task{} steps", k == 1 ? "" : " \"\\n\" ", k);
    rules += fmt::format("task{0} ::= \"- Sub-Task {0} [\" name \"]\\n\"\n", k);
  }
  root += optional_tail(kFewestSubtasks + 1, most) + "\n";
  rules += "steps ::= \"- Implementation step 1: \" text \"- Implementation step 2: \" text "
           "(\"- Implementation step 3: \" text (\"- Implementation step 4: \" text)?)?\n";
  rules += "text ::= [A-Z] [^\\n\\r\\t\\[\\]`]{10,180} \"\\n\"\n";
  const std::vector<std::string> verbs(kVerbs.begin(), kVerbs.end());
  rules += fmt::format("name ::= verb \" \" [A-Za-z] [A-Za-z0-9/ -]{{2,40}}\nverb ::= {}\n", gbnf_choice(verbs));
  return root + rules;
}

std::string target_grammar() {
  return "root ::= sentence (\" \" sentence)?\nsentence ::= [A-Z] [^\\n\\r\\t.]{15,220} (\".\" [0-9] [^\\n\\r\\t.]{0,80}){0,4} \".\"\n";
}

std::string io_grammar(const IoChoices& choices) {
  std::vector<std::string> forced;
  for (const auto& name : choices.forced_inputs) forced.push_back("`" + name + "`");
  std::string inputs = gbnf_literal(base::join(forced, ", "));
  for (const auto& name : choices.optional_inputs) {
    inputs += fmt::format(" ({})?", gbnf_literal(", `" + name + "`"));
  }
  std::string root = "root ::= \"Reasoning: \" sentence \"\\nInputs: \" inputs";
  if (choices.forced_outputs.empty()) {
    root += " \"\\nOutput: \" output (\"\\nOutput: \" output)? \"\\n\"";
  } else {
    for (const auto& output : choices.forced_outputs) {
      root += fmt::format(" {}", gbnf_literal("\nOutput: " + to_markdown(output).substr(2)));
    }
    root += " \"\\n\"";
  }
  std::vector<std::string> units = choices.units;
  units.emplace_back(kNoUnit);
  std::string rules = root + "\n";
  rules += "inputs ::= " + inputs + "\n";
  rules += "sentence ::= [A-Z] [^\\n\\r\\t]{20,240}\n";
  rules += "output ::= \"`\" name \"` (\" type \"): \" sentence\n";
  rules += "name ::= [a-z] [a-z0-9_]{2,30}\n";
  rules += "type ::= \"numpy.ndarray, \" dtype \", \" shape \", \" unit | \"float, \" unit | \"int, \" unit\n";
  rules += "dtype ::= \"float64\" | \"int64\" | \"bool\"\n";
  rules += "shape ::= \"(\" dim \",)\" | \"(\" dim \", \" dim \")\"\n";
  rules += fmt::format("dim ::= {}\"n_\" [a-z]{{3,12}}\n",
                       choices.dims.empty() ? "" : gbnf_choice(choices.dims) + " | ");
  return rules + fmt::format("unit ::= {}\n", gbnf_choice(units));
}

std::string program_grammar(const core::Specification& spec, std::span<const std::string> packages) {
  std::vector<std::string> names;
  for (const auto& input : spec.inputs) names.push_back(input.name);
  const std::string start = fmt::format("\n\ndef {}({}", spec.subtask.identifier, base::join(names, ", "));
  std::string rules = "root ::= \"```python\\n\" import{1,5} " + gbnf_literal(start) +
                      " parameter{0,5} \"):\\n\" statement{1,70} \"    return \" line \"```\\n\\n### Documentation\\n\" "
                      "sentence{2,5}\n";
  rules += import_rules(packages);
  rules += std::string("parameter ::= \", \" [a-z] [a-z0-9_]{2,30} \"=\" number\n") +
           "number ::= \"-\"? [0-9]{1,6} (\".\" [0-9]{1,6})?\n"
           "statement ::= \"    \" line | \"\\n\"\n"
           "line ::= [^\\n\\r\\t]{1,140} \"\\n\"\n"
           "sentence ::= [^\\n\\r\\t#`] [^\\n\\r\\t]{10,240} \"\\n\"\n";
  return rules;
}

}  // namespace gpiot::agents
