#include "gpiot/pipeline/svg_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "gpiot/base/strings.h"

namespace gpiot::pipeline {
namespace {

constexpr double kWidth = 900;
constexpr double kHeight = 240;
constexpr double kMargin = 30;

/// Lowest and highest of what is added; never of no width.
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  [[nodiscard]] double share(double value) const { return high > low ? (value - low) / (high - low) : 0.5; }
};

std::string open(double width, double height) {
  return fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" width=\"{}\" height=\"{}\">", width, height, width,
                     height);
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
  }
  return out;
}

std::string signal_svg(const SignalPicture& picture) {
  Range range;
  for (const auto& [low, high] : picture.columns) {
    range.add(low);
    range.add(high);
  }
  const double top = kMargin;
  const double height = kHeight - 2 * kMargin;
  const auto x_of = [&](double seconds) {
    return kMargin + (kWidth - 2 * kMargin) * (seconds - picture.start_s) / std::max(picture.seconds, 1e-9);
  };
  const auto y_of = [&](double value) { return top + height * (1 - range.share(value)); };
  std::string path;
  const auto count = static_cast<double>(picture.columns.size());
  for (std::size_t i = 0; i < picture.columns.size(); ++i) {
    const double x = kMargin + (kWidth - 2 * kMargin) * (static_cast<double>(i) + 0.5) / std::max(count, 1.0);
    path += fmt::format("{}{:.1f} {:.1f}L{:.1f} {:.1f}", i == 0 ? "M" : "L", x, y_of(picture.columns[i].first), x,
                        y_of(picture.columns[i].second));
  }
  std::string out = open(kWidth, kHeight);
  out += fmt::format("<path class=\"axis\" d=\"M{0} {1}H{2}\"/>", kMargin, kHeight - kMargin, kWidth - kMargin);
  out += fmt::format("<path class=\"signal\" d=\"{}\"/>", path);
  for (const auto& [start, end] : picture.spans_s) {
    out += fmt::format("<rect class=\"span\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\"/>", x_of(start), top,
                       std::max(x_of(end) - x_of(start), 1.0), height);
  }
  for (const double event : picture.truth_s) {
    out += fmt::format("<path class=\"truth\" stroke-width=\"2\" d=\"M{0:.1f} 4V{1}\"/>", x_of(event), kMargin - 6);
  }
  for (const double event : picture.found_s) {
    out += fmt::format("<circle class=\"found\" cx=\"{:.1f}\" cy=\"{}\" r=\"4\"/>", x_of(event), kMargin);
  }
  out += fmt::format(
      "<text x=\"{}\" y=\"{}\">{:.1f} s</text><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{:.1f} s</text>", kMargin,
      kHeight - 8, picture.start_s, kWidth - kMargin, kHeight - 8, picture.start_s + picture.seconds);
  out += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>", kMargin, kHeight - kMargin - 4, escape_html(picture.unit));
  return out + "</svg>";
}

std::string answers_svg(const std::vector<std::pair<double, double>>& answers) {
  constexpr double kSide = 360;
  constexpr std::size_t kMostPoints = 2000;
  Range range;
  for (const auto& [truth, predicted] : answers) {
    range.add(truth);
    range.add(predicted);
  }
  const auto at = [&](double value) { return kMargin + (kSide - 2 * kMargin) * range.share(value); };
  std::string out = open(kSide, kSide);
  out += fmt::format("<path class=\"axis\" d=\"M{0} {1}L{1} {0}M{0} {0}V{1}H{1}\"/>", kMargin, kSide - kMargin);
  const std::size_t step = std::max<std::size_t>(1, answers.size() / kMostPoints);
  for (std::size_t i = 0; i < answers.size(); i += step) {
    out += fmt::format("<circle class=\"found\" fill-opacity=\".5\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"/>",
                       at(answers[i].first), kSide - at(answers[i].second));
  }
  out += fmt::format(
      "<text x=\"{0}\" y=\"{1}\">{2:.4g}</text><text x=\"{3}\" y=\"{1}\" text-anchor=\"end\">{4:.4g}</text>", kMargin,
      kSide - 10, range.low, kSide - kMargin, range.high);
  return out + "</svg>";
}

std::string positions_svg(
    const std::vector<std::pair<std::pair<double, double>, std::pair<double, double>>>& positions) {
  constexpr double kSide = 420;
  constexpr std::size_t kMostPoints = 1000;
  Range x;
  Range y;
  for (const auto& [truth, told] : positions) {
    for (const auto& [a, b] : {truth, told}) {
      x.add(a);
      y.add(b);
    }
  }
  const double width = std::max({x.high - x.low, y.high - y.low, 1e-9});
  const double scale = (kSide - 2 * kMargin) / width;
  const auto at = [&](const std::pair<double, double>& point) {
    return std::pair(kMargin + scale * (point.first - x.low), kSide - kMargin - scale * (point.second - y.low));
  };
  std::string out = open(kSide, kSide);
  out += fmt::format("<path class=\"axis\" d=\"M{0} {0}V{1}H{1}\"/>", kMargin, kSide - kMargin);
  const std::size_t step = (positions.size() + kMostPoints - 1) / kMostPoints;
  for (std::size_t i = 0; i < positions.size(); i += step) {
    const auto [x1, y1] = at(positions[i].first);
    const auto [x2, y2] = at(positions[i].second);
    out += fmt::format("<path class=\"axis\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>", x1, y1, x2, y2);
    out += fmt::format("<circle class=\"truth\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>", x1, y1);
    out += fmt::format("<circle class=\"found\" fill-opacity=\".6\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\"/>", x2, y2);
  }
  out += fmt::format(
      "<text x=\"{0}\" y=\"{1}\">{2:.4g}, {3:.4g} m</text><text x=\"{4}\" y=\"{1}\" text-anchor=\"end\">+ {5:.4g} "
      "m</text>",
      kMargin, kSide - 10, x.low, y.low, kSide - kMargin, width);
  return out + "</svg>";
}

}  // namespace gpiot::pipeline
