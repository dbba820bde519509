#include <fmt/format.h>

#include "gpiot/base/strings.h"
#include "gpiot/project/requirement_file.h"

namespace gpiot::project {
namespace {

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char raw : text) {
    const auto c = static_cast<unsigned char>(raw);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += raw;
    } else if (c < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04X}", c);
    } else {
      out += raw;
    }
  }
  return out + '"';
}

std::string toml_list(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const auto& text : texts) items.push_back(toml_text(text));
  return "[" + base::join(items, ", ") + "]";
}

void line(std::string& out, std::string_view key, const std::string& value) {
  out += fmt::format("{} = {}\n", key, value);
}

void text_line(std::string& out, std::string_view key, const std::string& text) {
  if (!text.empty()) line(out, key, toml_text(text));
}

void number_line(std::string& out, std::string_view key, const std::optional<double>& number) {
  if (number) line(out, key, fmt::format("{}", *number));
}

void write_variable(std::string& out, std::string_view header, const core::Variable& variable) {
  out += fmt::format("\n{}\n", header);
  line(out, "name", toml_text(variable.name));
  line(out, "type", toml_text(variable.type));
  text_line(out, "dtype", variable.dtype);
  text_line(out, "shape", variable.shape);
  text_line(out, "unit", variable.unit);
  text_line(out, "description", variable.description);
}

void write_data(std::string& out, const core::DataFacts& data) {
  out += "\n[data]\n";
  line(out, "path", toml_text(data.path));
  line(out, "format", toml_text(data.format));
  line(out, "files", toml_text(data.files));
  text_line(out, "channel", data.channel);
  number_line(out, "rate_hz", data.rate_hz);
  for (const auto& input : data.inputs) write_variable(out, "[[data.inputs]]", input);
}

void write_labels_and_split(std::string& out, const core::Requirement& requirement) {
  const auto& labels = requirement.labels;
  if (!labels.format.empty()) {
    out += "\n[labels]\n";
    line(out, "format", toml_text(labels.format));
    line(out, "files", toml_text(labels.files));
    if (!labels.symbols.empty()) line(out, "symbols", toml_list(labels.symbols));
    text_line(out, "column", labels.column);
  }
  const auto& split = requirement.split;
  out += "\n[split]\n";
  line(out, "by", toml_text(split.by));
  if (!split.development.empty()) line(out, "development", toml_list(split.development));
  if (!split.final_part.empty()) line(out, "final", toml_list(split.final_part));
  number_line(out, "final_share", split.final_share);
  line(out, "seed", fmt::format("{}", split.seed));
}

void write_measurement(std::string& out, const core::Requirement& requirement) {
  out += "\n[result]\n";
  line(out, "kind", toml_text(requirement.result.kind));
  write_variable(out, "[result.variable]", requirement.result.variable);
  out += "\n[evaluator]\n";
  line(out, "kind", toml_text(requirement.evaluator.kind));
  number_line(out, "tolerance_ms", requirement.evaluator.tolerance_ms);
  number_line(out, "precision", requirement.evaluator.precision);
  number_line(out, "recall", requirement.evaluator.recall);
  out += "\n[budget]\n";
  number_line(out, "memory_mb", requirement.budget.memory_mb);
  line(out, "memory_counts", toml_text(requirement.budget.memory_counts));
  number_line(out, "wall_s", requirement.budget.wall_s);
}

}  // namespace

std::string to_markdown(const core::Requirement& requirement) {
  std::string out = "+++\n";
  line(out, "title", toml_text(requirement.title));
  line(out, "packages", toml_list(requirement.packages));
  write_data(out, requirement.data);
  write_labels_and_split(out, requirement);
  write_measurement(out, requirement);
  return out + "+++\n\n" + requirement.statement + "\n";
}

}  // namespace gpiot::project
