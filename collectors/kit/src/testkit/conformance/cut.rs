//! A run that is cut short says so, and nothing is taken for removed.

use std::pin::pin;
use std::task::Poll;

use futures::future::{Either, select};

use super::{Subject, says_why};
use crate::testkit::{Held, context, harvest, run};
use crate::{Collector, Context, Harvest, Harvester};

/// The most places at which a run is cut.
const CUTS: usize = 48;

/// A run that hangs is dropped at its deadline: what it has is kept, and the scope that it hung in is incomplete and says why.
///
/// # Panics
/// When that is not so, or the collector ends although its input hangs.
pub fn timeout_marks_scope_incomplete(subject: &dyn Subject) {
    let Some(Held { input, gate }) = subject.hanging() else {
        return;
    };
    let collector = subject.build(&input);
    let context = context("conformance");
    let harvest = run(async {
        let mut harvester = Harvester::new(context.limits);
        {
            let collecting = collector.collect(&context, &mut harvester);
            let reached = pin!(gate.reached());
            // The moment of the deadline: at the end of this block the future is dropped, wherever it is.
            if let Either::Left(_) = select(collecting, reached).await {
                panic!("the collector ended, and never came to where its input hangs");
            }
        }
        harvester.interrupt("the deadline has passed");
        harvester.finish()
    });
    assert!(
        says_why(&harvest),
        "no scope is incomplete with a trouble; open scopes before the first request: {:?}",
        harvest.scopes
    );
}

/// Wherever a run is cut, a scope that it called complete has all that the whole run finds in it.
///
/// # Panics
/// When that is not so.
pub fn a_cut_anywhere_is_honest(subject: &dyn Subject) {
    let input = subject.healthy();
    let collector = subject.build(&input);
    let context = context("conformance");
    let whole = run(harvest(&*collector, &context));
    for polls in 1..=CUTS {
        let (cut, ended) = run(cut_after(&*collector, &context, polls));
        for scope in cut.scopes.iter().filter(|scope| scope.complete) {
            assert_eq!(
                ids(&cut, &scope.scope),
                ids(&whole, &scope.scope),
                "cut after {polls} polls, scope {} is called complete and is not",
                scope.scope
            );
        }
        if ended {
            return;
        }
    }
}

async fn cut_after(collector: &dyn Collector, context: &Context, polls: usize) -> (Harvest, bool) {
    let mut harvester = Harvester::new(context.limits);
    let ended = {
        let mut collecting = pin!(collector.collect(context, &mut harvester));
        let mut left = polls;
        std::future::poll_fn(|task| {
            if collecting.as_mut().poll(task).is_ready() {
                return Poll::Ready(true);
            }
            left -= 1;
            if left == 0 {
                Poll::Ready(false)
            } else {
                Poll::Pending
            }
        })
        .await
    };
    harvester.interrupt("cut");
    (harvester.finish(), ended)
}

fn ids<'h>(harvest: &'h Harvest, scope: &str) -> Vec<&'h str> {
    let assets = harvest.assets.iter().filter(|asset| asset.scope == scope);
    let requests = harvest.requests.iter().filter(|one| one.scope == scope);
    let requests = requests.map(|request| request.id.as_str());
    assets
        .map(|asset| asset.id.as_str())
        .chain(requests)
        .collect()
}
