#include "gpiot/tune/tune_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <charconv>
#include <functional>
#include <map>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"

namespace gpiot::tune {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "tune.config";

[[noreturn]] void refuse(const std::string& problem) { throw Error(ErrorCode::InvalidArgument, kWhere, problem); }

/// A key: how its value is read from a word, and written.
struct Key {
  std::string name;
  std::function<void(TuneConfig&, const std::string&)> read;
  std::function<std::string(const TuneConfig&)> write;
};

template <typename T>
T number_from(const std::string& name, const std::string& word) {
  T value{};
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failure != std::errc() || end != word.data() + word.size())
    refuse(fmt::format("{}: got '{}', expected a number", name, word));
  return value;
}

template <typename T, typename Get>
Key number(const std::string& name, Get get) {
  return {name, [=](TuneConfig& c, const std::string& word) { get(c) = number_from<T>(name, word); },
          [=](const TuneConfig& c) { return fmt::format("{}", get(const_cast<TuneConfig&>(c))); }};
}

template <typename Get>
Key text(const std::string& name, Get get) {
  return {name, [=](TuneConfig& c, const std::string& word) { get(c) = word; },
          [=](const TuneConfig& c) { return fmt::format("\"{}\"", get(const_cast<TuneConfig&>(c))); }};
}

template <typename T, typename Get>
Key choice(const std::string& name, const std::vector<std::pair<std::string, T>>& values, Get get) {
  return {name,
          [=](TuneConfig& c, const std::string& word) {
            std::vector<std::string> names;
            for (const auto& [spelling, value] : values) {
              if (spelling == word) {
                get(c) = value;
                return;
              }
              names.push_back(spelling);
            }
            refuse(fmt::format("{}: got '{}', expected one of {}", name, word, fmt::join(names, ", ")));
          },
          [=](const TuneConfig& c) {
            for (const auto& [spelling, value] : values) {
              if (value == get(const_cast<TuneConfig&>(c))) return "\"" + spelling + "\"";
            }
            return std::string();
          }};
}

const std::vector<Key>& keys() {
  using C = TuneConfig;
  static const std::vector<Key> all = {
      text("base", [](C& c) -> auto& { return c.base; }),
      {"data", [](C& c, const std::string& word) { c.data = base::split(word, ','); },
       [](const C& c) {
         return fmt::format("[{}]", c.data.empty() ? "" : fmt::format("\"{}\"", fmt::join(c.data, "\", \"")));
       }},
      text("output", [](C& c) -> auto& { return c.output; }),
      number<int>("rank", [](C& c) -> auto& { return c.adapters.rank; }),
      number<double>("alpha", [](C& c) -> auto& { return c.adapters.alpha; }),
      number<double>("dropout", [](C& c) -> auto& { return c.adapters.dropout; }),
      text("targets", [](C& c) -> auto& { return c.adapters.targets; }),
      choice<Sharing>("sharing",
                      {{"pect", Sharing::pect},
                       {"independent", Sharing::independent},
                       {"shared", Sharing::shared},
                       {"single", Sharing::single}},
                      [](C& c) -> auto& { return c.adapters.sharing; }),
      number<double>("lambda", [](C& c) -> auto& { return c.adapters.lambda; }),
      choice<Projection>("projection",
                         {{"off", Projection::off}, {"own", Projection::own}, {"paired", Projection::paired}},
                         [](C& c) -> auto& { return c.adapters.projection; }),
      number<double>("gamma", [](C& c) -> auto& { return c.adapters.gamma; }),
      number<int>("projection_width", [](C& c) -> auto& { return c.adapters.projection_width; }),
      number<double>("learning_rate", [](C& c) -> auto& { return c.optimizer.learning_rate; }),
      number<double>("weight_decay", [](C& c) -> auto& { return c.optimizer.weight_decay; }),
      number<double>("clip_norm", [](C& c) -> auto& { return c.optimizer.clip_norm; }),
      number<double>("warmup_share", [](C& c) -> auto& { return c.warmup_share; }),
      number<int>("epochs", [](C& c) -> auto& { return c.epochs; }),
      number<std::int64_t>("context_tokens", [](C& c) -> auto& { return c.context_tokens; }),
      number<std::int64_t>("batch_tokens", [](C& c) -> auto& { return c.batch_tokens; }),
      number<std::int64_t>("step_tokens", [](C& c) -> auto& { return c.step_tokens; }),
      number<double>("validation_share", [](C& c) -> auto& { return c.validation_share; }),
      number<int>("validate_every", [](C& c) -> auto& { return c.validate_every; }),
      number<int>("patience", [](C& c) -> auto& { return c.patience; }),
      number<double>("checkpoint_minutes", [](C& c) -> auto& { return c.checkpoint_minutes; }),
      number<std::uint64_t>("seed", [](C& c) -> auto& { return c.seed; }),
      choice<NumberType>("type",
                         {{"auto", NumberType::automatic}, {"bf16", NumberType::bf16}, {"f32", NumberType::f32}},
                         [](C& c) -> auto& { return c.type; }),
      choice<BaseStorage>("base_storage", {{"same", BaseStorage::same}, {"int8", BaseStorage::int8}},
                          [](C& c) -> auto& { return c.base_storage; }),
      choice<std::string>("device", {{"cpu", "cpu"}, {"cuda", "cuda"}}, [](C& c) -> auto& { return c.device; }),
      choice<Recompute>("recompute", {{"none", Recompute::none}, {"ffn", Recompute::ffn}, {"block", Recompute::block}},
                        [](C& c) -> auto& { return c.recompute; }),
  };
  return all;
}

