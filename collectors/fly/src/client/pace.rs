//! How often each kind of call may be made, and of whom.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use plimsoll_kit::http::Budget;

/// The vendor's limit for each action and identifier is one a second, three at once. A little less is asked for: two requests that leave a
/// second apart may arrive closer together.
const PER_SECOND: f64 = 0.9;
const BURST: u32 = 3;

/// A budget for each action and whom it is asked of, as the vendor counts.
pub(super) struct Pace {
    paced: bool,
    budgets: Mutex<HashMap<(String, String), Budget>>,
}

impl Pace {
    pub(super) fn new(paced: bool) -> Self {
        Self {
            paced,
            budgets: Mutex::default(),
        }
    }

    /// The budget for an action on something: an app, an organisation. The same for the same two.
    pub(super) fn of(&self, action: &str, of: &str) -> Budget {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        let budget = budgets.entry((action.to_owned(), of.to_owned()));
        let made = budget.or_insert_with(|| match self.paced {
            true => Budget::new(PER_SECOND, BURST),
            false => Budget::unlimited(),
        });
        made.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn each_action_on_each_app_has_its_own() {
        let pace = Pace::new(true);
        let start = tokio::time::Instant::now();
        for app in ["a", "b"] {
            for action in ["machines", "secrets"] {
                for _ in 0..3 {
                    pace.of(action, app).take().await;
                }
            }
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        pace.of("machines", "a").take().await;
        assert_eq!(start.elapsed().as_millis(), 1112);
        let free = Pace::new(false);
        for _ in 0..100 {
            free.of("machines", "a").take().await;
        }
        assert_eq!(start.elapsed().as_millis(), 1112);
    }
}
