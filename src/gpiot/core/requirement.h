#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpiot::core {

/// A value that flows between sub-tasks: an input of the requirement, or the output of a sub-task.
struct Variable {
  std::string name;   ///< Python identifier
  std::string type;   ///< "numpy.ndarray", "float", "int", "str", "list", "dict", "tuple", "bool"
  std::string dtype;  ///< of an array: "float64", "int64", "bool"; else empty
  std::string shape;  ///< of an array: "(n_samples,)"; else empty
  std::string unit;   ///< "mV", "Hz", "samples"; empty where there is none
  std::string description;
  bool operator==(const Variable&) const = default;
};

/// Where one input of an item stands in a file that holds several things.
struct InputSource {
  std::string key = {};  ///< npz, mat, jsonl: array or field; empty = the only one, or `DataFacts::channel`
  std::vector<std::string> columns = {};  ///< tables: columns, side by side
  bool operator==(const InputSource&) const = default;
};

/// Where the data is and what one item (record) of it gives to the program.
struct DataFacts {
  std::string path = {};                  ///< folder, relative to the project, or absolute
  std::string format = {};                ///< "wfdb", "csv", "npy", "npz", "wav", "mat", "jsonl", "arff", "ts"
  std::string files = {};                 ///< glob of the data files, e.g. "*.hea"
  std::string channel = {};               ///< wfdb: signal name; csv: column name; npy: unused
  double rate_hz = 0;                     ///< sampling rate of `channel`; 0 = not stated
  std::vector<Variable> inputs = {};      ///< what the program is given per item, in order: the signal, then scalars
  std::string items = "file";             ///< one item is a "file", a "row" (entry along the first axis), or a "window"
  double window_s = 0;                    ///< of a window
  double step_s = 0;                      ///< between starts of windows; 0 = window_s
  std::vector<InputSource> sources = {};  ///< of `inputs`, as many
};

/// Where the truth is. It is withheld from the programs that are measured.
struct LabelFacts {
  std::string format = {};  ///< events: "wfdb-annotations", "csv", "marks"; one label per item: "key", "column",
                            ///< "folder", "name", "lines"; empty = no labels
  std::string files = {};   ///< events: glob, e.g. "*.atr"; the file stem is the record's id. lines, key: the file
  std::vector<std::string> symbols = {};  ///< wfdb: annotation symbols that count as an event; empty = all
  std::string column = {};                ///< csv: column with the event's sample index; column: that of the label;
                                          ///< marks: column of the record's own file, other than 0 at an event
  std::string key = {};                   ///< key: array with one label per item
  std::string pattern = {};               ///< name: of the file stem, "{label}_{speaker}_{take}"
  std::string names_key = {};             ///< key: array with the names of labels that are whole numbers
  std::vector<std::string> names = {};    ///< the same, stated here
  std::string end_column = {};            ///< csv: `column` is the first sample of an interval, this one its last
  std::vector<std::string> columns = {};  ///< positions: columns (or arrays) with one coordinate each
};

/// Which items are for learning, choosing and repair, and which are run once at the end.
struct SplitFacts {
  std::string by = "file";               ///< "file", "subject", "index" (seeded), "time" (the last share of each file)
  std::vector<std::string> development;  ///< ids of records or subjects; empty = by share
  std::vector<std::string> final_part;   ///< the same
  double final_share = 0.4;              ///< where no ids are given
  std::uint64_t seed = 1;
  std::string subject = {};  ///< array, column or field of the pattern that names the subject
  std::uint64_t limit = 0;   ///< at most so many items in all, seeded; 0 = all
};

/// What the program must hand over for each record.
struct ResultContract {
  std::string kind = "events";  ///< "events": indices in increasing order; "class": one label; "value": one number;
                                ///< "position": two or three coordinates in m
  Variable variable;            ///< e.g. r_peaks, numpy.ndarray, int64, (n_events,), samples
  bool learned = false;         ///< the program is given labelled items of the development part to learn from
};

/// "f_beta >= 0.9": a bound for a figure of the user's own evaluator.
struct WantedFigure {
  std::string metric;
  double bound = 0;
  bool upper = false;  ///< at most, not at least
  bool operator==(const WantedFigure&) const = default;
};

