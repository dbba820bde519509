#include "progress_printer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "gpiot/base/strings.h"

namespace gpiot::apps {
namespace {

constexpr std::size_t kLineWidth = 110;

}  // namespace

ProgressPrinter::ProgressPrinter(bool json) : json_(json) {
  const char* term = std::getenv("TERM");
  is_terminal_ = ::isatty(STDERR_FILENO) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

void ProgressPrinter::clear_line() {
  if (line_open_) fmt::print(stderr, "\r\x1b[2K");
  line_open_ = false;
}

void ProgressPrinter::operator()(const pipeline::Event& event) {
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - start_).count();
  if (json_) {
    base::Json line = {{"schema", 1},        {"time_s", seconds},        {"stage", event.stage},
                       {"kind", event.kind}, {"message", event.message}, {"facts", event.facts}};
    fmt::print("{}\n", base::dump_json(line));
    std::fflush(stdout);
    return;
  }
  const auto text = fmt::format("{:>6.0f} s  {:<10} {}", seconds, event.stage, base::printable(event.message));
  if (event.kind == "progress") {
    if (is_terminal_) {
      clear_line();
      fmt::print(stderr, "{}", text.substr(0, kLineWidth));
      line_open_ = true;
    } else if (now - last_progress_ > std::chrono::seconds(10)) {
      fmt::print(stderr, "{}\n", text);
      last_progress_ = now;
    }
  } else {
    clear_line();
    fmt::print(stderr, "{}\n", text);
  }
  std::fflush(stderr);
}

}  // namespace gpiot::apps
