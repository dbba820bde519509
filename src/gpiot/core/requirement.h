#pragma once

#include <cstdint>
#include <optional>
#include <string>
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

/// Where the data is and what one record of it gives to the program.
struct DataFacts {
  std::string path;              ///< folder, relative to the project, or absolute
  std::string format;            ///< "wfdb", "csv", "npy"
  std::string files;             ///< glob of the record files, e.g. "*.hea"; the file stem is the record's id
  std::string channel;           ///< wfdb: signal name; csv: column name; npy: unused
  double rate_hz = 0;            ///< sampling rate of `channel`; 0 = not stated
  std::vector<Variable> inputs;  ///< what the program is given per record, in order: the signal, then scalars
};

/// Where the truth is. It is withheld from the programs that are measured.
struct LabelFacts {
  std::string format;                ///< "wfdb-annotations", "csv"; empty = no labels
  std::string files;                 ///< glob, e.g. "*.atr"; the file stem is the record's id
  std::vector<std::string> symbols;  ///< wfdb: annotation symbols that count as an event; empty = all
  std::string column;                ///< csv: column with the event's sample index
};

/// Which records are for choosing and repair, and which are run once at the end.
struct SplitFacts {
  std::string by = "file";
  std::vector<std::string> development;  ///< record ids; empty = by share
  std::vector<std::string> final_part;   ///< record ids; empty = by share
  double final_share = 0.4;              ///< of the records, where no ids are given
  std::uint64_t seed = 1;
};

/// What the program must hand over for each record.
struct ResultContract {
  std::string kind = "events";  ///< "events": indices in increasing order within the record
  Variable variable;            ///< e.g. r_peaks, numpy.ndarray, int64, (n_events,), samples
};

/// How the result is measured, and what counts as good.
struct EvaluatorFacts {
  std::string kind;  ///< "events", or "contract" where there are no labels
  double tolerance_ms = 150;
  std::optional<double> precision;  ///< thresholds, [0, 1]
  std::optional<double> recall;
};

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

}  // namespace gpiot::core
