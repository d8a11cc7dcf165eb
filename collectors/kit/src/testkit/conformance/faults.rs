//! What is broken, missing or without end is said, and the rest is kept.

use super::{Subject, says_why, troubles};
use crate::testkit::{FakeServer, context, harvest, run};
use crate::{Harvest, Limits};

/// One broken item becomes a trouble, and every other asset and request is there as before.
///
/// # Panics
/// When that is not so.
pub fn broken_item_keeps_the_rest(subject: &dyn Subject) {
    let sound = subject.healthy();
    let healthy = read(subject, &sound, Limits::default());
    let (input, touched) = subject.broken_item();
    let broken = read(subject, &input, Limits::default());
    let all = healthy.assets.len() + healthy.requests.len();
    assert!(
        !touched.is_empty() && touched.len() < all,
        "of {all} assets and requests {} are touched by one broken item: {touched:?}",
        touched.len()
    );
    for id in &touched {
        assert!(
            healthy.assets.iter().any(|asset| asset.id.as_str() == id)
                || healthy.requests.iter().any(|request| request.id == id),
            "the subject names {id}, and the healthy input has no such asset or request"
        );
    }
    for request in &healthy.requests {
        if touched.iter().any(|id| request.id == id) {
            continue;
        }
        let twin = broken.requests.iter().find(|twin| twin.id == request.id);
        let before = sound.without_places(&format!("{:?}", Some(request)));
        let after = input.without_places(&format!("{twin:?}"));
        assert!(
            before == after,
            "{} is lost or differs because another item is broken:\n{before}\n{after}",
            request.id
        );
    }
    for asset in &healthy.assets {
        if touched.iter().any(|id| id == asset.id.as_str()) {
            continue;
        }
        let twin = broken.assets.iter().find(|twin| twin.id == asset.id);
        let Some(twin) = twin else {
            panic!("{} is lost because another item is broken", asset.id);
        };
        assert!(
            twin.facts == asset.facts && twin.labels == asset.labels,
            "{} differs because another item is broken:\n{asset:?}\n{twin:?}",
            asset.id
        );
    }
    let marked_partial = broken
        .assets
        .iter()
        .any(|asset| asset.partial.is_some() && touched.iter().any(|id| id == asset.id.as_str()));
    let marked_doubtful = broken
        .requests
        .iter()
        .any(|request| request.is_doubted().is_some() && touched.iter().any(|id| request.id == id));
    assert!(
        says_why(&broken) || ((marked_partial || marked_doubtful) && !troubles(&broken).is_empty()),
        "the broken item is neither a trouble of an incomplete scope nor a partial asset or a doubtful request with a remark: {:?}",
        broken.scopes
    );
}

/// What is not there at all is a trouble on an incomplete scope, and no empty estate.
///
/// # Panics
/// When that is not so.
pub fn absence_is_a_trouble(subject: &dyn Subject) {
    let harvest = read(subject, &subject.absent(), Limits::default());
    assert!(
        says_why(&harvest),
        "nothing is there, and nothing says so: {:?}",
        harvest.scopes
    );
    let complete = harvest.scopes.iter().find(|scope| scope.complete);
    assert_eq!(
        complete, None,
        "a scope of something that is not there is complete"
    );
}

/// More than the limits allow, and an input without end, leave the scope incomplete, and the collector stops reading.
///
/// # Panics
/// When that is not so.
pub fn unbounded_input_meets_a_cap(subject: &dyn Subject) {
    let one = Limits {
        assets: 1,
        relations: 1,
        records: 1,
        ..Limits::default()
    };
    let capped = read(subject, &subject.healthy(), one);
    assert!(
        capped.assets.len() <= 1,
        "{} assets under a cap of 1",
        capped.assets.len()
    );
    assert!(
        says_why(&capped),
        "a cap was met, and nothing says so: {:?}",
        capped.scopes
    );

    let input = subject.endless();
    let capped = read(subject, &input, subject.tight());
    assert!(
        says_why(&capped),
        "an endless input was met, and nothing says so: {:?}",
        capped.scopes
    );
    let overran = input.server().is_some_and(FakeServer::overran);
    assert!(
        !overran,
        "the collector reads an endless answer for as long as it is sent"
    );
}

fn read(subject: &dyn Subject, input: &crate::testkit::Input, limits: Limits) -> Harvest {
    let collector = subject.build(input);
    let mut context = context("conformance");
    context.limits = limits;
    run(harvest(&*collector, &context))
}
