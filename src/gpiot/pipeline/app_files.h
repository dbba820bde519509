#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "gpiot/core/program.h"

namespace gpiot::pipeline {

/// The parts of an application that come from the checked chain, without a model.
struct AppParts {
  const core::Requirement& requirement;
  const std::vector<core::Specification>& specs;
  const std::vector<core::Program>& programs;  ///< one per specification
};

/// All files of `app/` by relative path: main.py, records.py, one module per sub-task, requirements.txt, README.md,
/// tests/test_app.py. Byte-equal for equal parts. `runtime` holds records.py and fixture.py.
[[nodiscard]] std::map<std::string, std::string> make_app_files(const AppParts& parts,
                                                                const std::filesystem::path& runtime);

/// "band_pass_filtering.py".
[[nodiscard]] std::string module_file(const core::Specification& spec);

}  // namespace gpiot::pipeline
