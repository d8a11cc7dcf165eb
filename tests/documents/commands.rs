//! What documents tell people to run, against the program's own definition of its command line.

use std::fmt::Write as _;

use clap::{Command, CommandFactory as _};
use plimsoll::cli::args::Cli;

use crate::page::Page;

/// What ends a command within a line of shell.
const ENDS: &[&str] = &["|", "||", "&&", ";", ">", ">>", "<", "2>", "&", "#"];

fn program() -> Command {
    let mut program = Cli::command();
    program.build();
    program
}

/// Commands that are not there, and options that they do not have.
pub(crate) fn mistakes(page: &Page) -> Vec<String> {
    let program = program();
    let mut lines: Vec<(usize, &str)> = page.code().collect();
    lines.extend(page.spans());
    let mut mistakes = Vec::new();
    for (number, line) in lines {
        for words in commands(line) {
            if let Some(mistake) = mistake(&program, &words) {
                mistakes.push(format!("{}:{number}: {mistake}: {line}", page.path));
            }
        }
    }
    mistakes
}

/// The words after `plimsoll`, or after `cargo run … --`, for each time that it is run in a line.
fn commands(line: &str) -> Vec<Vec<String>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        let first = before.is_none_or(|before| {
            ENDS.contains(before) || ["--", "sudo"].contains(before) || before.ends_with(';')
        });
        let bare = word.trim_start_matches("$(");
        let ours = bare == "plimsoll" || bare.ends_with("release/plimsoll");
        let by_cargo = *word == "--" && line.contains("cargo run") && !line.contains("--example");
        if (ours && (first || bare != *word)) || by_cargo {
            let rest = words.iter().skip(at + 1);
            let rest = rest.take_while(|word| !ENDS.contains(word));
            found.push(rest.map(|word| (*word).to_owned()).collect());
        }
    }
    found
}

fn mistake(program: &Command, words: &[String]) -> Option<String> {
    let mut command = program;
    for word in words {
        let word = word.trim_end_matches([';', ')', ',']);
        if let Some(option) = word.strip_prefix("--") {
            let name = option.split('=').next().unwrap_or_default();
            let there = ["help", "version", ""].contains(&name)
                || command
                    .get_arguments()
                    .any(|argument| argument.get_long() == Some(name));
            if !there {
                let of = command.get_name();
                return Some(format!("`{of}` has no option --{name}"));
            }
        } else if let Some(inner) = command.find_subcommand(word) {
            command = inner;
        } else if command.has_subcommands() {
            let name = word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            let value = words.iter().any(|word| word == "--config");
            if name && !value && !word.is_empty() {
                return Some(format!("`{}` has no command {word}", command.get_name()));
            }
        }
    }
    None
}

/// The page of all commands.
pub(crate) fn reference() -> String {
    let mut page = String::from(
        "# Commands\n\nThis page is made from the program's own help; a test compares the two. `plimsoll COMMAND --help` \
         has\nexamples.\n\n",
    );
    let program = program();
    page.push_str("| command | does |\n| --- | --- |\n");
    for command in commands_of(&program) {
        let name = command.get_name();
        let _ = writeln!(
            page,
            "| [`plimsoll {name}`](#plimsoll-{name}) | {} |",
            about(command)
        );
    }
    page.push_str("\n## For every command\n\n");
    arguments(&program, &mut page);
    for command in commands_of(&program) {
        section(
            command,
            &format!("plimsoll {}", command.get_name()),
            2,
            &mut page,
        );
    }
    page
}

fn commands_of(command: &Command) -> impl Iterator<Item = &Command> {
    command
        .get_subcommands()
        .filter(|inner| inner.get_name() != "help")
}

fn about(command: &Command) -> String {
    let about = command.get_about().map(ToString::to_string);
    about.unwrap_or_default()
}

fn section(command: &Command, name: &str, depth: usize, page: &mut String) {
    let _ = write!(
        page,
        "\n{} {name}\n\n{}.\n",
        "#".repeat(depth),
        about(command)
    );
    let aliases: Vec<String> = command
        .get_visible_aliases()
        .map(|alias| format!("`{alias}`"))
        .collect();
    if !aliases.is_empty() {
        let _ = writeln!(page, "\nAlso called {}.", aliases.join(", "));
    }
    if command.get_arguments().any(shown) {
        page.push('\n');
        arguments(command, page);
    }
    for inner in commands_of(command) {
        section(
            inner,
            &format!("{name} {}", inner.get_name()),
            depth + 1,
            page,
        );
    }
}

/// Those that every command has stand once, at the head of the page.
fn shown(argument: &clap::Arg) -> bool {
    !argument.is_hide_set()
        && !argument.is_global_set()
        && !["help", "version"].contains(&argument.get_id().as_str())
}

fn arguments(command: &Command, page: &mut String) {
    page.push_str("| argument | meaning |\n| --- | --- |\n");
    let top = command.get_name() == "plimsoll";
    for argument in command.get_arguments() {
        if !(shown(argument) || top && argument.is_global_set()) {
            continue;
        }
        let names = argument.get_value_names().unwrap_or_default();
        let takes = argument.get_action().takes_values();
        let value = names.first().map(|name| name.to_string()).filter(|_| takes);
        let mut name = match (argument.get_long(), value) {
            (Some(long), Some(value)) => format!("--{long} {value}"),
            (Some(long), None) => format!("--{long}"),
            (None, value) => value.unwrap_or_else(|| argument.get_id().to_string()),
        };
        if let Some(short) = argument.get_short() {
            name = format!("-{short}, {name}");
        }
        let help = argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let help = help.replace('|', "\\|");
        let values: Vec<String> = argument
            .get_possible_values()
            .iter()
            .filter(|_| takes)
            .map(|value| format!("`{}`", value.get_name()))
            .collect();
        let choice = match values.is_empty() {
            true => String::new(),
            false => format!(": {}", values.join(", ")),
        };
        let _ = writeln!(page, "| `{name}` | {help}{choice} |");
    }
}
