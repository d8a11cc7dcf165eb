//! The result of a scan as one value, and its views.

mod value;

pub use value::{
    ChangeRow, ControlRow, CoverageRow, DriftRow, IgnoredRow, Observed, Report, SCHEMA, ScanRow,
    Summary, SystemRow, Verdict,
};
