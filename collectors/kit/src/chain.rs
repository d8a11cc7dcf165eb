//! Moves of one moment, brought into the order in which they can have happened.
//!
//! Trackers write times to the second or the millisecond, and number what they write in any order. Of moves of one moment
//! each begins where another ended, so often one order alone is possible; where several are, nobody can say which it was.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

/// The most moves of one moment that are looked at: more are no one's doing.
const MOST: usize = 7;

/// In which order moves of one moment happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chain {
    /// In this one, by their places: no other is possible.
    One(Vec<usize>),
    /// In this one or in another.
    Several(Vec<usize>),
    /// In none that leads from the beginning to the end.
    None,
}

/// The order of moves, each from one state to another, between the state before them and the state after them, where
/// those are known. Moves that are alike in both are told apart by their places alone, and their order is open.
pub fn chain<T: PartialEq>(moves: &[(T, T)], before: Option<&T>, after: Option<&T>) -> Chain {
    if moves.len() > MOST {
        return Chain::None;
    }
    let mut search = Search {
        moves,
        after,
        way: Vec::with_capacity(moves.len()),
        found: None,
        several: false,
    };
    search.go(before);
    match search.found {
        None => Chain::None,
        Some(found) if search.several => Chain::Several(found),
        Some(found) => Chain::One(found),
    }
}

struct Search<'m, T> {
    moves: &'m [(T, T)],
    after: Option<&'m T>,
    way: Vec<usize>,
    found: Option<Vec<usize>>,
    several: bool,
}

impl<'m, T: PartialEq> Search<'m, T> {
    fn go(&mut self, at: Option<&T>) {
        if self.several {
            return;
        }
        if self.way.len() == self.moves.len() {
            if self.after.is_some() && at != self.after {
                return;
            }
            match &self.found {
                None => self.found = Some(self.way.clone()),
                Some(_) => self.several = true,
            }
            return;
        }
        let moves: &'m [(T, T)] = self.moves;
        for (place, (from, to)) in moves.iter().enumerate() {
            if !self.way.contains(&place) && at.is_none_or(|at| at == from) {
                self.way.push(place);
                self.go(Some(to));
                self.way.pop();
            }
        }
    }
}

/// Something that happened, with what it moved.
#[derive(Clone, Debug)]
pub struct Step<T> {
    /// When; what has no time is of no moment with anything else.
    pub at: Option<Timestamp>,
    /// Of each field that counts from where it was moved, and to where.
    pub moves: BTreeMap<String, (String, String)>,
    /// What it is.
    pub what: T,
}

/// What happened, in order.
#[derive(Clone, Debug)]
pub struct Ordered<T> {
    /// In the order in which it can have happened.
    pub steps: Vec<T>,
    /// Whether some of it is of one moment, and may have happened in an order that means something else.
    pub open: bool,
}

/// Brings what is of one moment into the order in which each field goes on where it ended before, up to where it is at the
/// `end`, where that is known. The steps are in order of time already.
pub fn in_order<T: Copy>(steps: &[Step<T>], end: &BTreeMap<String, String>) -> Ordered<T> {
    let mut ordered = Ordered {
        steps: Vec::with_capacity(steps.len()),
        open: false,
    };
    let mut stands: BTreeMap<&str, &str> = BTreeMap::new();
    let mut rest = steps;
    for group in steps.chunk_by(|one, other| one.at.is_some() && one.at == other.at) {
        rest = rest.get(group.len()..).unwrap_or_default();
        let places = match group.len() > 1 {
            true => settle(group, &stands, rest, end, &mut ordered.open),
            false => vec![0],
        };
        for step in places.iter().filter_map(|place| group.get(*place)) {
            ordered.steps.push(step.what);
            let ends = step.moves.iter();
            stands.extend(ends.map(|(field, (_, to))| (field.as_str(), to.as_str())));
        }
    }
    ordered
}

/// The order of steps of one moment, by their places.
fn settle<T>(
    group: &[Step<T>],
    stands: &BTreeMap<&str, &str>,
    rest: &[Step<T>],
    end: &BTreeMap<String, String>,
    open: &mut bool,
) -> Vec<usize> {
    let fields = group.iter().flat_map(|step| step.moves.keys());
    let fields: BTreeSet<&str> = fields.map(String::as_str).collect();
    // Which has to come before which.
    let mut before: Vec<(usize, usize)> = Vec::new();
    for field in fields {
        let mut places = Vec::new();
        let mut moves: Vec<(&str, &str)> = Vec::new();
        for (place, step) in group.iter().enumerate() {
            if let Some((from, to)) = step.moves.get(field) {
                places.push(place);
                moves.push((from, to));
            }
        }
        if moves.len() < 2 {
            continue;
        }
        let later = match next(rest, field) {
            Later::Never => end.get(field).map(String::as_str),
            Later::From(from) => Some(from),
            Later::Open => None,
        };
        let order = match chain(&moves, stands.get(field), later.as_ref()) {
            Chain::One(order) => order,
            Chain::Several(order) => {
                *open = true;
                order
            }
            // That something is missing shows where it is told.
            Chain::None => continue,
        };
        let order = order.iter().filter_map(|at| places.get(*at).copied());
        let order: Vec<usize> = order.collect();
        let pairs = order.iter().zip(order.iter().skip(1));
        before.extend(pairs.map(|(one, two)| (*one, *two)));
    }
    let mut left: Vec<usize> = (0..group.len()).collect();
    let mut settled = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let free = left.iter().position(|place| {
            let mut firsts = before.iter();
            !firsts.any(|(first, then)| then == place && left.contains(first))
        });
        let Some(free) = free else {
            // One field says this order, and another that.
            *open = true;
            break;
        };
        settled.push(left.remove(free));
    }
    settled.extend(left);
    settled
}