const Key& find(const std::string& name) {
  for (const Key& key : keys()) {
    if (key.name == name) return key;
  }
  std::vector<std::string> names;
  for (const Key& key : keys()) names.push_back(key.name);
  refuse(fmt::format("unknown key: got '{}', expected one of {}", name, fmt::join(names, ", ")));
}

/// A TOML value as the word of a command line.
std::string word_of(const std::string& name, const toml::node& node) {
  if (const auto* value = node.as_string()) return value->get();
  if (const auto* value = node.as_integer()) return std::to_string(value->get());
  if (const auto* value = node.as_floating_point()) return fmt::format("{}", value->get());
  if (const auto* value = node.as_boolean()) return value->get() ? "true" : "false";
  if (const auto* list = node.as_array(); list != nullptr && name == "data") {
    std::vector<std::string> words;
    for (const toml::node& entry : *list) words.push_back(word_of("entry of data", entry));
    return base::join(words, ",");
  }
  refuse(name + ": expected a text, a number, true or false");
}

}  // namespace

TuneConfig read_config(const std::filesystem::path& path) {
  const std::string content = base::read_file(path, kWhere, 1 << 20);
  TuneConfig config;
  try {
    const toml::table table = toml::parse(content, path.string());
    for (const auto& [key, node] : table) {
      try {
        set_value(config, std::string(key.str()), word_of(std::string(key.str()), node));
      } catch (const Error& error) {
        throw Error(ErrorCode::Format, kWhere,
                    fmt::format("{}, line {}: {}", path.string(), node.source().begin.line, error.what()));
      }
    }
  } catch (const toml::parse_error& error) {
    throw Error(ErrorCode::Format, kWhere,
                fmt::format("{}, line {}: {}", path.string(), error.source().begin.line, error.description()));
  }
  return config;
}

void set_value(TuneConfig& config, const std::string& key, const std::string& value) { find(key).read(config, value); }

std::string config_text(const TuneConfig& config) {
  std::string out;
  for (const Key& key : keys()) {
    out += fmt::format("{} = {}\n", key.name, key.write(config));
  }
  return out;
}

void check_config(const TuneConfig& config) {
  const auto positive = [](const char* name, double value) {
    if (!(value > 0)) refuse(fmt::format("{}: got {}, expected more than 0", name, value));
  };
  if (config.data.empty()) refuse("data: got none, expected at least one file of records");
  positive("epochs", config.epochs);
  positive("learning_rate", config.optimizer.learning_rate);
  positive("context_tokens", static_cast<double>(config.context_tokens));
  positive("batch_tokens", static_cast<double>(config.batch_tokens));
  positive("validate_every", config.validate_every);
  if (config.step_tokens < config.batch_tokens) {
    refuse(fmt::format("step_tokens: got {}, expected at least batch_tokens ({})", config.step_tokens,
                       config.batch_tokens));
  }
  if (config.validation_share < 0 || config.validation_share > 0.5) {
    refuse(fmt::format("validation_share: got {}, expected 0 to 0.5", config.validation_share));
  }
  if (config.warmup_share < 0 || config.warmup_share >= 1)
    refuse(fmt::format("warmup_share: got {}, expected 0 to < 1", config.warmup_share));
}

std::vector<std::string> config_differences(const std::string& before, const std::string& now) {
  const auto values = [](const std::string& all) {
    std::map<std::string, std::string> found;
    for (const std::string& line : base::split_lines(all)) {
      const auto equals = line.find(" = ");
      if (equals != std::string::npos) found[line.substr(0, equals)] = line.substr(equals + 3);
    }
    return found;
  };
  auto old_values = values(before);
  old_values.merge(values(config_text({})));  // keeps what is there
  std::vector<std::string> out;
  for (const auto& [key, value] : values(now)) {
    if (old_values[key] != value) out.push_back(fmt::format("{}: was {}, is {}", key, old_values[key], value));
  }
  return out;
}

}  // namespace gpiot::tune
