//! Exit codes: an interface that scripts rely on.

use crate::report::Outcome;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: all is as it should be.
    Clean,
    /// 1: anything that has no code of its own; the error says what.
    Failed,
    /// 10: drift, or an unapproved change.
    Drift,
    /// 11: no drift was seen, and something could not be read.
    Incomplete,
    /// 20: the configuration, or a file that it names, has mistakes.
    BadConfiguration,
}

impl Exit {
    /// The number. 2 is for wrong usage, which the parser of the command line answers itself.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Clean => 0,
            Exit::Failed => 1,
            Exit::Drift => 10,
            Exit::Incomplete => 11,
            Exit::BadConfiguration => 20,
        }
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Clean => Exit::Clean,
            Outcome::Drift => Exit::Drift,
            Outcome::Incomplete => Exit::Incomplete,
        }
    }
}
