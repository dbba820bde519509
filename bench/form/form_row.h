#pragma once

#include <map>
#include <string>
#include <vector>

#include "counting_generator.h"
#include "gpiot/base/json.h"
#include "requirement_list.h"
#include "role_answers.h"

namespace gpiot::bench {

/// One problem of a chain of specifications.
struct RowProblem {
  std::string kind;  ///< agents::name(ChainProblemKind)
  bool warning = false;
  std::string message;
};

/// One requirement, measured.
struct FormRow {
  std::string id;
  std::string modality;
  std::string requirement_sha256;
  std::string commit;   ///< of the build that made the row
  std::string problem;  ///< why a role gave up; empty where both ended well

  // Empty where the decomposition is in the paper's form (form_check.h), else the first departure from it.
  std::string form_file;   ///< of what is written to subtasks.md
  std::string form_raw;    ///< of the answer that was kept, as the model gave it
  std::string form_first;  ///< of the model's first answer, before any was asked again

  std::vector<std::string> subtasks;  ///< names
  std::vector<std::string> plan_faults;
  bool specs_parse = false;          ///< all could be read, and what is written of them reads back
  bool chain_unmended = false;       ///< checks as the model gave it; warnings are no break
  bool chain_mended = false;         ///< checks after agents::mend_chain
  std::vector<RowProblem> unmended;  ///< warnings too
  std::vector<RowProblem> left;      ///< after mending
  std::vector<std::string> mended;   ///< what was mended
  AskedCounts asked;
  double wall_s = 0;  ///< from the first question to the last answer; shared with the requirements beside it

  std::map<std::string, std::string> texts;  ///< file name -> content, for people: the plan, the specs, raw answers
};

/// Judges what the roles gave. Fills everything but commit and wall_s.
[[nodiscard]] FormRow judge(const ListedRequirement& listed, const RoleAnswers& answers,
                            const CountingGenerator& generator);

/// The row without its texts.
[[nodiscard]] base::Json to_json(const FormRow& row);
/// Such a row, with the texts under "texts" where there are any. Errors: Format.
[[nodiscard]] FormRow row_from_json(const base::Json& json);

}  // namespace gpiot::bench