/// How the result is measured, and what counts as good.
struct EvaluatorFacts {
  std::string kind = {};  ///< of events: "events", "change_points", "anomaly"; "classification"; "regression";
                          ///< "exact" (class or value); "localisation"; "file" (the user's own); or "contract" where
                          ///< there are no labels
  double tolerance_ms = 150;
  std::optional<double> precision = {};  ///< thresholds of events, [0, 1]
  std::optional<double> recall = {};
  std::optional<double> accuracy = {};  ///< of classification, [0, 1]
  std::optional<double> macro_f1 = {};
  std::optional<double> mae = {};  ///< of regression, in the result's unit: upper bounds
  std::optional<double> rmse = {};
  std::optional<double> r2 = {};          ///< a lower bound
  std::string file = {};                  ///< of kind "file": Python with score(truth, predicted), in the project
  std::vector<WantedFigure> wanted = {};  ///< of kind "file"; the first one ranks candidates
  std::optional<double> covering = {};    ///< of change points, [0, 1]
  std::optional<double> false_alarms_per_hour = {};  ///< of anomalies: an upper bound
  std::optional<double> mean_error = {};             ///< of positions, in the result's unit: upper bounds
  std::optional<double> median_error = {};
  std::optional<double> within_radius = {};  ///< share of positions off by at most `radius`
  std::optional<double> exact = {};          ///< share of answers that are equal, [0, 1]
  double radius = 0;                         ///< of positions, in the result's unit; 0 = not stated
  double tolerance = 0;                      ///< of exact numbers, in the result's unit
  std::uint64_t horizon_items = 1;           ///< of regression split by time: the label so many items back is known
};

/// One threshold that a requirement may state for its evaluator.
struct ThresholdKey {
  std::string_view key;  ///< in [evaluator], and the name of the figure measured
  std::optional<double> EvaluatorFacts::* value;
  std::vector<std::string_view> kinds;  ///< the evaluators that measure it
  bool share;                           ///< lies in [0, 1]
  bool upper;                           ///< at most, not at least
};

/// All of them, in the order of reports.
[[nodiscard]] const std::vector<ThresholdKey>& threshold_keys();

/// Whether `facts` says what has to be reached.
[[nodiscard]] bool states_threshold(const EvaluatorFacts& facts);

/// How much nearer to perfection than it has to be.
struct Margin {
  double of_the_way = 0;  ///< of a share, from its threshold to 1
  double less = 0;        ///< of an upper bound
};
/// What just reaches a threshold on some records misses it on others as often as not.
inline constexpr Margin kSafe{0.3, 0.15};
/// Where a search for more would only fit the records that it sees.
inline constexpr Margin kAmple{0.75, 0.5};

/// `facts` with every threshold that is stated nearer to perfection.
[[nodiscard]] EvaluatorFacts with_margin(EvaluatorFacts facts, const Margin& margin);

/// The evaluators that fit a kind of result, besides "file" and "contract"; the first is the usual one.
[[nodiscard]] std::vector<std::string> evaluators_of(std::string_view result_kind);

/// Limits that are tests.
struct Budget {
  std::optional<double> memory_mb;      ///< 10^6 bytes
  std::string memory_counts = "total";  ///< "total", or "growth" over the imports
  std::optional<double> wall_s;         ///< for one run over the part measured
};

/// requirement.md: a statement and its TOML front matter.
struct Requirement {
  std::string title;
  std::string statement;  ///< Markdown, at most 8000 bytes
  DataFacts data;
  LabelFacts labels;
  SplitFacts split;
  ResultContract result;
  EvaluatorFacts evaluator;
  Budget budget;
  std::vector<std::string> packages = {"numpy", "scipy"};  ///< import names the program may use
};

/// Data that is read into a table of items in the sandbox (runtime/table.py); else records of one channel that the host
/// hands over as files.
[[nodiscard]] bool is_table(const Requirement& requirement);

/// Whether the truth is stretches of samples, and not single ones.
[[nodiscard]] bool has_intervals(const Requirement& requirement);

/// Coordinates of a position, by the shape of the result: "(2,)" is 2; 0 where the result is no position.
[[nodiscard]] std::size_t position_axes(const ResultContract& result);

}  // namespace gpiot::core
