//! What a fuzzer found worth keeping, read again without one.

use std::path::Path;

/// Calls a parser with every file of `fuzz/corpus/NAME`, whole, cut off in many places, and with a byte altered here and there.
///
/// # Panics
/// When there is no such folder or nothing in it, and whenever the parser does.
pub fn replay(name: &str, read: impl Fn(&[u8])) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let folder = root.join(name);
    let files = std::fs::read_dir(&folder);
    let files = files.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = files
        .map(|file| file.unwrap_or_else(|error| panic!("{}: {error}", folder.display())))
        .map(|file| file.path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    for path in paths {
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        read(&bytes);
        let step = (bytes.len() / 32).max(1);
        for at in (0..bytes.len()).step_by(step) {
            read(bytes.get(..at).unwrap_or_default());
            for other in [b'"', 0xff, b'0', b'}'] {
                let mut altered = bytes.clone();
                if let Some(byte) = altered.get_mut(at) {
                    *byte = other;
                }
                read(&altered);
            }
        }
    }
}
