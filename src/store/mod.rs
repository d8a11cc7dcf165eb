//! All SQL: the inventory in one SQLite file. Nothing else knows that there is a database.
//!
//! Changes are stored, not scans: an unchanged asset costs a later scan no row. Versions of assets and relations
//! are valid from one scan to another, so every question can be asked as of a past time.

mod backup;
mod body;
mod clock;
mod commit;
mod cursors;
mod damage;
mod error;
mod key;
mod load;
mod lock;
mod open;
mod outbox;
mod read;
mod reads;
mod records;
mod recover;
mod rename;
mod retention;
mod retired;
mod seal;
mod state;
mod verdicts;
mod walk;

pub use backup::BackupError;
pub use commit::{
    Commit, WriteChange, WriteInventory, WriteOutcome, WriteRead, WriteRelation, WriteVersion,
};
pub use cursors::{KnownReading, ReadBy, SettingsMark};
pub use damage::{is_damaged, turned};
pub use error::StoreError;
pub use key::redaction_key;
pub use lock::SourceLock;
pub use open::Store;
pub use outbox::{Claimed, DeliveryRow, DeliveryState, LogRow, NoticeRow, Remote};
pub use read::{AssetVersion, ScanInfo, StoredChange};
pub use reads::SourceReads;
pub use records::{Containment, Kept, PastChange, Telling, WriteAction, WriteRequest, newest_time};
pub use recover::{RecoveredTable, Recovery, recover};
pub use retired::{KnownSource, RetiredSource};
pub use state::{KnownRelation, LastRead, Numbers, ScopeState, State, Wanted};
pub use verdicts::LoggedRead;
pub use walk::{Walk, WalkError};

use jiff::Timestamp;

/// A time as the database holds it.
fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// A time from the database; one out of range is the nearest there is.
fn time(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}
