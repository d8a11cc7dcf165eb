//! What every collector holds to, each rule a test of its own.
//!
//! A collector's `tests/conformance.rs` implements [`Subject`] and ends with `plimsoll_kit::conformance!(TheSubject);`.
//! Nothing here is about HTTP: an input is settings with whatever they point to, a [fake
//! server](crate::testkit::FakeServer), a folder, a program, a pipe.

mod cut;
mod faults;
mod reads;
mod secrets;
mod settings;

use super::{Held, Input, build};
use crate::{Collector, Limits, Registration};

pub use cut::{a_cut_anywhere_is_honest, timeout_marks_scope_incomplete};
pub use faults::{absence_is_a_trouble, broken_item_keeps_the_rest, unbounded_input_meets_a_cap};
pub use reads::{only_reads, same_harvest_twice};
pub use secrets::leaks_no_secret;
pub use settings::settings_are_checked_offline;

/// A collector under test: how to make its input go well and badly.
///
/// Each call makes a fresh input. A server or folder that belongs to an input is handed over with it
/// ([`Input::with_server`], [`Input::with_folder`]), so that the rules can look at what was asked and left behind.
pub trait Subject {
    /// The collector's registration.
    fn registration(&self) -> Registration;

    /// An input that is read completely and gives at least two assets or requests. Wherever the outside system can hold a
    /// secret (a variable, an argument, an annotation, a URL's user info) it holds one that starts with
    /// [`MARKER`](super::MARKER).
    fn healthy(&self) -> Input;

    /// The healthy input with everything that has no order in another order; the same where nothing is in the collector's
    /// hands to shuffle.
    fn shuffled(&self) -> Input;

    /// The healthy input with one item broken (a field of a wrong type, with the marker in it), and the ids of the assets
    /// and requests that may be missing or differ for it.
    fn broken_item(&self) -> (Input, Vec<String>);

    /// An input in which an answer is held up half-way; none where the collector waits for nothing outside itself.
    fn hanging(&self) -> Option<Held>;

    /// An input that never ends: an endless answer, line or file.
    fn endless(&self) -> Input;

    /// Settings that point to something that is not there.
    fn absent(&self) -> Input;

    /// Settings that are wrong, each alone: a wrong type, a value out of range, two keys that exclude each other.
    fn bad_settings(&self) -> Vec<&'static str>;

    /// Limits under which [`endless`](Self::endless) must stop; by default the usual ones with 64 KiB for an answer.
    fn tight(&self) -> Limits {
        Limits {
            bytes: 64 << 10,
            ..Limits::default()
        }
    }

    /// Builds the collector. To be replaced where settings alone do not do, as for one that reads a tree.
    fn build(&self, input: &Input) -> Box<dyn Collector> {
        build(&self.registration(), input.settings())
            .unwrap_or_else(|mistakes| panic!("the subject's settings are wrong:\n{mistakes}"))
    }
}

/// Makes a test of each rule for a subject: an expression that implements
/// [`Subject`](crate::testkit::conformance::Subject).
#[macro_export]
macro_rules! conformance {
    ($subject:expr) => {
        $crate::conformance!(@ $subject,
            settings_are_checked_offline,
            leaks_no_secret,
            broken_item_keeps_the_rest,
            absence_is_a_trouble,
            timeout_marks_scope_incomplete,
            a_cut_anywhere_is_honest,
            only_reads,
            same_harvest_twice,
            unbounded_input_meets_a_cap,
        );
    };
    (@ $subject:expr, $($rule:ident,)*) => {
        mod conformance {
            use super::*;
            $(
                #[test]
                fn $rule() {
                    $crate::testkit::conformance::$rule(&$subject);
                }
            )*
        }
    };
}

/// Every trouble of a harvest, with its scope.
fn troubles(harvest: &crate::Harvest) -> Vec<String> {
    let of = |scope: &plimsoll_model::ScopeRead| {
        let name = scope.scope.clone();
        let texts = scope
            .troubles
            .iter()
            .map(move |t| format!("{name}: {}", t.what));
        texts.collect::<Vec<_>>()
    };
    harvest.scopes.iter().flat_map(of).collect()
}

/// Whether at least one scope is incomplete and says why.
fn says_why(harvest: &crate::Harvest) -> bool {
    let mut scopes = harvest.scopes.iter();
    scopes.any(|scope| !scope.complete && !scope.troubles.is_empty())
}
