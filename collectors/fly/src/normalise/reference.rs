//! Which of a group's machines speaks for it.

use std::collections::BTreeMap;

use super::shape::Shape;

/// A machine that could be observed.
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) release: Option<i64>,
    pub(crate) shape: Shape,
}

/// A machine that could not: its host is unreachable, or its entry is broken.
#[derive(Default)]
pub(crate) struct Unseen {
    pub(crate) id: String,
    /// The release that set it up, where another list says so.
    pub(crate) release: Option<i64>,
    /// What is known of its configuration, where something is.
    pub(crate) known: Option<Shape>,
    /// Whether that is all of it, as of when it was last seen.
    pub(crate) whole: bool,
}

/// The shape that speaks for the group: of the newest release the one that most machines have, and of several such the
/// machine's with the lowest id.
///
/// None where machines that could not be observed might change that: what is said of a group must not hang on which hosts can be
/// reached today. One of them cannot when an older release set it up, or when all that is known of it is as in the shape.
pub(crate) fn reference<'s>(seen: &'s [Seen], unseen: &[Unseen]) -> Option<&'s Shape> {
    let newest = seen.iter().map(|machine| machine.release).max()?;
    let mut votes: BTreeMap<&Shape, (usize, &str)> = BTreeMap::new();
    for machine in seen.iter().filter(|machine| machine.release == newest) {
        let vote = votes.entry(&machine.shape).or_insert((0, &machine.id));
        vote.0 += 1;
        vote.1 = vote.1.min(&machine.id);
    }
    let first = |(a, a_id): (usize, &str), (b, b_id): (usize, &str)| b.cmp(&a).then(a_id.cmp(b_id));
    let mut ranked: Vec<_> = votes.into_iter().collect();
    ranked.sort_by(|(_, a), (_, b)| first(*a, *b));
    let mut ranked = ranked.into_iter();
    let (shape, (count, _)) = ranked.next()?;
    let second = ranked.next().map_or(0, |(_, (count, _))| count);
    let against = |machine: &&Unseen| {
        let older = machine
            .release
            .is_some_and(|release| Some(release) < newest);
        let known = machine.known.as_ref();
        !older && !known.is_some_and(|known| shape.agrees_with_what_is_known_of(known))
    };
    let newer = unseen.iter().any(|machine| machine.release > newest);
    let against = unseen.iter().filter(against).count();
    (!newer && (against == 0 || count > second + against)).then_some(shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::{Table, Value, fact};

    fn shape(image: &str) -> Shape {
        let mut table = Table::new();
        table.insert(fact::IMAGE, Value::from(image));
        Shape(table)
    }

    fn seen(machines: &[(&str, i64, &str)]) -> Vec<Seen> {
        let make = |(id, release, image): &(&str, i64, &str)| Seen {
            id: (*id).to_owned(),
            release: Some(*release),
            shape: shape(image),
        };
        machines.iter().map(make).collect()
    }

    fn unseen(machines: &[(Option<i64>, Option<&str>)]) -> Vec<Unseen> {
        let make = |(release, image): &(Option<i64>, Option<&str>)| Unseen {
            release: *release,
            known: image.map(shape),
            ..Unseen::default()
        };
        machines.iter().map(make).collect()
    }

    fn said(machines: &[(&str, i64, &str)], hidden: &[(Option<i64>, Option<&str>)]) -> String {
        let (seen, unseen) = (seen(machines), unseen(hidden));
        let found = reference(&seen, &unseen);
        found.map_or("nobody".into(), |shape| {
            shape.0.get(fact::IMAGE).unwrap().to_string()
        })
    }

    #[test]
    fn the_newest_release_and_then_the_most() {
        assert_eq!(said(&[], &[]), "nobody");
        assert_eq!(
            said(&[("a", 1, "old"), ("b", 1, "old"), ("c", 2, "new")], &[]),
            "new"
        );
        assert_eq!(
            said(&[("a", 1, "odd"), ("b", 1, "x"), ("c", 1, "x")], &[]),
            "x"
        );
        assert_eq!(said(&[("b", 1, "x"), ("a", 1, "y")], &[]), "y");
    }

    #[test]
    fn what_is_not_seen_decides_nothing_and_hides_what_it_could_decide() {
        let two = &[("a", 2, "x"), ("b", 2, "x")];
        assert_eq!(said(two, &[(None, None)]), "x");
        assert_eq!(said(two, &[(None, None), (Some(2), None)]), "nobody");
        assert_eq!(said(two, &[(Some(3), None)]), "nobody");
        let one = &[("a", 2, "x")];
        assert_eq!(said(one, &[(None, None)]), "nobody");
        assert_eq!(said(one, &[(Some(2), None)]), "nobody");
        assert_eq!(said(one, &[(Some(1), None)]), "x");
        assert_eq!(said(one, &[(Some(2), Some("x"))]), "x");
        assert_eq!(said(one, &[(Some(2), Some("y"))]), "nobody");
        assert_eq!(said(&[], &[(Some(2), Some("y"))]), "nobody");
    }
}
