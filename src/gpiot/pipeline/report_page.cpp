#include "gpiot/pipeline/report_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "gpiot/pipeline/figure_table.h"
#include "gpiot/pipeline/svg_picture.h"

namespace gpiot::pipeline {
namespace {

using base::Json;

constexpr std::string_view kStyle = R"(<style>
:root{color-scheme:light dark;--line:#8884;--good:#1a7f37;--bad:#c0362c;--mark:#0a69da}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:.5rem 0}td,th{border:1px solid var(--line);padding:.2rem .6rem;text-align:right}
th:first-child,td:first-child{text-align:left}.good{color:var(--good)}.bad{color:var(--bad)}
svg{max-width:100%;height:auto}pre{overflow:auto;border:1px solid var(--line);padding:.6rem}figcaption{font-size:.9em}
.truth{stroke:var(--good);fill:none}.span{fill:var(--good);fill-opacity:.2}.found{fill:var(--mark);stroke:none}.signal{stroke:currentColor;fill:none}
.axis{stroke:var(--line);fill:none}svg text{fill:currentColor;font-size:11px}
</style>
)";

std::string text_of(const Json& value) {
  if (value.is_string()) return escape_html(value.get<std::string>());
  if (value.is_number_float()) return fmt::format("{:.4g}", value.get<double>());
  return value.is_null() ? "-" : escape_html(base::dump_json(value));
}

std::string row(const std::string& head, const std::string& value) {
  return fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", escape_html(head), value);
}

const Json& child(const Json& object, const char* key) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

std::string thresholds(const Json& measured) {
  const auto& list = child(measured, "thresholds");
  if (!list.is_array() || list.empty()) return "";
  std::string out = "<h2>Thresholds</h2><table><tr><th></th><th>measured</th><th>wanted</th><th></th></tr>\n";
  for (const auto& one : list) {
    const bool met = one.value("met", false);
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"{}\">{}</td></tr>\n",
                       text_of(child(one, "name")), text_of(child(one, "measured")), text_of(child(one, "wanted")),
                       met ? "good" : "bad", met ? "met" : "missed");
  }
  return out + "</table>\n";
}

/// The program beside answers that need no program.
std::string comparison(const Json& measured) {
  const auto table = figure_table(measured);
  if (table.columns.size() < 2) return "";
  std::string out = "<h2>Beside answers that need no program</h2><table><tr><th></th>";
  for (const auto& column : table.columns) out += fmt::format("<th>{}</th>", escape_html(column));
  out += "</tr>\n";
  for (const auto& [name, cells] : table.rows) {
    out += fmt::format("<tr><td>{}</td>", escape_html(name));
    for (const auto& cell : cells) out += fmt::format("<td>{}</td>", escape_html(cell));
    out += "</tr>\n";
  }
  return out + "</table>\n";
}

/// All plain figures of an object, one row each.
std::string figures(const std::string& title, const Json& object, const std::set<std::string>& leave_out) {
  if (!object.is_object() || object.empty()) return "";
  std::string out = fmt::format("<h2>{}</h2><table>\n", title);
  for (const auto& [key, value] : object.items()) {
    if (!leave_out.contains(key)) out += row(key, text_of(value));
  }
  return out + "</table>\n";
}

std::string confusion(const Json& classes) {
  const auto& matrix = child(classes, "confusion");
  if (!matrix.is_object()) return "";
  std::set<std::string> labels;
  for (const auto& [truth, line] : matrix.items()) {
    labels.insert(truth);
    for (const auto& [predicted, count] : line.items()) labels.insert(predicted);
  }
  constexpr std::size_t kMostLabels = 40;
  if (labels.size() > kMostLabels) return "<p>Too many classes for a picture of the confusion matrix.</p>\n";
  std::string out =
      "<h2>Confusion matrix</h2><p>Rows: the truth. Columns: what the program said.</p><table><tr><th></th>";
  for (const auto& label : labels) out += fmt::format("<th>{}</th>", escape_html(label));
  out += "</tr>\n";
  for (const auto& [truth, line] : matrix.items()) {
    double sum = 0;
    for (const auto& [predicted, count] : line.items()) sum += count.get<double>();
    out += fmt::format("<tr><th>{}</th>", escape_html(truth));
    for (const auto& label : labels) {
      const auto count = line.value(label, 0);
      const auto share = sum > 0 ? count / sum : 0;
      const auto* const colour = label == truth ? "26,127,55" : "192,54,44";
      out += fmt::format("<td style=\"background:rgba({},{:.2f})\">{}</td>", colour, 0.75 * share, count);
    }
    out += "</tr>\n";
  }
  return out + "</table>\n";
}

std::string records(const Json& measured) {
  const auto& all = child(measured, "records");
  if (!all.is_object() || all.empty()) return "";
  std::string out =
      "<h2>Records</h2><table><tr><th>record</th><th>true</th><th>found</th><th>matched</th><th>precision</th>"
      "<th>recall</th><th>timing error, ms</th></tr>\n";
  for (const auto& [id, score] : all.items()) {
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                       escape_html(id), text_of(child(score, "truth")), text_of(child(score, "predicted")),
                       text_of(child(score, "matched")), text_of(child(score, "precision")),
                       text_of(child(score, "recall")), text_of(child(score, "mean_abs_error_ms")));
  }
  return out + "</table>\n";
}

