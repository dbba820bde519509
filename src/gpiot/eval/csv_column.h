#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gpiot::eval {

/// The cells of one column of a comma-separated file with a header line, without blanks around them; empty lines are
/// left out. Quoted cells may hold commas and doubled quotes, no line breaks.
/// Errors: Data when there is no such column or a row is too short; NotFound; Io; Capacity (1 GiB).
[[nodiscard]] std::vector<std::string> read_csv_column(const std::filesystem::path& path, const std::string& column);

/// The cell as a file of read_csv_column has it: in quotes where it holds a separator, a quote or nothing.
[[nodiscard]] std::string quoted_cell(const std::string& cell);

}  // namespace gpiot::eval
