#include "gpiot/llm/cpu_facts.h"

#include <llama.h>
#include <sched.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string_view>

namespace gpiot::llm {

int physical_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return 1;
  std::set<std::string> cores;
  int logical = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    ++logical;
    std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list");
    std::string siblings;
    if (std::getline(file, siblings)) cores.insert(siblings);
  }
  return std::max(1, cores.empty() ? logical : static_cast<int>(cores.size()));
}

bool has_bf16() {
  const std::string_view features = llama_print_system_info();
  return features.find("AVX512_BF16 = 1") != std::string_view::npos ||
         features.find("AMX_INT8 = 1") != std::string_view::npos;
}

bool multiplies_q6_k_slowly() {
#if defined(__x86_64__)
  return std::string_view(llama_print_system_info()).find("CUDA") == std::string_view::npos;
#else
  return false;
#endif
}

bool multiplies_bf16_slowly() {
#if defined(__x86_64__)
  return !has_bf16() && std::string_view(llama_print_system_info()).find("CUDA") == std::string_view::npos;
#else
  return false;
#endif
}

std::string backend_name() {
  const std::string_view features = llama_print_system_info();
  std::string name = std::string("libllama ") + llama_version();
  if (features.find("CUDA") != std::string_view::npos) name += ", CUDA";
  for (const std::string_view feature : {"AMX_INT8", "AVX512_BF16", "AVX512", "AVX2", "NEON"}) {
    if (features.find(std::string(feature) + " = 1") != std::string_view::npos) {
      return name + ", " + std::string(feature);
    }
  }
  return name;
}

}  // namespace gpiot::llm
