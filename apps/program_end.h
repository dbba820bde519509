#pragma once

#include "gpiot/base/cancel.h"
#include "gpiot/base/error.h"

namespace gpiot::apps {

/// SIGINT and SIGTERM set `cancel`; the second one ends the process at once. `cancel` must outlive the process's work.
void cancel_on_signals(base::CancelToken& cancel);

/// An error as the user sees it: message and remedy on stderr, with `json` an event on stdout as well.
void print_error(const base::Error& error, bool json);

}  // namespace gpiot::apps
