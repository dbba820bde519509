#pragma once

#include "gpiot/base/json.h"

namespace gpiot::apps {

/// `facts` as one line on stdout, the schema before them, at once.
void print_json_line(const base::Json& facts);

}  // namespace gpiot::apps
