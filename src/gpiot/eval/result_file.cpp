#include "gpiot/eval/result_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"

namespace gpiot::eval {
namespace {

using base::Json;

constexpr std::size_t kMaxBytes = 64ULL << 20;
constexpr std::size_t kMaxLineBytes = 16ULL << 20;
constexpr std::size_t kMaxBreaches = 20;
constexpr std::size_t kMaxLabelBytes = 400;

std::string shown(const Json& value) {
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  return base::printable(base::dump_json(value).substr(0, 60));
}

/// Reads line by line and notes every breach. Kinds: too_large, empty, not_utf8, not_json, not_an_object, no_record,
/// unknown_record, repeated_record, missing_key, unknown_key, not_a_list, not_an_integer, out_of_range,
/// not_increasing, not_a_label, not_a_number, not_a_position, missing_record.
class ResultReader {
 public:
  ResultReader(const core::Requirement& requirement, std::span<const RecordFacts> records)
      : variable_(requirement.result.variable.name),
        kind_(requirement.result.kind),
        axes_(core::position_axes(requirement.result)) {
    for (const auto& record : records) records_[record.id] = &record;
  }

  ContractReport read(std::string_view text) {
    if (text.size() > kMaxBytes) {
      breach("too_large", {}, fmt::format("got {} bytes, expected at most {}", text.size(), kMaxBytes));
    } else if (base::trim(text).empty()) {
      breach("empty", {}, "got an empty result file, expected one line per record");
    } else {
      for (std::size_t at = 0, number = 1; at < text.size(); ++number) {
        const auto end = std::min(text.find('\n', at), text.size());
        read_line(text.substr(at, end - at), fmt::format("line {}", number));
        at = end + 1;
      }
    }
    for (const auto& [id, facts] : records_) {
      if (!seen_.contains(id)) breach("missing_record", id, "got no line for this record, expected one");
    }
    return std::move(report_);
  }

 private:
  void read_line(std::string_view line, const std::string& at) {
    if (line.size() > kMaxLineBytes) {
      return breach("too_large", {},
                    fmt::format("{}: got {} bytes, expected at most {}", at, line.size(), kMaxLineBytes));
    }
    if (base::trim(line).empty()) return;
    if (!base::is_valid_utf8(line)) return breach("not_utf8", {}, at + ": got bytes that are not UTF-8");
    Json object;
    try {
      object = base::parse_json(line, "eval.result", at);
    } catch (const base::Error& error) {
      return breach("not_json", {}, base::printable(error.what()).substr(0, 300));
    } catch (const Json::exception& error) {  // a number too large for a double is no parse error to the parser
      return breach("not_json", {}, fmt::format("{}: {}", at, base::printable(error.what()).substr(0, 300)));
    }
    if (!object.is_object()) return breach("not_an_object", {}, fmt::format("{}: got {}", at, shown(object)));
    read_object(object, at);
  }

  void read_object(const Json& object, const std::string& at) {
    const auto id_node = object.find("record");
    if (id_node == object.end() || !id_node->is_string()) {
      return breach("no_record", {}, at + ": expected \"record\" with the record's id as text");
    }
    const auto id = id_node->get<std::string>();
    const auto record = records_.find(id);
    if (record == records_.end()) {
      return breach("unknown_record", shown(*id_node), at + ": expected an id of records.json");
    }
    if (!seen_.insert(id).second) {
      report_.events.erase(id);
      report_.classes.erase(id);
      report_.values.erase(id);
      report_.positions.erase(id);
      return breach("repeated_record", id, at + ": got this record a second time");
    }
    for (const auto& [key, value] : object.items()) {
      if (key == "record" || key == variable_) continue;
      return breach("unknown_key", id,
                    fmt::format("{}: got \"{}\", expected \"record\" and \"{}\"", at,
                                base::printable(key).substr(0, 60), variable_));
    }
    const auto values = object.find(variable_);
    if (values == object.end()) return breach("missing_key", id, fmt::format("{}: expected \"{}\"", at, variable_));
    if (kind_ == "class") return read_class(*values, id, at);
    if (kind_ == "value") return read_value(*values, id, at);
    if (axes_ > 0) return read_position(*values, id, at);
    if (!values->is_array()) {
      return breach("not_a_list", id, fmt::format("{}: {}: got {}, expected a list", at, variable_, shown(*values)));
    }
    if (auto events = read_events(*values, *record->second, at)) report_.events[id] = std::move(*events);
  }

  void read_class(const Json& value, const std::string& id, const std::string& at) {
    const bool label = value.is_string() && !value.get_ref<const std::string&>().empty() &&
                       value.get_ref<const std::string&>().size() <= kMaxLabelBytes;
    if (label) {
      report_.classes[id] = value.get<std::string>();
    } else {
      breach("not_a_label", id, fmt::format("{}: {}: got {}, expected one label as text", at, variable_, shown(value)));
    }
  }

  void read_value(const Json& value, const std::string& id, const std::string& at) {
    if (value.is_number() && std::isfinite(value.get<double>())) {
      report_.values[id] = value.get<double>();
    } else {
      breach("not_a_number", id,
             fmt::format("{}: {}: got {}, expected one finite number", at, variable_, shown(value)));
    }
  }

  void read_position(const Json& value, const std::string& id, const std::string& at) {
    const auto finite = [](const Json& one) { return one.is_number() && std::isfinite(one.get<double>()); };
    if (value.is_array() && value.size() == axes_ && std::ranges::all_of(value, finite)) {
      report_.positions[id] = value.get<Position>();
    } else {
      breach("not_a_position", id,
             fmt::format("{}: {}: got {}, expected a list of {} finite numbers", at, variable_,
                         base::printable(base::dump_json(value)).substr(0, 60), axes_));
    }
  }

  std::optional<std::vector<std::int64_t>> read_events(const Json& values, const RecordFacts& record,
                                                       const std::string& at) {
    std::vector<std::int64_t> events;
    const auto fault = [&](const char* kind, const Json& value, const std::string& expected) {
      breach(kind, record.id,
             fmt::format("{}: {}[{}]: got {}, expected {}", at, variable_, events.size(), shown(value), expected));
      return std::nullopt;
    };
    events.reserve(values.size());
    for (const auto& value : values) {
      if (!value.is_number_integer()) return fault("not_an_integer", value, "a whole number");
      const bool huge = value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{1} << 62;
      const auto sample = huge ? -1 : value.get<std::int64_t>();
      if (sample < 0 || sample >= record.samples) {
        return fault("out_of_range", value, fmt::format("0 to {}", record.samples - 1));
      }
      if (!events.empty() && sample <= events.back()) {
        return fault("not_increasing", value, fmt::format("more than {}, the one before", events.back()));
      }
      events.push_back(sample);
    }
    return events;
  }

  void breach(std::string_view kind, const std::string& record, std::string detail) {
    ++report_.breach_count;
    if (report_.breaches.size() < kMaxBreaches) {
      report_.breaches.push_back({std::string(kind), record, std::move(detail)});
    }
  }

  std::string variable_;
  std::string kind_;
  std::size_t axes_;  ///< of a position, else 0
  std::map<std::string, const RecordFacts*> records_;
  std::set<std::string> seen_;
  ContractReport report_;
};

}  // namespace

ContractReport parse_result(const core::Requirement& requirement, std::span<const RecordFacts> records,
                            std::string_view text) {
  return ResultReader(requirement, records).read(text);
}

}  // namespace gpiot::eval
