#include "gpiot/tune/trace.h"

#include <torch/csrc/autograd/profiler_kineto.h>

namespace gpiot::tune {

Trace::Trace() {
  namespace profiler = torch::profiler::impl;
  const profiler::ProfilerConfig config(profiler::ProfilerState::KINETO);
  const std::set<profiler::ActivityType> what = {profiler::ActivityType::CPU, profiler::ActivityType::CUDA};
  torch::autograd::profiler::prepareProfiler(config, what);
  torch::autograd::profiler::enableProfiler(config, what);
}

void Trace::save(const std::filesystem::path& path) { torch::autograd::profiler::disableProfiler()->save(path); }

}  // namespace gpiot::tune
