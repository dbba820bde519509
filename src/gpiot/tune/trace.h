#pragma once

#include <filesystem>

namespace gpiot::tune {

/// From its making on, what ATen does on the CPU and on the GPU is written down, with times; by LibTorch's profiler.
/// One at a time.
class Trace {
 public:
  Trace();
  /// Ends it and writes a file that chrome://tracing and https://ui.perfetto.dev show.
  void save(const std::filesystem::path& path);
};

}  // namespace gpiot::tune
