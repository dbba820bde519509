#include "gpiot/agents/grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "gpiot/agents/code_grammar.h"
#include "gpiot/agents/spec_text.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

/// What a plan may begin with: values are prepared or transformed before anything is decided.
const std::vector<std::string> kPreparing = {
    "Adjust",   "Apply",   "Average",   "Calculate", "Calibrate", "Clean",         "Combine",   "Compute",
    "Convert",  "Correct", "Cut",       "Decode",    "Derive",    "Differentiate", "Estimate",  "Extract",
    "Filter",   "Fit",     "Integrate", "Isolate",   "Map",       "Measure",       "Normalize", "Project",
    "Recover",  "Reduce",  "Reject",    "Remove",    "Replace",   "Resample",      "Scale",     "Segment",
    "Separate", "Smooth",  "Split",     "Suppress",  "Transform", "Unwrap"};
/// What only later sub-tasks may begin with, beside those above.
const std::vector<std::string> kDeciding = {
    "Classify", "Compare", "Count",   "Detect",   "Determine", "Find",   "Group",  "Identify", "Locate",  "Mark",
    "Match",    "Merge",   "Predict", "Quantify", "Rank",      "Refine", "Select", "Track",    "Validate"};
/// What a step begins with: a calculation. "Use" is missing on purpose: it leads to a list of methods, not to one.
const std::vector<std::string> kStepVerbs = {
    "Add",       "Apply",    "Average", "Calculate", "Check",   "Choose",   "Clip",    "Combine",       "Compare",
    "Compute",   "Convert",  "Correct", "Count",     "Cut",     "Decode",   "Detect",  "Differentiate", "Discard",
    "Divide",    "Estimate", "Extract", "Filter",    "Find",    "Fit",      "Group",   "Integrate",     "Interpolate",
    "Join",      "Keep",     "Limit",   "Locate",    "Map",     "Mark",     "Measure", "Merge",         "Multiply",
    "Normalize", "Project",  "Reject",  "Remove",    "Replace", "Resample", "Return",  "Scale",         "Search",
    "Select",    "Set",      "Shift",   "Smooth",    "Solve",   "Sort",     "Split",   "Square",        "Subtract",
    "Sum",       "Take",     "Track",   "Transform", "Unwrap",  "Update",   "Weight"};

/// A full stop ends a sentence at once: without that, small models run on until they are cut.
constexpr std::string_view kSentence = "sentence ::= [A-Z] ([^.\\n\\r\\t] | \".\" [0-9]){15,240} \".\"";

std::string optional_tail(int next, int most) {
  if (next > most) return "";
  return fmt::format(" (\"\\n\\n\" task{} steps{})?", next, optional_tail(next + 1, most));
}

/// "from scipy.signal import " and names of that module, for each module of `package` in `members`; empty where it has
/// none. The rules of the names go to `rules`.
std::string member_forms(std::string_view members, const std::string& package, std::string& rules) {
  std::vector<std::string> forms;
  for (const auto& line : base::split_lines(std::string(members))) {
    const auto colon = line.find(": ");
    if (colon == std::string::npos || line.substr(0, line.find_first_of(".:")) != package) continue;
    const auto rule = fmt::format("{}{}", package, forms.size());
    rules += fmt::format("{} ::= {}\n", rule, gbnf_choice(base::split(line.substr(colon + 2), ' ')));
    const auto start = gbnf_literal(line.substr(package.size(), colon - package.size()) + " import ");
    forms.push_back(fmt::format("{} {} (\", \" {}){{0,5}}", start, rule, rule));
  }
  return base::join(forms, " | ");
}

