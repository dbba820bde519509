#include "gpiot/pipeline/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/pipeline/draft_marks.h"
#include "gpiot/pipeline/draft_place.h"
#include "gpiot/pipeline/draft_split.h"
#include "gpiot/pipeline/draft_text.h"
#include "gpiot/pipeline/from_text.h"
#include "gpiot/project/requirement_file.h"

namespace gpiot::pipeline {
namespace {

using base::Error;
using base::ErrorCode;
using base::Json;

constexpr std::string_view kWhere = "pipeline.init";

/// Works on one group of like files.
class Drafter {
 public:
  /// `beside` is a group of label files with the names of the records, null where there is none.
  Drafter(const Json& group, const Json* beside, const DraftWishes& wishes)
      : group_(group), beside_(beside), wishes_(wishes) {
    auto& requirement = draft_.requirement;
    requirement.statement = base::trim(wishes.statement);
    requirement.title = title_of(requirement.statement);
    requirement.data.path = std::filesystem::absolute(wishes.data).lexically_normal().string();
    requirement.data.format = text(group, "format");
    requirement.data.files = pattern_of(group);
    for (const auto& fact : child(group, "facts")) {
      if (fact.is_string()) draft_.facts.push_back(one_line_of(fact.get<std::string>()));
    }
  }

  Draft make() {
    label_ = chosen(places(child(group_, "labels")), wishes_.label, "label", group_);
    subject_ = chosen(places(child(group_, "subjects")), wishes_.subject, "subject", group_);
    find_marks();
    find_position();
    find_frame();
    set_rate();
    set_result();
    set_items();
    set_inputs();
    set_labels();
    draft_split(draft_.requirement, group_, label_, subject_, guesses());
    auto& requirement = draft_.requirement;
    if (requirement.result.learned) requirement.packages.emplace_back("sklearn");
    return std::move(draft_);
  }

 private:
  void guess(const std::string& what, const std::string& why) {
    draft_.guesses.push_back(why.empty() ? what : what + ": " + why);
  }

  [[nodiscard]] Guess guesses() {
    return [this](const std::string& what, const std::string& why) { guess(what, why); };
  }

  void find_marks() {
    const auto labels = places(child(group_, "labels"));
    marks_ = marks_in(group_, labels, wishes_);
    if (marks_) label_.reset();
  }

  /// Coordinates as labels, unless the user names another label or result.
  void find_position() {
    const bool wanted = wishes_.result.empty() || wishes_.result == "position";
    if (wanted && wishes_.label.empty()) position_ = position_in(group_, wishes_.statement);
    if (position_) label_.reset();
    if (position_ || wishes_.result != "position") return;
    throw Error(
        ErrorCode::InvalidArgument, kWhere,
        "the data holds no positions: expected an array \"position\" with two or three coordinates for each item, "
        "or columns pos_x and pos_y",
        "name labels.columns in requirement.md");
  }

  /// The field with what a device may have sent; empty where there is none.
  [[nodiscard]] std::string sent() const {
    return frame_field(group_, [this](const std::string& name) { return is_label(name); });
  }

  /// What a device sent, beside what is to be read from it.
  void find_frame() {
    const auto found = sent();
    if (found.empty() || marks_ || position_) return;
    if (label_ && (label_->place == "key" || label_->place == "column")) {
      frame_ = found;
      return;
    }
    guess("what " + found + " holds is not used",
          "it looks like what a device sent; --label names what is to be read from it");
  }

  void set_rate() {
    if (!frame_.empty()) return;
    const auto& rate = child(group_, "rate_hz");
    double& rate_hz = draft_.requirement.data.rate_hz;
    if (wishes_.rate_hz > 0) {
      rate_hz = wishes_.rate_hz;
    } else if (child(rate, "value").is_number()) {
      rate_hz = child(rate, "value").get<double>();
      if (child(rate, "sure") != true) guess(fmt::format("sampling rate {:g} Hz", rate_hz), text(rate, "why"));
    } else if (rate_hz = rate_in_words(wishes_.statement); rate_hz > 0) {
      guess(fmt::format("sampling rate {:g} Hz", rate_hz), "from your words, no file states it");
    } else {
      guess("sampling rate unknown", "no file states it; write data.rate_hz, or leave it out where there is none");
    }
  }

  void set_result() {
    auto& result = draft_.requirement.result;
    const bool few = label_ && label_->values > 0 && label_->values <= 200;
    const bool annotated = label_ && label_->place == "atr" && wishes_.result.empty() && !position_;
    if (marks_ || annotated) {
      result.kind = "events";
    } else if (position_) {
      result.kind = "position";
    } else if (!wishes_.result.empty()) {
      result.kind = wishes_.result;
    } else if (label_) {
      result.kind = few ? "class" : "value";
      guess("the result is a " + result.kind, "from the labels; --result says it otherwise");
    } else {
      const auto said = kind_in_words(wishes_.statement);
      result.kind = said.empty() || said == "class" ? "events" : said;
      guess("the result is: " + result.kind,
            said == "class"
                ? "your words ask for classes, but no labels were found to learn them from; --label names them"
                : "from your words, there are no labels; --result says it otherwise");
    }
    result.learned =
        position_ || (label_.has_value() && label_->place != "atr" && result.kind != "events" && frame_.empty());
    if (result.kind == "position") {
      const auto shape = fmt::format("({},)", position_->axes);
      result.variable = {"position", "numpy.ndarray", "float64", shape, "m", "where the item is"};
      guess("positions are in m", "the files do not say");
    } else if (result.kind == "class") {
      result.variable = {"label", "str", "", "", "", described("the class of one item")};
    } else if (result.kind == "value") {
      result.variable = {"value", "float", "", "", "", described("the number wanted for one item")};
    } else {
      result.variable = {"events",      "numpy.ndarray", "int64",
                         "(n_events,)", "samples",       "sample index of each event, increasing"};
    }
  }

