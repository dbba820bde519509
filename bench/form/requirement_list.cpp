#include "requirement_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"

namespace gpiot::bench {
namespace {

constexpr std::string_view kWhere = "bench.requirements";
constexpr std::string_view kIdBytes = "abcdefghijklmnopqrstuvwxyz0123456789-";

core::Variable to_variable(const base::Json& json) {
  return {json.at("name"),  json.at("type"), json.at("dtype"),
          json.at("shape"), json.at("unit"), json.at("description")};
}

ListedRequirement to_listed(const base::Json& json, const std::string& line) {
  ListedRequirement listed{json.at("id"), json.at("modality"), base::sha256_hex(line), {}};
  listed.requirement.statement = json.at("statement");
  for (const auto& input : json.at("inputs")) listed.requirement.data.inputs.push_back(to_variable(input));
  listed.requirement.result.kind = json.at("result").at("kind");
  listed.requirement.result.variable = to_variable(json.at("result").at("variable"));
  return listed;
}

ListedRequirement parse_line(const std::string& line, const std::string& name) {
  const auto refuse = [&](const std::string& problem) {
    return base::Error(base::ErrorCode::Format, kWhere, fmt::format("{}: {}", name, problem));
  };
  const auto json = base::parse_json(line, kWhere, name);
  try {
    auto listed = to_listed(json, line);
    // The id becomes the name of a folder.
    if (listed.id.empty() || listed.id.find_first_not_of(kIdBytes) != std::string::npos) {
      throw refuse(fmt::format("wrong id: got '{}', expected letters a-z, digits and '-'", listed.id));
    }
    return listed;
  } catch (const base::Json::exception& error) {
    throw refuse(error.what());
  }
}

}  // namespace

std::vector<ListedRequirement> load_requirements(const std::filesystem::path& path,
                                                 const std::vector<std::string>& only) {
  std::vector<ListedRequirement> list;
  std::set<std::string> ids;
  int number = 0;
  for (const auto& line : base::split_lines(base::read_file(path, kWhere))) {
    ++number;
    if (base::trim(line).empty()) continue;
    const std::string name = fmt::format("{} line {}", path.filename().string(), number);
    auto listed = parse_line(line, name);
    if (!ids.insert(listed.id).second) {
      throw base::Error(base::ErrorCode::Format, kWhere, fmt::format("{}: the id '{}' stands twice", name, listed.id));
    }
    if (only.empty() || std::ranges::find(only, listed.id) != only.end()) list.push_back(std::move(listed));
  }
  for (const auto& id : only) {
    if (ids.contains(id)) continue;
    throw base::Error(base::ErrorCode::InvalidArgument, kWhere,
                      fmt::format("no such requirement: got '{}', expected one of {}", id,
                                  base::join({ids.begin(), ids.end()}, ", ")));
  }
  return list;
}

}  // namespace gpiot::bench
