//! When sources are due: cron expressions in a time zone, and the plan of what runs next. Pure: the time is handed in.

mod cron;
mod field;
mod plan;
mod timing;

#[cfg(test)]
mod tests;

pub use cron::Schedule;
pub use plan::{Due, LONGEST_WAIT, Plan};
pub use timing::Timing;
