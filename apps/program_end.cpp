#include "program_end.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>

#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"

namespace gpiot::apps {
namespace {

base::CancelToken* g_cancel = nullptr;  // a signal handler has no other way to reach it

void on_signal(int number) {
  if (g_cancel->cancelled()) ::_exit(128 + number);
  g_cancel->cancel();
}

}  // namespace

void cancel_on_signals(base::CancelToken& cancel) {
  g_cancel = &cancel;
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

void print_error(const base::Error& error, bool json) {
  const auto& info = base::info(error.code());
  if (json) {
    fmt::print("{}\n", base::dump_json({{"schema", 1},
                                        {"kind", "error"},
                                        {"code", std::string(info.name)},
                                        {"message", error.what()},
                                        {"remedy", error.remedy()}}));
  }
  fmt::print(stderr, "error ({}): {}\n", info.name, base::printable(error.what()));
  if (!error.remedy().empty()) fmt::print(stderr, "  what to do: {}\n", base::printable(error.remedy()));
}

}  // namespace gpiot::apps
