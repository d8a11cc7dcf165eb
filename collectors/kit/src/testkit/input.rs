//! What a collector is pointed at in a test.

use std::any::Any;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{FakeServer, Gate, MARKER};

/// Settings and what they point to: a fake server, a folder, whatever must live as long.
pub struct Input {
    settings: String,
    server: Option<FakeServer>,
    folder: Option<TempDir>,
    kept: Vec<Box<dyn Any>>,
}

/// An input at which the collector hangs, and the gate that is reached when it does.
pub struct Held {
    /// The input.
    pub input: Input,
    /// Reached when the collector waits for what does not come.
    pub gate: Gate,
}

impl Input {
    /// An input with a settings table as TOML.
    pub fn new(settings: impl Into<String>) -> Self {
        Self {
            settings: settings.into(),
            server: None,
            folder: None,
            kept: Vec::new(),
        }
    }

    /// The same, with the fake server that the settings point to.
    pub fn with_server(mut self, server: FakeServer) -> Self {
        self.server = Some(server);
        self
    }

    /// The same, with the folder of files that the settings point to.
    pub fn with_folder(mut self, folder: TempDir) -> Self {
        self.folder = Some(folder);
        self
    }

    /// The same, keeping something alive as long as the input.
    pub fn keeping(mut self, kept: impl Any) -> Self {
        self.kept.push(Box::new(kept));
        self
    }

    /// The settings table as TOML.
    pub fn settings(&self) -> &str {
        &self.settings
    }

    /// The fake server.
    pub fn server(&self) -> Option<&FakeServer> {
        self.server.as_ref()
    }

    /// The folder of files.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_ref().map(TempDir::path)
    }

    /// A text in which this input's own address and paths are replaced by words, to compare two inputs.
    pub(super) fn without_places(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(server) = &self.server {
            let socket = server.socket().display().to_string();
            text = text.replace(server.url(), "{{url}}");
            if !socket.is_empty() {
                text = text.replace(&socket, "{{socket}}");
            }
        }
        if let Some(folder) = self.folder() {
            text = text.replace(&folder.display().to_string(), "{{folder}}");
        }
        text
    }

    /// Whether the marker was planted: in the settings, in a file, or in something that the server sent.
    pub(super) fn is_marked(&self) -> bool {
        self.settings.contains(MARKER)
            || self.server.as_ref().is_some_and(FakeServer::sent_marker)
            || self.files().iter().any(|(_, bytes)| {
                let mut windows = bytes.windows(MARKER.len());
                windows.any(|window| window == MARKER.as_bytes())
            })
    }

    /// The regular files below the folder with their bytes, sorted. Large ones are cut: their length tells.
    pub(super) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders: Vec<PathBuf> = self.folder().map(Path::to_owned).into_iter().collect();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let Ok(kind) = entry.file_type() else {
                    continue;
                };
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    files.push((entry.path(), head(&entry.path())));
                }
            }
        }
        files.sort();
        files
    }
}

fn head(path: &Path) -> Vec<u8> {
    use std::io::Read;
    let mut bytes = Vec::new();
    if let Ok(file) = std::fs::File::open(path) {
        let length = file.metadata().map_or(0, |about| about.len());
        let _ = file.take(4 << 20).read_to_end(&mut bytes);
        bytes.extend(length.to_le_bytes());
    }
    bytes
}
