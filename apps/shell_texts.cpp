#include <fmt/format.h>

#include <memory>

#include "gpiot/base/strings.h"
#include "settings.h"

namespace gpiot::apps {
namespace {

/// One command as its words, e.g. {"model", "pull"}, with the flags it takes.
struct Command {
  std::vector<std::string> words;
  std::vector<const CLI::Option*> options;
  std::string description;
};

void collect(const CLI::App& app, const std::vector<std::string>& words, std::vector<Command>& commands) {
  Command command{words, {}, app.get_description()};
  for (const auto* option : app.get_options()) {
    if (!option->get_group().empty()) command.options.push_back(option);  // others are not shown to users
  }
  commands.push_back(std::move(command));
  for (const auto* sub : app.get_subcommands(nullptr)) {
    auto deeper = words;
    deeper.push_back(sub->get_name());
    collect(*sub, deeper, commands);
  }
}

std::vector<std::string> long_flags(const Command& command) {
  std::vector<std::string> flags;
  for (const auto* option : command.options) {
    for (const auto& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

std::vector<std::string> subcommands(const std::vector<Command>& commands, const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const auto& command : commands) {
    if (command.words.size() == words.size() + 1 && std::equal(words.begin(), words.end(), command.words.begin())) {
      names.push_back(command.words.back());
    }
  }
  return names;
}

/// What follows the example of a description, on one line.
std::string purpose(const std::string& description) {
  const auto gap = description.find("\n\n");
  return base::replace_all(gap == std::string::npos ? description : description.substr(gap + 2), "\n", " ");
}

std::string bash(const std::vector<Command>& commands) {
  std::string cases;
  for (const auto& command : commands) {
    auto words = subcommands(commands, command.words);
    for (const auto& flag : long_flags(command)) words.push_back(flag);
    cases += fmt::format("    \"{}\") words=\"{}\" ;;\n", base::join(command.words, " "), base::join(words, " "));
  }
  return fmt::format(
      R"(# gpiot completion bash > /etc/bash_completion.d/gpiot
_gpiot() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} path="" part words=""
  for part in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $part in -*) ;; {0}) path="${{path:+$path }}$part" ;; esac
  done
  case $path in
{1}  esac
  COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word"))
}}
complete -o filenames -F _gpiot gpiot
)",
      [&] {
        std::vector<std::string> names;
        for (const auto& command : commands) {
          if (!command.words.empty()) names.push_back(command.words.back());
        }
        return base::join(names, "|");
      }(),
      cases);
}

std::string fish(const std::vector<Command>& commands) {
  const auto quoted = [](const std::string& text) { return "'" + base::replace_all(text, "'", "\\'") + "'"; };
  std::string out = "# gpiot completion fish > ~/.config/fish/completions/gpiot.fish\n";
  for (const auto& command : commands) {
    std::string condition = "__fish_use_subcommand";
    if (!command.words.empty()) {
      condition = "__fish_seen_subcommand_from " + command.words.front();
      if (command.words.size() > 1) condition += "; and __fish_seen_subcommand_from " + command.words.back();
    }
    for (const auto& name : subcommands(commands, command.words)) {
      auto words = command.words;
      words.push_back(name);
      const auto found = std::ranges::find(commands, words, &Command::words);
      out += fmt::format("complete -c gpiot -n {} -a {} -d {}\n", quoted(condition), name,
                         quoted(purpose(found->description)));
    }
    for (const auto* option : command.options) {
      for (const auto& name : option->get_lnames()) {
        out += fmt::format("complete -c gpiot -n {} -l {} -d {}\n", quoted(condition), name,
                           quoted(option->get_description()));
      }
    }
  }
  return out;
}

std::string man(const std::vector<Command>& commands) {
  const auto plain = [](const std::string& text) {
    return base::replace_all(base::replace_all(text, "\\", "\\\\"), "-", "\\-");
  };
  std::string out = fmt::format(".TH GPIOT 1 \"\" \"gpiot {}\"\n.SH NAME\ngpiot \\- {}\n", GPIOT_VERSION,
                                plain(purpose(commands.front().description)));
  out += ".SH SYNOPSIS\n.B gpiot\nCOMMAND [OPTIONS]\n.SH COMMANDS\n";
  for (const auto& command : commands) {
    if (command.words.empty()) continue;
    out +=
        fmt::format(".SS gpiot {}\n{}\n", plain(base::join(command.words, " ")), plain(purpose(command.description)));
    for (const auto* option : command.options) {
      const auto name = option->get_name(false, true);
      if (name.empty() || option->get_lnames().empty()) continue;
      out += fmt::format(".TP\n.B {}\n{}\n", plain(name), plain(option->get_description()));
    }
  }
  out +=
      ".SH ENVIRONMENT\nEach setting of the commands is a flag, an environment variable GPIOT_NAME and a key of "
      "config.toml: see\n.BR \"gpiot config show \\-\\-origin\" .\n.SH EXIT STATUS\n0 accepted or done, 2 wrong input, "
      "3 "
      "a check failed or the result is not accepted, 4 no safe sandbox, 5 model or download, 6 a file or the data "
      "cannot be understood, 130 "
      "interrupted.\n";
  return out;
}

}  // namespace

void register_shell_commands(CLI::App& app) {
  auto* completion =
      app.add_subcommand("completion",
                         "Example: gpiot completion bash > ~/.local/share/bash-completion/completions/gpiot"
                         "\n\nCompletion of commands and options for a shell.");
  auto shell = std::make_shared<std::string>();
  completion->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([&app, shell] {
    std::vector<Command> commands;
    collect(app, {}, commands);
    if (*shell == "fish") {
      fmt::print("{}", fish(commands));
    } else {
      fmt::print("{}{}", *shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "", bash(commands));
    }
  });
  auto* page = app.add_subcommand("man", "Example: gpiot man | man -l -\n\nThe manual page.");
  page->callback([&app] {
    std::vector<Command> commands;
    collect(app, {}, commands);
    fmt::print("{}", man(commands));
  });
}

}  // namespace gpiot::apps