/// Import lines: whole packages under their usual names, and names from their modules: those that `members` knows, or
/// of a package that it does not know, any.
std::string import_rules(std::span<const std::string> packages, std::string_view members) {
  std::vector<std::string> forms = {"\"import math\""};
  std::string rules = "module ::= [a-zA-Z_] [a-zA-Z0-9_]{0,30}\n";
  for (const auto& package : packages) {
    if (package == "numpy") {
      forms.emplace_back("\"import numpy as np\"");
      continue;
    }
    const auto known = member_forms(members, package, rules);
    const auto any = std::string("(\".\" module)? \" import \" module (\", \" module){0,5}");
    forms.push_back(fmt::format("{} ({})", gbnf_literal("from " + package), known.empty() ? any : known));
  }
  return fmt::format("import ::= ({}) \"\\n\"\n", base::join(forms, " | ")) + rules;
}

/// At the level of the function body a return is the end, and no text block may begin: docstrings and notes after the
/// return took half of all tokens.
constexpr std::string_view kRestOfProgram =
    "statement{1,60} \"    return \" line \"```\\n\\n### Documentation\\n\" sentence (\" \" sentence)? \"\\n\"\n"
    "statement ::= \"        \" code | \"    \" body | \"\\n\"\n";

/// "def name(a, b"
std::string head_of(const core::Specification& spec) {
  std::vector<std::string> names;
  for (const auto& input : spec.inputs) names.push_back(input.name);
  return fmt::format("def {}({}", spec.subtask.identifier, base::join(names, ", "));
}

/// Positions are int64 in samples, marks are bool, all else is float64: a free choice of all three is often at odds.
std::string type_rule(OutputForm form) {
  switch (form) {
    case OutputForm::OneValueForEach:
      return "type ::= \"numpy.ndarray, float64, (\" dim \",), \" unit\n";
    case OutputForm::OneTruthValueForEach:
      return "type ::= \"numpy.ndarray, bool, (\" dim \",), no unit\"\n";
    case OutputForm::OneRowForEach:
      return "type ::= \"numpy.ndarray, float64, (\" dim \", \" dim \"), \" unit\n";
    case OutputForm::VectorOrNumber:
      return "type ::= \"numpy.ndarray, float64, (\" dim \",), \" unit | \"float, \" unit\n";
    case OutputForm::PartOfText:
      return "type ::= \"str\" | \"int\" | \"bool\" | \"float, \" unit | \"numpy.ndarray, int64, (n_bytes,), no "
             "unit\"\n";
    case OutputForm::Any:
      break;
  }
  return "type ::= \"numpy.ndarray, float64, \" shape \", \" unit | \"numpy.ndarray, int64, (\" new \",), samples\" | "
         "\"numpy.ndarray, bool, \" shape \", no unit\" | \"float, \" unit\n"
         "shape ::= \"(\" dim \",)\" | \"(\" dim \", \" dim \")\"\n";
}

}  // namespace

OutputForm output_form(const core::SubTask& subtask) {
  auto form = OutputForm::Any;
  for (const auto& step : subtask.steps) {
    const auto lower = base::to_lower(step);
    const auto says = [&](const char* words) { return lower.find(words) != std::string::npos; };
    if (says("one value for every") || says("one value for each")) form = OutputForm::OneValueForEach;
    if (says("one truth value for every") || says("one truth value for each")) form = OutputForm::OneTruthValueForEach;
    if (says("one row for every") || says("one row for each")) form = OutputForm::OneRowForEach;
  }
  return form;
}

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
  // Line ends stand before what follows, never at the end: after a line end that the form forces, a model that has
  // finished its plan goes on with another sub-task.
  std::string root = "root ::= ";
  std::string rules;
  for (int k = 1; k <= most; ++k) {
    if (k <= kFewestSubtasks) root += fmt::format("{}task{} steps", k == 1 ? "" : " \"\\n\\n\" ", k);
    rules += fmt::format("task{0} ::= \"- Sub-Task {0} [\" {1} \"]\"\n", k, k == 1 ? "first" : "name");
  }
  root += optional_tail(kFewestSubtasks + 1, most) + "\n";
  rules +=
      "steps ::= \"\\n- Implementation step 1: \" text (\"\\n- Implementation step 2: \" text "
      "(\"\\n- Implementation step 3: \" text (\"\\n- Implementation step 4: \" text)?)?)?\n";
  rules += "text ::= stepverb \" \" ([^.\\n\\r\\t\\[\\]`] | \".\" [0-9]){10,190} \".\"\n";
  rules += "first ::= preparing object\nname ::= (preparing | deciding) object\n";
  rules += "object ::= \" \" [A-Za-z] [A-Za-z0-9/ -]{2,40}\n";
  rules += fmt::format("preparing ::= {}\ndeciding ::= {}\nstepverb ::= {}\n", gbnf_choice(kPreparing),
                       gbnf_choice(kDeciding), gbnf_choice(kStepVerbs));
  return root + rules;
}

