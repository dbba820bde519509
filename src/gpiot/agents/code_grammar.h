#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gpiot::agents {

/// One of `texts` as a GBNF expression that branches where they differ: at any place few branches are open, where a
/// choice of whole texts keeps all of them. `texts` sorted, distinct, not empty.
[[nodiscard]] std::string gbnf_prefix_tree(std::span<const std::string> texts);

/// GBNF rules of Python lines inside a function: `code` (indented further than its body), `body` (at the level of the
/// body; begins with neither a blank, a quote nor "retu") and `line` (the rest after "return "), each with its line
/// end. `members`: lines "module: name name ..." (prompts/members.md). Where they know numpy, `np.` is followed by one
/// of its names and by no other; elsewhere by any.
[[nodiscard]] std::string code_rules(std::string_view members);

}  // namespace gpiot::agents