  [[nodiscard]] std::string described(const std::string& plain) const {
    if (!label_ || label_->names.empty()) return plain;
    const auto text = "one of " + base::join(label_->names, ", ");
    return text.size() <= 300 ? text : plain;
  }

  [[nodiscard]] bool is_label(const std::string& name) const {
    const bool coordinate = position_ && (position_->key == name ||
                                          std::ranges::find(position_->columns, name) != position_->columns.end());
    return coordinate || (marks_ && marks_->column == name) || (label_ && label_->name == name) ||
           (subject_ && subject_->name == name);
  }

  void set_items() {
    auto& data = draft_.requirement.data;
    const std::string& format = data.format;
    const bool by_row = label_ && (label_->place == "key" || label_->place == "file" || label_->place == "column" ||
                                   label_->place == "ts");
    const bool whole_tables = format == "ts" || format == "arff" || format == "jsonl";
    if (by_row || whole_tables || position_ || !frame_.empty()) data.items = "row";
  }

  void set_inputs() {
    auto& data = draft_.requirement.data;
    const bool table = data.format == "csv" || data.format == "arff";
    if (!frame_.empty()) {
      const auto name = base::to_identifier(frame_, 40);
      const bool bytes = child(field_of(group_, frame_), "hexadecimal") == true;
      add({name, "str", "", "", "", bytes ? "one frame of bytes as hexadecimal text" : "one line of text"},
          {.key = frame_});
    } else if (table && data.items == "row") {
      add_columns();
    } else if (data.format == "wfdb" || table) {
      add_channel();
    } else {
      add_array();
    }
    if (data.rate_hz > 0 && (data.items != "row" || !table)) {
      data.inputs.push_back({"rate_hz", "float", "", "", "Hz", "sampling rate"});
      data.sources.emplace_back();
    }
  }

  void add(core::Variable variable, core::InputSource source) {
    draft_.requirement.data.inputs.push_back(std::move(variable));
    draft_.requirement.data.sources.push_back(std::move(source));
  }

  /// Where there are no numbers.
  [[nodiscard]] std::string remedy() const {
    return sent().empty() ? "" : "name with --label what is to be read from " + sent();
  }

  /// All columns of numbers that may serve, side by side.
  void add_columns() {
    const auto columns = input_columns(group_, [this](const std::string& name) { return is_label(name); });
    for (const auto& [name, why] : columns.left_out) guess("column " + name + " is left out", why);
    if (columns.used.empty())
      throw Error(ErrorCode::Data, kWhere, "the table has no column of numbers to work with", remedy());
    add({"values", "numpy.ndarray", "float64", fmt::format("({},)", columns.used.size()), "",
         ("columns " + base::join(columns.used, ", ")).substr(0, 380)},
        {.columns = columns.used});
  }

  void add_channel() {
    auto& data = draft_.requirement.data;
    const auto channels = input_columns(group_, [this](const std::string& name) { return is_label(name); }).used;
    if (channels.empty()) throw Error(ErrorCode::Data, kWhere, "the files hold no signal of numbers", remedy());
    if (marks_ && channels.size() > 1) {
      return add({"signals", "numpy.ndarray", "float64", fmt::format("(n_samples, {})", channels.size()), "",
                  ("columns " + base::join(channels, ", ")).substr(0, 380)},
                 {.columns = channels});
    }
    data.channel = channels.front();
    add({"signal", "numpy.ndarray", "float64", "(n_samples,)", text(field_of(group_, data.channel), "unit"),
         "channel " + data.channel + " of one record"},
        {});
    if (channels.size() > 1)
      guess("the signal is channel " + data.channel, "the first one; data.channel names another");
  }

