//! Which assets' actions count for a change of an asset: those on itself, under whatever id, and on what contains it.

use std::collections::{HashMap, HashSet};

use plimsoll_model::AssetId;

use crate::change::LEVELS;
use crate::store::{Containment, Numbers};

/// What contains what, and what is one thing under several ids.
#[derive(Default)]
pub(super) struct Around {
    /// By part.
    wholes: HashMap<i64, Vec<Containment>>,
    /// All numbers of one asset, by each of them; none for one that has a single number.
    selves: HashMap<i64, Vec<i64>>,
}

impl Around {
    /// From what contains what, and the ids that live on under another one.
    pub(super) fn new(
        containments: Vec<Containment>,
        moved: &HashMap<AssetId, AssetId>,
        numbers: &Numbers,
    ) -> Self {
        let mut around = Self::default();
        for one in containments {
            around.wholes.entry(one.part).or_default().push(one);
        }
        let mut groups: HashMap<&AssetId, Vec<i64>> = HashMap::new();
        for (from, to) in moved {
            let group = groups
                .entry(to)
                .or_insert_with(|| numbers.get(to).into_iter().collect());
            group.extend(numbers.get(from));
        }
        for mut group in groups.into_values() {
            group.sort_unstable();
            for number in &group {
                around.selves.insert(*number, group.clone());
            }
        }
        around
    }

    /// The numbers of an asset as of a scan, with level 0, and of what contains it, nearest first.
    pub(super) fn of(&self, asset: i64, scan: i64) -> Vec<(i64, u8)> {
        let mut found = Vec::new();
        let mut met = HashSet::new();
        let mut level = vec![asset];
        for height in 0..=LEVELS {
            let selves = |number: i64| self.selves.get(&number).cloned().unwrap_or(vec![number]);
            let mut here: Vec<i64> = level.into_iter().flat_map(selves).collect();
            here.retain(|number| met.insert(*number));
            found.extend(here.iter().map(|number| (*number, height)));
            level = here
                .iter()
                .filter_map(|number| self.wholes.get(number))
                .flatten()
                .filter(|one| held(one, scan))
                .map(|one| one.whole)
                .collect();
        }
        found
    }
}

/// Whether it was so as of a scan, or until it: what contained an asset that went may have gone with it.
fn held(one: &Containment, scan: i64) -> bool {
    one.from_scan <= scan && one.to_scan.is_none_or(|end| end >= scan)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(whole: i64, part: i64) -> Containment {
        Containment {
            whole,
            part,
            from_scan: 1,
            to_scan: None,
        }
    }

    fn around(containments: &[Containment]) -> Around {
        Around::new(containments.to_vec(), &HashMap::new(), &Numbers::default())
    }

    #[test]
    fn a_few_levels_and_round_a_circle() {
        let chain = [
            contains(2, 1),
            contains(3, 2),
            contains(4, 3),
            contains(5, 4),
        ];
        assert_eq!(around(&chain).of(1, 9), [(1, 0), (2, 1), (3, 2), (4, 3)]);
        let circle = [contains(2, 1), contains(1, 2)];
        assert_eq!(around(&circle).of(1, 9), [(1, 0), (2, 1)]);
    }

    #[test]
    fn as_of_the_scan() {
        let was = Containment {
            to_scan: Some(5),
            ..contains(2, 1)
        };
        let is = Containment {
            from_scan: 5,
            ..contains(3, 1)
        };
        let around = around(&[was, is]);
        assert_eq!(around.of(1, 4), [(1, 0), (2, 1)]);
        assert_eq!(
            around.of(1, 5),
            [(1, 0), (2, 1), (3, 1)],
            "it went with this scan"
        );
        assert_eq!(around.of(1, 6), [(1, 0), (3, 1)]);
    }

    #[test]
    fn one_thing_under_two_ids_is_one() {
        let id = |name: &str| AssetId::of("volume", &[name]);
        let mut numbers = Numbers::default();
        let (a, b, whole) = (
            numbers.number(&id("a")),
            numbers.number(&id("b")),
            numbers.number(&id("whole")),
        );
        let moved = HashMap::from([(id("b"), id("a"))]);
        let around = Around::new(vec![contains(whole, b)], &moved, &numbers);
        assert_eq!(around.of(a, 1), [(a, 0), (b, 0), (whole, 1)]);
        assert_eq!(around.of(b, 1), [(a, 0), (b, 0), (whole, 1)]);
    }
}
