//! The words for what the policy says of a change.

use serde::{Deserialize, Serialize};

/// What the approval policy says of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// There is proof that it was approved before it was made.
    Approved,
    /// Every source of approvals was read, and there is none.
    Unapproved,
    /// Its approval may still come in time (an emergency's sign-off).
    Pending,
    /// Its approval did not come in time.
    Overdue,
    /// There is no proof either way.
    Unproven,
    /// The policy asks for none.
    #[serde(rename = "not required")]
    NotRequired,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Verdict; 6] = [
        Verdict::Approved,
        Verdict::Unapproved,
        Verdict::Pending,
        Verdict::Overdue,
        Verdict::Unproven,
        Verdict::NotRequired,
    ];

    /// Whether a change with it counts against the whole: it lacks the approval that it needs, or nobody can tell.
    pub fn counts_as_drift(self) -> bool {
        match self {
            Verdict::Unapproved | Verdict::Overdue | Verdict::Unproven => true,
            Verdict::Approved | Verdict::Pending | Verdict::NotRequired => false,
        }
    }

    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Approved => "approved",
            Verdict::Unapproved => "unapproved",
            Verdict::Pending => "pending",
            Verdict::Overdue => "overdue",
            Verdict::Unproven => "unproven",
            Verdict::NotRequired => "not required",
        }
    }
}
