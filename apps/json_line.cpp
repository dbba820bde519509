#include "json_line.h"

#include <fmt/format.h>

#include <cstdio>

namespace gpiot::apps {

void print_json_line(const base::Json& facts) {
  base::Json line = {{"schema", 1}};
  line.update(facts);
  fmt::print("{}\n", base::dump_json(line));
  std::fflush(stdout);
}

}  // namespace gpiot::apps
