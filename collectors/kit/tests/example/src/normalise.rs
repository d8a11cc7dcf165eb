//! From a message to an asset. Pure: no I/O, no clock.

use plimsoll_kit::Redactor;
use plimsoll_kit::model::{Asset, AssetId, Claim};

/// The id of a deck's message: the deck's name, which survives a new message.
pub(crate) fn id(name: &str) -> AssetId {
    AssetId::of("motd", &[name])
}

/// The asset for a message; or what is wrong with it, without showing what it says.
pub(crate) fn asset(name: &str, text: &str, redactor: &Redactor) -> Result<Asset, String> {
    let mut asset = Asset::new(id(name), "motd", name);
    for (at, line) in text.lines().enumerate() {
        let basis = format!("{name}.motd, line {}", at + 1);
        match line.split_once(" = ") {
            Some(("officer", officer)) => {
                asset.claim("officer", Claim::reported(officer).by(basis));
            }
            Some(("text", text)) => {
                let mark = redactor.mark_sized(&asset.id, "text", text.as_bytes());
                asset.claim("text", Claim::reported(mark).by(basis));
            }
            _ => {
                return Err(format!(
                    "{basis}: neither `officer` nor `text`; mend the line"
                ));
            }
        }
    }
    if asset.get("officer").is_none() {
        let why = format!("{name}.motd names no officer");
        asset.claim("officer", Claim::unknown(why));
    }
    Ok(asset)
}
