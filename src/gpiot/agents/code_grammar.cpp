#include "gpiot/agents/code_grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "gpiot/agents/grammar.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

std::string tree_from(std::span<const std::string> texts, std::size_t at) {
  std::vector<std::string> branches;
  const bool may_end = texts.front().size() == at;
  for (std::size_t i = may_end ? 1 : 0; i < texts.size();) {
    std::size_t end = i + 1;
    while (end < texts.size() && texts[end][at] == texts[i][at]) ++end;
    // Sorted: what the first and the last share, all share.
    const auto& first = texts[i];
    const auto differs = std::mismatch(first.begin(), first.end(), texts[end - 1].begin(), texts[end - 1].end()).first;
    const auto shared = static_cast<std::size_t>(differs - first.begin());
    const auto rest = tree_from(texts.subspan(i, end - i), shared);
    branches.push_back(gbnf_literal(first.substr(at, shared - at)) + (rest.empty() ? "" : " " + rest));
    i = end;
  }
  if (branches.empty()) return "";
  if (branches.size() == 1 && !may_end) return branches.front();
  return "(" + base::join(branches, " | ") + ")" + (may_end ? "?" : "");
}

/// What may follow `np.`: names of numpy and, behind a dot, of its modules; empty where `members` does not know numpy.
std::vector<std::string> numpy_names(std::string_view members) {
  std::map<std::string, std::vector<std::string>> modules;
  for (const auto& line : base::split_lines(std::string(members))) {
    const auto colon = line.find(": ");
    if (colon != std::string::npos) modules[line.substr(0, colon)] = base::split(line.substr(colon + 2), ' ');
  }
  std::vector<std::string> names;
  for (const auto& [module, own] : modules) {
    if (module != "numpy" && module.rfind("numpy.", 0) != 0) continue;
    const auto start = module == "numpy" ? "" : module.substr(std::string("numpy.").size()) + ".";
    // A module among the names would let any name of it through: what follows it would be read as an attribute.
    for (const auto& name : own) {
      if (!modules.contains(module + "." + name)) names.push_back(start + name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::string gbnf_prefix_tree(std::span<const std::string> texts) { return tree_from(texts, 0); }

std::string code_rules(std::string_view members) {
  const auto names = numpy_names(members);
  // A line is words with something between any two of them, so that `np` is seen where it is a word of its own.
  return "gap ::= [^A-Za-z0-9_\\n\\r\\t]\n"
         "letters ::= [A-Za-z0-9_]{0,60}\n"
         "word ::= [A-Za-mo-z0-9_] letters | \"n\" aftern?\n"
         "aftern ::= [A-Za-oq-z0-9_] letters | \"p\" afternp\n"
         "afternp ::= [A-Za-z0-9_] letters | \".\" numpy | [^A-Za-z0-9_.\\n\\r\\t] word?\n"
         "rest ::= (gap word?){0,110} \"\\n\"\n"
         "code ::= (word | [^A-Za-z0-9_\"\\n\\r\\t] word? | \"\\\"\" (word | [^A-Za-z0-9_\"\\n\\r\\t] word?)) rest\n"
         "body ::= ([A-Za-mo-qs-z0-9_] letters | \"n\" aftern? | \"r\" afterr? | [^A-Za-z0-9_ \"\\n\\r\\t] word?) "
         "rest\n"
         "afterr ::= [A-Za-df-z0-9_] letters | \"e\" ([A-Za-su-z0-9_] letters | \"t\" ([A-Za-tv-z0-9_] letters)?)?\n"
         "line ::= (word | gap word?) rest\n" +
         fmt::format("numpy ::= {}\n", names.empty() ? "[A-Za-z_] letters" : gbnf_prefix_tree(names));
}

}  // namespace gpiot::agents
