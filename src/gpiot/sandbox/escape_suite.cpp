#include "gpiot/sandbox/escape_suite.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "gpiot/base/error.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "gpiot/sandbox/escape_bait.h"

namespace gpiot::sandbox {
namespace {

using core::Ending;

constexpr std::int64_t kWallMs = 3'000;
/// The limit, and the two seconds in which everything must be gone.
constexpr double kLatestMs = kWallMs + 2'000;
constexpr std::uint64_t kOutputBytes = 1ULL << 20;

core::RunRequest request_for(const std::filesystem::path& folder, std::vector<std::string> arguments) {
  core::RunRequest request;
  request.arguments = std::move(arguments);
  request.arguments.insert(request.arguments.begin(), "/app/attempt.py");
  request.mounts = {{folder, "/app"}};
  request.collect = {"report.json", "result.csv"};
  request.collect_limit_bytes = 4ULL << 20;
  request.limits = {.wall_ms = kWallMs,
                    .cpu_ms = 2 * kWallMs,
                    .memory_bytes = 256ULL << 20,
                    .processes = 32,
                    .disk_bytes = 32ULL << 20,
                    .output_bytes = kOutputBytes};
  return request;
}

base::Json list_attempts(Sandbox& sandbox, const std::filesystem::path& folder, const base::CancelToken& cancel) {
  const auto outcome = sandbox.run(request_for(folder, {"list"}), cancel);
  cancel.throw_if_cancelled("sandbox.escape");
  if (!outcome.ok()) {
    throw base::Error(
        base::ErrorCode::Format, "sandbox.escape",
        "cannot list the attempts of " + folder.string() + ": got " + base::printable(outcome.stderr_text));
  }
  return base::parse_json(outcome.stdout_text, "sandbox.escape", "the list of attempts");
}

bool holds_secret(const core::RunOutcome& outcome, const std::string& secret) {
  const auto in = [&](const std::string& text) { return text.find(secret) != std::string::npos; };
  return in(outcome.stdout_text) || in(outcome.stderr_text) ||
         std::any_of(outcome.files.begin(), outcome.files.end(), [&](const auto& file) { return in(file.second); });
}

/// The attempt's own words; anything else than a well-formed report is no word at all.
std::pair<std::string, std::string> word_of(const core::RunOutcome& outcome) {
  const auto file = outcome.files.find("report.json");
  if (file == outcome.files.end()) return {};
  try {
    const auto report = base::parse_json(file->second, "sandbox.escape", "a report");
    return {report.at("state").get<std::string>(), base::printable(report.at("detail").get<std::string>())};
  } catch (const std::exception&) {
    return {};
  }
}

std::string describe_end(const core::RunOutcome& outcome) {
  std::string text = std::string(core::name(outcome.ending)) + ", status " + std::to_string(outcome.exit_code);
  const auto said = base::split_lines(base::trim(base::printable(outcome.stderr_text)));
  if (!said.empty() && !said.back().empty()) text += ": " + said.back().substr(0, 160);
  return text;
}

/// The host's view first, the attempt's word last.
void judge(const core::RunOutcome& outcome, const std::string& harm, const std::string& secret, EscapeResult& result) {
  const auto [state, detail] = word_of(outcome);
  const auto decide = [&](EscapeVerdict verdict, std::string why) {
    result.verdict = verdict;
    result.detail = std::move(why);
  };
  if (!harm.empty()) return decide(EscapeVerdict::Escaped, harm + detail);
  if (holds_secret(outcome, secret)) return decide(EscapeVerdict::Escaped, "the secret came out");
  if (outcome.wall_ms > kLatestMs)
    return decide(EscapeVerdict::Escaped, "ran " + base::human_seconds(outcome.wall_ms / 1e3));
  if (outcome.stdout_text.size() > kOutputBytes) return decide(EscapeVerdict::Escaped, "output beyond the limit");
  const bool limited = outcome.ending != Ending::Exited;
  if (state == "achieved") return decide(EscapeVerdict::Escaped, detail);
  if (state == "inside") return decide(EscapeVerdict::Contained, detail);
  if (state == "blocked") return decide(EscapeVerdict::Blocked, detail);
  if (limited) return decide(EscapeVerdict::Contained, describe_end(outcome));
  decide(EscapeVerdict::Error, "no report: " + describe_end(outcome));
}

}  // namespace

std::string_view name(EscapeVerdict verdict) {
  constexpr std::array<std::string_view, 4> names = {"blocked", "contained", "ESCAPED", "error"};
  return names.at(static_cast<std::size_t>(verdict));
}

std::size_t EscapeReport::count(EscapeVerdict verdict) const {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(), [&](const auto& one) { return one.verdict == verdict; }));
}

std::span<const KnownGap> known_gaps(std::string_view level) {
  static constexpr std::array<KnownGap, 5> kGapsOfB = {{
      {"information.host_name", "the host's name is not in a namespace of its own"},
      {"information.mapped_paths", "app and data are links to the host's folders, and a link can be read"},
      {"information.names_of_host_files",
       "Landlock does not see stat: whether a path that is known exists, its size and its times"},
      {"information.targets_of_host_links", "Landlock does not see readlink"},
      {"information.process_numbers", "process numbers are the host's: which are in use can be asked"},
  }};
  if (level == "B") return kGapsOfB;
  return {};
}

const KnownGap* known_gap(std::string_view level, const EscapeResult& result) {
  for (const auto& gap : known_gaps(level)) {
    if (result.verdict == EscapeVerdict::Escaped && gap.attempt == result.group + "." + result.name) return &gap;
  }
  return nullptr;
}

bool EscapeReport::all_held() const {
  return std::all_of(results.begin(), results.end(), [&](const auto& one) {
    return one.verdict == EscapeVerdict::Blocked || one.verdict == EscapeVerdict::Contained ||
           known_gap(level, one) != nullptr;
  });
}

EscapeReport run_escape_suite(Sandbox& sandbox, const std::filesystem::path& folder, const base::CancelToken& cancel,
                              const EscapeOptions& options) {
  const auto attempts = list_attempts(sandbox, folder, cancel);
  EscapeBait bait(folder);
  EscapeReport report{.level = sandbox.self_test().level, .results = {}};
  for (const auto& [group, names] : attempts.items()) {
    for (const auto& entry : names) {
      EscapeResult result{
          .group = group, .name = entry.get<std::string>(), .verdict = EscapeVerdict::Error, .detail = {}};
      const auto full = result.group + "." + result.name;
      if (!options.only.empty() && std::find(options.only.begin(), options.only.end(), full) == options.only.end())
        continue;
      cancel.throw_if_cancelled("sandbox.escape");
      const auto outcome =
          sandbox.run(request_for(folder, {result.group, result.name, base::dump_json(bait.facts()), "/out"}), cancel);
      cancel.throw_if_cancelled("sandbox.escape");
      judge(outcome, bait.harm(), bait.secret(), result);
      if (options.on_result) options.on_result(result);
      report.results.push_back(std::move(result));
    }
  }
  return report;
}

}  // namespace gpiot::sandbox