/// From where a field is moved next.
enum Later<'s> {
    From(&'s str),
    /// Several may be the next.
    Open,
    Never,
}

fn next<'s, T>(rest: &'s [Step<T>], field: &str) -> Later<'s> {
    let mut touching = rest
        .iter()
        .filter_map(|step| Some((step.at, step.moves.get(field)?)));
    let Some((at, (from, _))) = touching.next() else {
        return Later::Never;
    };
    match touching.next() {
        Some((second, _)) if second == at => Later::Open,
        _ => Later::From(from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_order_alone_is_possible() {
        let moves = [("waiting", "approved"), ("open", "waiting")];
        assert_eq!(chain(&moves, Some(&"open"), None), Chain::One(vec![1, 0]));
        // Without a beginning too: the end of one is the beginning of the other.
        assert_eq!(chain(&moves, None, None), Chain::One(vec![1, 0]));
        assert_eq!(chain(&[] as &[(u8, u8)], None, None), Chain::One(vec![]));
    }

    #[test]
    fn a_circle_needs_a_beginning_or_an_end() {
        let moves = [("waiting", "approved"), ("approved", "waiting")];
        assert_eq!(chain(&moves, None, None), Chain::Several(vec![0, 1]));
        assert_eq!(
            chain(&moves, Some(&"approved"), None),
            Chain::One(vec![1, 0])
        );
        assert_eq!(
            chain(&moves, None, Some(&"waiting")),
            Chain::One(vec![0, 1])
        );
    }

    #[test]
    fn what_leads_nowhere_is_no_chain() {
        let moves = [("open", "waiting"), ("approved", "closed")];
        assert_eq!(chain(&moves, None, None), Chain::None);
        assert_eq!(chain(&moves[..1], Some(&"approved"), None), Chain::None);
        assert_eq!(chain(&moves[..1], None, Some(&"open")), Chain::None);
        assert_eq!(chain(&[(1, 1); 8], None, None), Chain::None);
    }

    fn step(second: i64, moves: &[(&str, &str, &str)], what: &'static str) -> Step<&'static str> {
        let own = |text: &str| text.to_owned();
        let moves = moves.iter();
        Step {
            at: Timestamp::from_second(second).ok(),
            moves: moves
                .map(|(field, from, to)| (own(field), (own(from), own(to))))
                .collect(),
            what,
        }
    }

    fn told(steps: &[Step<&'static str>], end: &[(&str, &str)]) -> (String, bool) {
        let end = end.iter();
        let end = end.map(|(field, to)| ((*field).to_owned(), (*to).to_owned()));
        let ordered = in_order(steps, &end.collect());
        (ordered.steps.join(" "), ordered.open)
    }

    #[test]
    fn what_is_of_one_moment_goes_on_where_it_ended() {
        let steps = [
            step(1, &[("state", "open", "waiting")], "a"),
            step(2, &[("state", "approved", "closed")], "c"),
            step(2, &[("state", "waiting", "approved")], "b"),
            step(2, &[("label", "", "x")], "l"),
        ];
        assert_eq!(told(&steps, &[]), ("a b c l".to_owned(), false));
        // The beginning is not known, and the end is: it was moved back last.
        let circle = [
            step(1, &[("state", "waiting", "approved")], "yes"),
            step(1, &[("state", "approved", "waiting")], "no"),
        ];
        assert_eq!(
            told(&circle, &[("state", "waiting")]),
            ("yes no".to_owned(), false)
        );
        assert_eq!(
            told(&circle, &[("state", "approved")]),
            ("no yes".to_owned(), false)
        );
        assert!(told(&circle, &[]).1);
        // What comes later says how it ended.
        let mut later = circle.to_vec();
        later.push(step(3, &[("state", "approved", "closed")], "end"));
        assert_eq!(told(&later, &[]), ("no yes end".to_owned(), false));
    }

    #[test]
    fn two_fields_that_say_two_orders_leave_it_open() {
        let steps = [
            step(1, &[("a", "1", "2"), ("b", "2", "3")], "x"),
            step(1, &[("a", "2", "3"), ("b", "1", "2")], "y"),
        ];
        assert_eq!(told(&steps, &[]), ("x y".to_owned(), true));
        let gap = [
            step(1, &[("a", "1", "2")], "x"),
            step(1, &[("a", "5", "6")], "y"),
        ];
        assert_eq!(told(&gap, &[]), ("x y".to_owned(), false));
    }
}
