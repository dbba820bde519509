#pragma once

#include "gpiot/base/cancel.h"

namespace gpiot::apps {

/// What every command shares: the global flags, the stop signal, the status to leave with.
struct AppContext {
  bool json = false;  ///< one JSON event per line on stdout
  bool yes = false;   ///< no questions
  int exit_status = 0;
  base::CancelToken cancel;
};

}  // namespace gpiot::apps
