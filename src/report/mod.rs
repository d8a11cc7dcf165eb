//! The result of a scan as one value, and its views.

mod build;
mod bundle;
pub mod csv;
mod delta;
mod group;
pub mod html;
pub mod json;
pub mod markdown;
mod outcome;
mod tame;
pub mod text;
mod value;
mod when;

pub(crate) use tame::{is_unruly, tame};

pub use build::{ControlInfo, Input, build};
pub use outcome::Outcome;
pub use value::{
    AccessRow, ChangeRow, ControlRow, CoverageRow, DriftRow, IgnoredRow, Observed, RejudgedRow,
    Remarks, Report, SCHEMA, ScanRow, Summary, SystemRow, Uncompared, UnjudgedRow, Verdict,
};
