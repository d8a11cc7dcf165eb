//! A role's baseline as it holds: resolved over what it extends.

use std::sync::Arc;

use plimsoll_model::Text;

use super::environment::Environment;
use super::expect::Check;
use super::types::Severity;

/// What must hold for the systems of one role.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// The role's name: its file's name without `.toml`.
    pub name: Text,
    /// What kind of system it is, in a few words.
    pub title: Text,
    /// The baselines that it extends, the nearest first.
    pub extends: Vec<Text>,
    /// Whether its systems are front ends or back ends; none where that does not matter.
    pub side: Option<Side>,
    /// Whether its systems hold protected health or other sensitive information.
    pub sensitive: bool,
    /// What must hold, in order of control and id.
    pub expectations: Vec<Arc<Expectation>>,
    /// The file that it stands in.
    pub file: Text,
}

/// Which side of the front-end and back-end line a system is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What people see: portals, dashboards, proxies in front of them.
    Frontend,
    /// What does the work and holds the data: application and database servers.
    Backend,
}

impl Side {
    /// The word used in baselines and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Frontend => "front end",
            Side::Backend => "back end",
        }
    }
}

/// One line of a baseline.
#[derive(Debug)]
pub struct Expectation {
    /// Its id, unique in its baseline.
    pub id: Text,
    /// The control that it answers to.
    pub control: Text,
    /// How bad it is when it does not hold.
    pub severity: Severity,
    /// What it expects, for a person.
    pub expected: Text,
    /// The baseline that says so.
    pub baseline: Text,
    /// Why it was switched off; none where it holds.
    pub off: Option<Text>,
    /// The names of the facts that it looks at. Findings share them: there can be many of one expectation.
    pub facts: Arc<[Text]>,
    /// The kinds that it applies to; empty for all.
    pub(crate) kinds: Vec<Text>,
    /// The environments that it applies to, and systems without one; empty for all.
    pub(crate) environments: Vec<Environment>,
    /// The platforms that it applies to, and systems that name none; empty for all.
    pub(crate) platforms: Vec<Text>,
    pub(crate) check: Box<dyn Check>,
}
