#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gpiot/base/json.h"

namespace gpiot::pipeline {

/// A stretch of one record for a picture.
struct SignalPicture {
  std::string record;
  std::string unit;
  double start_s = 0;
  double seconds = 0;
  std::vector<std::pair<double, double>> columns;       ///< lowest and highest value, left to right
  std::vector<double> truth_s;                          ///< true events within, from the start of the record
  std::vector<double> found_s;                          ///< events that the program reported
  std::vector<std::pair<double, double>> spans_s = {};  ///< true intervals within
};

/// What the page shows beside the report; empty parts are left out.
struct ReportPictures {
  std::vector<SignalPicture> signals;
  std::vector<std::pair<double, double>> answers;  ///< true and predicted number of each item
  std::string unit;                                ///< of the answers
  /// True and told position of each item, the first two coordinates.
  std::vector<std::pair<std::pair<double, double>, std::pair<double, double>>> positions = {};
};

/// One HTML page of a report.json: verdict, figures against thresholds, confusion matrix, records, pictures, budget,
/// what the program claims, and what it was made with. No script, nothing from elsewhere; all texts are escaped, since
/// the report quotes untrusted output.
[[nodiscard]] std::string report_page(const base::Json& report, const ReportPictures& pictures);

}  // namespace gpiot::pipeline
