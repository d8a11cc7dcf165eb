//! A collector reads, and reads the same twice.

use super::{Subject, troubles};
use crate::testkit::{Input, Request, context, harvest, render, run};
use crate::{Collector, Harvest};

/// Only what reads is ever sent: `GET`, `HEAD`, or a GraphQL query by `POST`. Nothing in the folder is changed, when all goes well and when it does not.
///
/// # Panics
/// When that is not so, or the input has neither a server nor a folder to look at.
pub fn only_reads(subject: &dyn Subject) {
    for input in [
        subject.healthy(),
        subject.broken_item().0,
        subject.endless(),
    ] {
        assert!(
            input.server().is_some() || input.folder().is_some(),
            "the input has neither a server nor a folder by which writing would show"
        );
        let before = input.files();
        let collector = subject.build(&input);
        let mut context = context("conformance");
        context.limits = subject.tight();
        run(async {
            harvest(&*collector, &context).await;
            collector.check(&context).await;
        });
        for request in input
            .server()
            .map(|server| server.requests())
            .unwrap_or_default()
        {
            if let Some(what) = writes(&request) {
                panic!("{what} was sent");
            }
        }
        for (old, new) in before.iter().zip(&input.files()) {
            assert!(old == new, "{} was changed", old.0.display());
        }
        assert_eq!(before.len(), input.files().len(), "files came or went");
    }
}

/// What a request does besides reading; none where it only reads.
fn writes(request: &Request) -> Option<String> {
    let sent = format!("{} {}", request.method, request.target());
    match request.method.as_str() {
        "GET" | "HEAD" => None,
        "POST" => match request.graphql() {
            Some(asked) if asked.only_reads() => None,
            Some(_) => Some(format!("{sent} with a GraphQL operation that is no query")),
            None => Some(sent),
        },
        _ => Some(sent),
    }
}

/// Two runs over one input give one harvest, in one order, and so does the input in another order. Readings may differ.
///
/// # Panics
/// When that is not so.
pub fn same_harvest_twice(subject: &dyn Subject) {
    let input = subject.healthy();
    let collector = subject.build(&input);
    let first = text(&input, &*collector);
    assert_eq!(
        first,
        text(&input, &*collector),
        "two runs over one input differ"
    );
    let shuffled = subject.shuffled();
    let collector = subject.build(&shuffled);
    assert_eq!(
        first,
        text(&shuffled, &*collector),
        "the order of the input shows in the harvest"
    );
}

fn text(input: &Input, collector: &dyn Collector) -> String {
    let mut harvest: Harvest = run(harvest(collector, &context("conformance")));
    assert!(
        harvest.assets.len() + harvest.requests.len() >= 2,
        "the healthy input gives fewer than two assets or requests"
    );
    assert!(
        harvest.scopes.iter().all(|scope| scope.complete),
        "the healthy input is not read completely: {:?}",
        troubles(&harvest)
    );
    for asset in &mut harvest.assets {
        asset.readings = Default::default();
    }
    input.without_places(&render(&harvest))
}
