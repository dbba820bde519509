#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gpiot/base/json.h"

namespace gpiot::pipeline {

/// Figures side by side: one column for the program, one for each answer that needs no program.
struct FigureTable {
  std::vector<std::string> columns;                                    ///< "program", "always 3.2", "last seen"
  std::vector<std::pair<std::string, std::vector<std::string>>> rows;  ///< name of a figure, one cell for each column
};

/// From the "measured" part of a report.json; without columns where it holds nothing to show. Cells are not escaped.
[[nodiscard]] FigureTable figure_table(const base::Json& measured);

/// The table in lines for a terminal, printable and aligned.
[[nodiscard]] std::vector<std::string> table_lines(const FigureTable& table);

}  // namespace gpiot::pipeline
