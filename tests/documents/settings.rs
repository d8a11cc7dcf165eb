//! Blocks of TOML in documents, tried by the program.

use std::path::Path;
use std::process::Command;

use crate::page::{Block, Page};

/// What a block is an example of.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Configuration,
    Policy,
    Baseline,
}

impl Kind {
    /// By the tables that no other kind has.
    fn of(block: &Block) -> Self {
        let has = |table: &str| block.text.lines().any(|line| line.trim() == table);
        if has("[[rule]]") || has("[[exempt]]") {
            Self::Policy
        } else if block.text.contains("[[expect]]") || block.text.contains("[[match]]") {
            Self::Baseline
        } else {
            Self::Configuration
        }
    }
}

/// How many blocks a page has, and what is wrong with them. The pages of collectors show parts of their own settings,
/// of which only the syntax can be checked.
pub(crate) fn mistakes(page: &Page) -> (usize, Vec<String>) {
    let blocks: Vec<Block> = page
        .blocks()
        .into_iter()
        .filter(|block| block.language == "toml" && !block.text.contains("{{#include"))
        .collect();
    let mut mistakes = Vec::new();
    for block in &blocks {
        let place = format!("{}:{}", page.path, block.line);
        let result = match toml::from_str::<toml::Table>(&block.text) {
            Err(error) => Err(error.to_string()),
            Ok(_) if page.path.starts_with("collectors/") || page.path.starts_with("crates/") => {
                Ok(())
            }
            Ok(_) => check(page, block, &blocks),
        };
        if let Err(why) = result {
            mistakes.push(format!("{place}: {why}"));
        }
    }
    (blocks.len(), mistakes)
}

/// The name under which the page says to save a block of this kind, or one of ours.
fn file_name(page: &Page, block: &Block) -> String {
    let after = page
        .text
        .lines()
        .skip(block.line)
        .collect::<Vec<_>>()
        .join(" ");
    let after = after.split_once("```").map_or("", |(_, rest)| rest);
    let named = after.trim_start().strip_prefix("Save it as `");
    let named = named.and_then(|rest| Some(rest.split_once('`')?.0));
    named.unwrap_or("approval/page.toml").to_owned()
}

fn check(page: &Page, block: &Block, all: &[Block]) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    // What one block of a page names may be in another one.
    for other in all.iter().filter(|other| Kind::of(other) == Kind::Policy) {
        write(&file_name(page, other), &other.text);
    }
    let configuration = match Kind::of(block) {
        Kind::Configuration => block.text.clone(),
        Kind::Policy => {
            let name = file_name(page, block);
            let stem = Path::new(&name).file_stem().unwrap().to_str().unwrap();
            format!("[approval]\npolicy = \"{stem}\"\npaths = [\"{name}\"]\n")
        }
        Kind::Baseline => {
            let own = block.text.contains("extends = \"base\"");
            let name = if own { "base.toml" } else { "page.toml" };
            write(name, &block.text);
            format!("[baselines]\npaths = [\"{name}\"]\n")
        }
    };
    write("config.toml", &configuration);
    let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["check", "--offline", "--config", "config.toml"])
        .current_dir(folder.path())
        .env_clear()
        .env("HOME", folder.path())
        .env("PATH", "/usr/bin:/bin")
        .output()
        .map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