std::string target_grammar() { return "root ::= sentence (\" \" sentence)?\n" + std::string(kSentence) + "\n"; }

std::string io_grammar(const IoChoices& choices) {
  std::vector<std::string> forced;
  for (const auto& name : choices.forced_inputs) forced.push_back("`" + name + "`");
  std::string inputs = gbnf_literal(base::join(forced, ", "));
  for (const auto& name : choices.optional_inputs) {
    inputs += fmt::format(" ({})?", gbnf_literal(", `" + name + "`"));
  }
  for (const auto& name : choices.last_inputs) inputs += " " + gbnf_literal(", `" + name + "`");
  std::string root = "root ::= \"Reasoning: \" sentence \"\\nInputs: \" inputs";
  if (choices.forced_outputs.empty()) {
    root += " \"\\nOutput: \" output";
    if (choices.form == OutputForm::Any) root += " (\"\\nOutput: \" output)?";
  } else {
    for (const auto& output : choices.forced_outputs) {
      root += fmt::format(" {}", gbnf_literal("\nOutput: " + to_markdown(output).substr(2)));
    }
  }
  std::vector<std::string> units = choices.units;
  units.emplace_back(kNoUnit);
  std::string rules = root + "\n";
  rules += "inputs ::= " + inputs + "\n";
  rules += std::string(kSentence) + "\n";
  rules += "output ::= \"`\" name \"` (\" type \"): \" [A-Z] [^.\\n\\r\\t]{8,90} \".\"\n";
  rules += "name ::= [a-z] [a-z0-9_]{2,30}\n";
  rules += type_rule(choices.form) + "new ::= \"n_\" [a-z]{3,12}\n";
  rules += fmt::format("dim ::= {}new\n", choices.dims.empty() ? "" : gbnf_choice(choices.dims) + " | ");
  return rules + fmt::format("unit ::= {}\n", gbnf_choice(units));
}

std::string program_grammar(const core::Specification& spec, std::span<const std::string> packages,
                            std::string_view members) {
  std::string rules = "root ::= \"```python\\n\" import{1,5} \"\\n\\n\" " + gbnf_literal(head_of(spec)) +
                      " parameter{0,5} \"):\\n\" " + std::string(kRestOfProgram);
  rules += import_rules(packages, members);
  rules += std::string("parameter ::= \", \" [a-z] [a-z0-9_]{2,30} \"=\" number\n") +
           "number ::= \"-\"? [0-9]{1,6} (\".\" [0-9]{1,6})?\n" + code_rules(members) + std::string(kSentence) + "\n";
  return rules;
}

std::string parser_grammar(const core::Specification& spec, std::string_view members) {
  const auto is_array = [](const core::Variable& variable) { return variable.type == "numpy.ndarray"; };
  const bool arrays = std::ranges::any_of(spec.inputs, is_array) || std::ranges::any_of(spec.outputs, is_array);
  const std::string_view imports = arrays ? "\"import numpy as np\\n\\n\\n\" " : "(\"import math\\n\\n\\n\")? ";
  return "root ::= \"```python\\n\" " + std::string(imports) + gbnf_literal(head_of(spec) + "):\n") + " " +
         std::string(kRestOfProgram) + code_rules(members) + std::string(kSentence) + "\n";
}

}  // namespace gpiot::agents