  void add_array() {
    const auto& data = draft_.requirement.data;
    const Json* field = item_field(group_, [this](const std::string& name) { return is_label(name); });
    if (field == nullptr) throw Error(ErrorCode::Data, kWhere, "the files hold no array of numbers", remedy());
    const auto& shape = child(*field, "shape");
    std::vector<std::string> dims;
    constexpr std::array kFree = {"n_samples", "n_channels", "n_depth", "n_other"};
    for (std::size_t axis = data.items == "row" ? 1 : 0; axis < shape.size(); ++axis) {
      const auto place = std::min<std::size_t>(dims.size(), kFree.size() - 1);
      dims.push_back(shape[axis].is_number() && data.items == "row" ? base::dump_json(shape[axis]) : kFree.at(place));
    }
    const auto name = text(*field, "name");
    const auto identifier = data.format == "wav" ? std::string("sound") : base::to_identifier(name, 40);
    const bool nameless = data.format != "wav" && (name.size() < 2 || identifier == "x");
    const auto called = nameless ? std::string("signal") : identifier;
    add({called, "numpy.ndarray", "float64", fmt::format("({}{})", base::join(dims, ", "), dims.size() == 1 ? "," : ""),
         text(*field, "unit"), name.empty() ? "one item" : "array " + name + " of one item"},
        {data.format == "npz" || data.format == "mat" || data.format == "jsonl" ? name : "", {}});
  }

  void set_labels() {
    auto& requirement = draft_.requirement;
    const bool events = requirement.result.kind == "events";
    requirement.evaluator.kind = "contract";
    if (position_) return set_coordinates();
    if (marks_) return draft_marks(requirement, *marks_, guesses());
    if (events && !label_ && set_event_files()) return;
    if (events && label_ && label_->place != "atr" && !wishes_.label.empty()) refuse_for_events(*label_);
    if (!label_ || (events && label_->place != "atr")) return;
    auto& labels = requirement.labels;
    if (label_->place == "atr") {
      labels = {.format = "wfdb-annotations", .files = "*.atr"};
      labels.symbols = base::split("N L R B A a J S V r F e j n E / f Q ?", ' ');
      requirement.evaluator = {.kind = "events", .precision = 0.95, .recall = 0.95};
      return;
    }
    labels.format = label_->place == "ts" ? "column" : label_->place;
    if (label_->place == "ts") labels.column = "label";
    if (label_->place == "column") labels.column = label_->name;
    if (label_->place == "key") labels.key = label_->name;
    if (label_->place == "name") labels.pattern = label_->name;
    labels.names_key = label_->names_key;
    if (labels.names_key.empty()) labels.names = label_->names;
    if (label_->place == "file") {
      labels.format = "key";
      labels.files = label_->name;
    }
    if (label_->place == "json") {
      throw Error(ErrorCode::Unsupported, kWhere,
                  fmt::format("the labels lie in a file of their own, {}: this cannot be read yet", label_->name),
                  "put data and labels into one .npz, or give --label none");
    }
    requirement.evaluator.kind = requirement.result.kind == "class" ? "classification" : "regression";
    const auto words = base::to_lower(wishes_.statement);
    if (words.find("parse") != std::string::npos || words.find("decode") != std::string::npos) {
      requirement.evaluator.kind = "exact";
      guess("answers have to be equal", "your words ask for a parser; \"" +
                                            core::evaluators_of(requirement.result.kind).front() +
                                            "\" measures how near they are");
    }
    if (!label_->sure) guess(fmt::format("labels from {} {}", label_->place, label_->name), label_->why);
  }

  void set_coordinates() {
    auto& requirement = draft_.requirement;
    const bool table = requirement.data.format == "csv" || requirement.data.format == "arff";
    requirement.labels = {.format = table ? "column" : "key", .key = position_->key, .columns = position_->columns};
    requirement.evaluator.kind = "localisation";
  }

  /// Label files beside the records. True where there are some that can be read.
  bool set_event_files() {
    auto& requirement = draft_.requirement;
    const auto columns = beside_ == nullptr || core::is_table(requirement) ? std::nullopt : event_columns_in(*beside_);
    if (!columns || (requirement.data.rate_hz <= 0 && columns->kind != "events")) return false;
    requirement.labels = {
        .format = "csv", .files = text(*beside_, "glob"), .column = columns->column, .end_column = columns->end_column};
    requirement.evaluator.kind = columns->kind;
    draft_tolerance(requirement, guesses());
    guess(fmt::format("labels from the files {}", requirement.labels.files),
          fmt::format("as many as records, with a column \"{}\"", columns->column));
    return true;
  }

  const Json& group_;
  const Json* beside_;
  const DraftWishes& wishes_;
  Draft draft_;
  std::optional<Place> label_;
  std::optional<Place> subject_;
  std::optional<Marks> marks_;
  std::optional<PositionPlace> position_;
  std::string frame_;  ///< the field with what a device sent; empty where there is none
};

}  // namespace

Draft draft_requirement(const Json& look, const DraftWishes& wishes) {
  const auto& groups = child(look, "groups");
  const Json& group = main_group(groups, wishes.data, wishes.files);
  const Json* beside = event_group(groups, group);
  auto draft = Drafter(group, beside, wishes).make();
  // A pattern that matches the label files, too, is right only where these are the labels.
  const auto but = text(child(group, "apart"), "but");
  if (text(group, "glob").empty() && draft.requirement.labels.files != but) refuse_without_pattern(group);
  if (const auto note = threshold_note(draft.requirement.evaluator); !note.empty()) draft.guesses.push_back(note);
  if (const auto note = unused_note(groups, group, beside); !note.empty()) draft.guesses.push_back(note);
  return draft;
}

}  // namespace gpiot::pipeline
