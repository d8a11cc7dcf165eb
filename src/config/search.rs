//! Which file the configuration is in.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use plimsoll_kit::Surroundings;
use plimsoll_settings::{Mistake, Mistakes};

use super::file::Unreadable;

/// The configuration's path: `explicit`, which has to be there, or the first that is; none where none is.
/// `here` is the working folder. A file that is there and cannot be read is the one, so that it is never passed
/// over in silence.
pub(super) fn find(
    explicit: Option<&Path>,
    here: &Path,
    surroundings: &Surroundings,
) -> Result<Option<PathBuf>, Mistakes> {
    if let Some(path) = explicit {
        return Ok(Some(path.to_owned()));
    }
    for path in places(here, surroundings) {
        match path.symlink_metadata() {
            Ok(_) => return Ok(Some(path)),
            Err(error) if is_absent(error.kind()) => {}
            Err(error) => {
                let name = path.display().to_string();
                let mistake: Mistake = Unreadable::from(error).mistake(&name);
                return Err(Mistakes::new(vec![mistake]));
            }
        }
    }
    Ok(None)
}

fn is_absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn places(here: &Path, surroundings: &Surroundings) -> Vec<PathBuf> {
    let user = base_folder(surroundings, "XDG_CONFIG_HOME", ".config");
    let mut places = vec![here.join("config.toml")];
    places.extend(user.map(|folder| folder.join("plimsoll/config.toml")));
    places.push(surroundings.path("/etc/plimsoll/config.toml"));
    places
}

/// A base folder of the user: what the variable says, else the one of that name in the home folder. A relative path in
/// the variable does not count, as the XDG base directory specification has it.
pub(super) fn base_folder(
    surroundings: &Surroundings,
    variable: &str,
    in_home: &str,
) -> Option<PathBuf> {
    let set = surroundings.variable(variable).map(PathBuf::from);
    set.filter(|folder| folder.is_absolute())
        .or_else(|| Some(surroundings.home()?.join(in_home)))
        .map(|folder| surroundings.path(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_wins() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let find = |xdg: &'static str| {
            let variables = move |name: &str| match name {
                "HOME" => Some("/home/me".to_owned()),
                "XDG_CONFIG_HOME" => Some(xdg.to_owned()),
                _ => None,
            };
            let found = find(
                None,
                &root.join("work"),
                &Surroundings::new(variables, root),
            );
            let found = found.unwrap()?;
            Some(found.strip_prefix(root).unwrap().display().to_string())
        };
        let put = |path: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        assert_eq!(find(""), None);
        for (path, xdg) in [
            ("etc/plimsoll/config.toml", ""),
            ("home/me/.config/plimsoll/config.toml", "relative"),
            ("xdg/plimsoll/config.toml", "/xdg"),
            ("work/config.toml", "/xdg"),
        ] {
            put(path);
            assert_eq!(find(xdg).as_deref(), Some(path));
        }
    }

    #[test]
    fn an_explicit_file_is_the_one_even_when_it_is_missing() {
        let nowhere = Surroundings::new(|_| None, "/nonexistent");
        let path = Path::new("other.toml");
        let found = find(Some(path), Path::new("/"), &nowhere).unwrap();
        assert_eq!(found.as_deref(), Some(path));
    }
}
