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

void list_line(std::string& out, std::string_view key, const std::vector<std::string>& texts) {
  if (!texts.empty()) line(out, key, toml_list(texts));
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
  if (data.items != "file") line(out, "items", toml_text(data.items));
  if (data.window_s > 0) number_line(out, "window_s", data.window_s);
  if (data.step_s > 0) number_line(out, "step_s", data.step_s);
  text_line(out, "channel", data.channel);
  if (data.rate_hz > 0) number_line(out, "rate_hz", data.rate_hz);
  for (std::size_t i = 0; i < data.inputs.size(); ++i) {
    write_variable(out, "[[data.inputs]]", data.inputs[i]);
    if (i >= data.sources.size()) continue;
    text_line(out, "key", data.sources[i].key);
    list_line(out, "columns", data.sources[i].columns);
  }
}

void write_labels_and_split(std::string& out, const core::Requirement& requirement) {
  const auto& labels = requirement.labels;
  if (!labels.format.empty()) {
    out += "\n[labels]\n";
    line(out, "format", toml_text(labels.format));
    text_line(out, "files", labels.files);
    list_line(out, "symbols", labels.symbols);
    text_line(out, "column", labels.column);
    text_line(out, "end_column", labels.end_column);
    text_line(out, "key", labels.key);
    list_line(out, labels.format == "key" ? "keys" : "columns", labels.columns);
    text_line(out, "pattern", labels.pattern);
    text_line(out, "names_key", labels.names_key);
    list_line(out, "names", labels.names);
  }
  const auto& split = requirement.split;
  out += "\n[split]\n";
  line(out, "by", toml_text(split.by));
  text_line(out, "subject", split.subject);
  list_line(out, "development", split.development);
  list_line(out, "final", split.final_part);
  number_line(out, "final_share", split.final_share);
  line(out, "seed", fmt::format("{}", split.seed));
  if (split.limit > 0) line(out, "limit", fmt::format("{}", split.limit));
}

void write_measurement(std::string& out, const core::Requirement& requirement) {
  out += "\n[result]\n";
  line(out, "kind", toml_text(requirement.result.kind));
  if (requirement.result.learned) line(out, "learned", "true");
  write_variable(out, "[result.variable]", requirement.result.variable);
  out += "\n[evaluator]\n";
  line(out, "kind", toml_text(requirement.evaluator.kind));
  const auto& evaluator = requirement.evaluator;
  if (requirement.result.kind == "events") number_line(out, "tolerance_ms", evaluator.tolerance_ms);
  if (evaluator.tolerance > 0) number_line(out, "tolerance", evaluator.tolerance);
  if (evaluator.radius > 0) number_line(out, "radius", evaluator.radius);
  if (evaluator.horizon_items > 1) line(out, "horizon_items", fmt::format("{}", evaluator.horizon_items));
  for (const auto& threshold : core::threshold_keys()) number_line(out, threshold.key, evaluator.*threshold.value);
  text_line(out, "file", evaluator.file);
  std::vector<std::string> wanted;
  for (const auto& one : evaluator.wanted) {
    wanted.push_back(fmt::format("{} {} {}", one.metric, one.upper ? "<=" : ">=", one.bound));
  }
  list_line(out, "wanted", wanted);
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
