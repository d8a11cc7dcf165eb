//! `plimsoll backup`.

use super::args::BackupArgs;
use super::door::{Door, Out};
use super::exit::Exit;
use crate::store::Store;

pub(super) fn run(
    door: &Door,
    args: &BackupArgs,
    quiet: bool,
    out: &mut Out,
) -> anyhow::Result<Exit> {
    let settings = &door.config.store;
    let store = Store::open_existing(&settings.path, settings.busy_timeout)?;
    let bytes = store.backup(&args.file)?;
    // A copy of what is damaged is better than none, and is not called whole.
    if let Err(damaged) = store.verify_bodies() {
        let file = args.file.display();
        anyhow::bail!(
            "{file} is made, {bytes} bytes, as damaged as what it was made of: {damaged}"
        );
    }
    if !quiet {
        let file = args.file.display();
        out.write(|out| {
            writeln!(out, "{file}: {bytes} bytes, read whole, no damage")?;
            let key = settings.key_file.display();
            writeln!(
                out,
                "The redaction key is not in it: keep {key} apart from it."
            )
        })?;
    }
    Ok(Exit::Clean)
}
