//! A document in Markdown: its prose, its code and its links.

use std::path::{Path, PathBuf};

/// One document of the tree.
pub(crate) struct Page {
    /// Its path from the root of the tree.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A fenced block of code.
pub(crate) struct Block {
    /// The number of the line that opens it.
    pub(crate) line: usize,
    pub(crate) language: String,
    /// Without the indentation of the fence.
    pub(crate) text: String,
}

/// The root of the tree.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Page {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let (path, text) = (path.to_owned(), text.to_owned());
        Self { path, text }
    }

    pub(crate) fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(root().join(path));
        Self::new(
            path,
            &text.unwrap_or_else(|error| panic!("{path}: {error}")),
        )
    }

    /// Every document of the tree, but for those that the program wrote.
    pub(crate) fn all() -> Vec<Self> {
        let mut pages = Vec::new();
        let mut open = vec![PathBuf::new()];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(root().join(&folder)).unwrap() {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                let path = folder.join(&name);
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    let left_out = ["target", ".git", "testcases", "node_modules"];
                    if !left_out.contains(&name.as_str()) {
                        open.push(path);
                    }
                } else if name.ends_with(".md") && path != Path::new("reports/report.md") {
                    pages.push(Self::read(path.to_str().unwrap()));
                }
            }
        }
        pages.sort_by(|a, b| a.path.cmp(&b.path));
        pages
    }

    /// The folder that its relative links start from.
    pub(crate) fn folder(&self) -> PathBuf {
        root().join(&self.path).parent().unwrap().to_owned()
    }

    /// Each line that is no code, with its number.
    pub(crate) fn prose(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut fenced = false;
        self.numbered().filter(move |(_, line)| {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
                return false;
            }
            !fenced && !line.starts_with("    ")
        })
    }

    /// Each line of code in a fence or indented by four, with its number.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut fenced = false;
        self.numbered().filter(move |(_, line)| {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
                return false;
            }
            fenced || line.starts_with("    ")
        })
    }

    fn numbered(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line))
    }

    /// What stands in `code font` within prose, with the number of its line.
    pub(crate) fn spans(&self) -> impl Iterator<Item = (usize, &str)> {
        self.prose().flat_map(|(number, line)| {
            let spans = line.split('`').skip(1).step_by(2);
            spans.map(move |span| (number, span))
        })
    }

    /// The target of each link and picture in prose, with the number of its line.
    pub(crate) fn links(&self) -> impl Iterator<Item = (usize, &str)> {
        self.prose().flat_map(|(number, line)| {
            let links = line.split("](").skip(1);
            links.filter_map(move |rest| Some((number, rest.split_once(')')?.0)))
        })
    }

    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut indent = None;
        for (number, line) in self.numbered() {
            let bare = line.trim_start();
            match (bare.strip_prefix("```"), indent) {
                (Some(_), Some(_)) => indent = None,
                (Some(language), None) => {
                    indent = Some(line.len() - bare.len());
                    blocks.push(Block {
                        line: number,
                        language: language.to_owned(),
                        text: String::new(),
                    });
                }
                (None, Some(depth)) => {
                    let block = blocks.last_mut().unwrap();
                    block.text.push_str(line.get(depth..).unwrap_or_default());
                    block.text.push('\n');
                }
                (None, None) => {}
            }
        }
        blocks
    }

    /// What can follow `#` in a link to it: its headings as forges and mdBook write them.
    pub(crate) fn anchors(&self) -> Vec<String> {
        let headings = self.prose().filter(|(_, line)| line.starts_with('#'));
        headings
            .map(|(_, line)| {
                let title = line.trim_start_matches('#').trim().to_lowercase();
                let kept = title.chars().filter_map(|c| match c {
                    ' ' => Some('-'),
                    c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
                    _ => None,
                });
                kept.collect()
            })
            .collect()
    }
}
