#pragma once

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpiot::project {

/// Lines of all keys met in a TOML text, so that checks of values can name them.
struct KeyLines {
  std::string file;
  std::map<std::string, unsigned, std::less<>> line_of_key = {};
  unsigned lines_before = 1;  ///< of the file, above the TOML: the fence of a front matter
  /// "requirement.md line 7, data.rate_hz".
  [[nodiscard]] std::string locate(std::string_view key) const;
};

/// One table of a front matter: refuses keys it does not know, reads the others by type.
/// Errors of all methods: Format, with file, line and key.
class TomlSection {
 public:
  /// `table` null: none of the keys is given. `prefix` is "data." or empty.
  TomlSection(const toml::table* table, std::string prefix, KeyLines& lines, const std::vector<std::string>& known);

  /// The node of a key, null where it is not given. Errors: Format where it is `required`.
  const toml::node* find(std::string_view key, bool required = false) const;
  void text(std::string_view key, std::string& value, bool required = false) const;
  [[nodiscard]] std::optional<double> number(std::string_view key) const;
  void natural(std::string_view key, std::uint64_t& value) const;
  void truth(std::string_view key, bool& value) const;
  void texts(std::string_view key, std::vector<std::string>& values) const;
  [[nodiscard]] const toml::table* table(std::string_view key, bool required = false) const;

  [[noreturn]] void wrong_type(std::string_view key, std::string_view got, std::string_view expected) const;
  /// "a list", "a text" ...
  [[nodiscard]] static std::string kind(const toml::node& node);

 private:
  template <typename T>
  T typed(std::string_view key, const toml::node& node, std::string_view expected) const {
    if (const auto* value = node.as<T>()) return **value;
    wrong_type(key, kind(node), expected);
  }

  const toml::table* table_;
  std::string prefix_;
  KeyLines& lines_;
};

}  // namespace gpiot::project