std::string pictures_part(const ReportPictures& pictures) {
  std::string out;
  for (const auto& signal : pictures.signals) {
    out += fmt::format(
        "<figure>{}<figcaption>Record {}, {:.1f} s from {:.1f} s on. {} "
        "Dots: events that the program found.</figcaption></figure>\n",
        signal_svg(signal), escape_html(signal.record), signal.seconds, signal.start_s,
        signal.spans_s.empty() ? "Lines at the top: true events." : "Bands: true intervals.");
  }
  if (!pictures.answers.empty()) {
    out += fmt::format(
        "<figure>{}<figcaption>Each item: its true number to the right, the predicted one upwards{}; the "
        "line is where both are equal.</figcaption></figure>\n",
        answers_svg(pictures.answers),
        pictures.unit.empty() ? "" : fmt::format(" (both in {})", escape_html(pictures.unit)));
  }
  if (!pictures.positions.empty()) {
    out += fmt::format(
        "<figure>{}<figcaption>Each item, seen from above: a ring at its true position, a dot where the program puts "
        "it.</figcaption></figure>\n",
        positions_svg(pictures.positions));
  }
  return out.empty() ? "" : "<h2>Pictures</h2>\n" + out;
}

/// Reasons to doubt a figure that looks good.
std::string doubts(const Json& measured) {
  const auto& list = child(measured, "doubts");
  if (!list.is_array() || list.empty()) return "";
  std::string out = "<h2>Doubts</h2><ul>\n";
  for (const auto& one : list) {
    out += fmt::format("<li><b>{}</b>: {}</li>\n", text_of(child(one, "kind")), text_of(child(one, "text")));
  }
  return out + "</ul>\n";
}

std::string quoted(const std::string& title, const Json& value) {
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) return "";
  return fmt::format("<h2>{}</h2><pre>{}</pre>\n", title, text_of(value));
}

}  // namespace

std::string report_page(const Json& report, const ReportPictures& pictures) {
  const bool accepted = report.value("accepted", false);
  const auto& measured = child(report, "measured");
  std::string out =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>gpiot report</title>\n";
  out += kStyle;
  out += fmt::format("<h1>Run {}, {} part: <span class=\"{}\">{}</span></h1>\n<p>{}</p>\n",
                     text_of(child(report, "run")), text_of(child(report, "part")), accepted ? "good" : "bad",
                     accepted ? "accepted" : "not accepted", text_of(child(report, "summary")));
  out += quoted("What is wrong", child(report, "problem"));
  out += thresholds(measured);
  out += doubts(measured);
  out += comparison(measured);
  out += figures("Events", child(measured, "pooled"), {});
  out += figures("Segments between change points, mean of the records", child(measured, "segments"), {});
  out += figures("Alarms (no point adjustment)", child(measured, "anomalies"), {});
  out += figures("Classes", child(measured, "classes"), {"confusion", "classes", "baseline"});
  out += confusion(child(measured, "classes"));
  out += figures("Figures of the evaluator", child(measured, "own"), {});
  out += figures("Numbers", child(measured, "values"), {"baseline", "persistence"});
  out += figures("Positions, in m", child(measured, "positions"), {"baseline"});
  out += figures("Exact answers", child(measured, "exact"), {"baseline"});
  out += figures("Synthetic signals with known truth (a hint, no measurement of your data)", child(measured, "fixture"),
                 {});
  out += pictures_part(pictures);
  out += records(measured);
  out += figures("Budget", child(report, "budget"), {});
  out += quoted("What the program says of itself (claimed, not measured)", child(child(report, "program"), "claimed"));
  out +=
      figures("Made with", report, {"measured", "budget", "program", "problem", "summary", "prompts", "app", "schema"});
  return out + "</html>\n";
}

}  // namespace gpiot::pipeline
