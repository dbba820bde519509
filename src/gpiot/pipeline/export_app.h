#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {

/// What a finished app/ can be handed on as.
struct ExportWishes {
  bool notebook = false;  ///< app/app.ipynb: the sub-tasks and a run on the development view, outputs included
  bool docker = false;    ///< app/Dockerfile and .dockerignore
  bool systemd = false;   ///< app/NAME.service and NAME.timer
};

/// Writes the files into app/ with the state rules of every generated file (edited ones are kept, `.new` beside).
/// The notebook's cells are run in the sandbox. Gives the files written, relative to the project.
/// Errors: NotFound without app/; InvalidArgument where nothing is wished; Check where a cell of the notebook fails;
/// Sandbox, Data, Io.
[[nodiscard]] std::vector<std::string> export_app(Workbench& bench, const ExportWishes& wishes);

/// True for a file that `export_app` makes: it is no part of the program that was measured.
[[nodiscard]] bool is_exported(const std::filesystem::path& file);

/// A notebook of nbformat 4.5 from cells: {"kind": "markdown" | "code", "source", "outputs"}.
[[nodiscard]] base::Json make_notebook(const base::Json& cells);

}  // namespace gpiot::pipeline
