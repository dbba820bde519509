#include "bench_main.h"

#include <fmt/format.h>

#include "gpiot/base/error.h"

namespace gpiot::bench {

int print_result(const std::function<base::Json()>& run) {
  try {
    fmt::print("{}\n", base::dump_json(run(), 1));
    return 0;
  } catch (const base::Error& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return base::info(error.code()).exit_status;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}

}  // namespace gpiot::bench
