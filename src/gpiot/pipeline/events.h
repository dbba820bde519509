#pragma once

#include <functional>
#include <string>

#include "gpiot/base/json.h"

namespace gpiot::pipeline {

/// What a stage says while it works. The command line prints it, `--json` writes it as one line.
struct Event {
  std::string stage;                        ///< "decompose", ..., "final"
  std::string kind;                         ///< "start", "progress", "note", "done"
  std::string message;                      ///< for people
  base::Json facts = base::Json::object();  ///< the same for programs
};
using EventSink = std::function<void(const Event&)>;

}  // namespace gpiot::pipeline
