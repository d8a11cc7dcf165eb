//! A small map kept as a sorted vector: compact, ordered, quick to compare.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::Text;

/// What is said of an object in which a name stands twice. It does not quote the name.
pub const REPEATED: &str = "a name stands twice in one object";

/// A map from names to `V`, held sorted by name.
///
/// An inventory holds hundreds of thousands of these with a dozen entries each, where a sorted
/// vector takes a fraction of a tree's memory and iterates in the one order that fingerprints need.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sorted<V>(Vec<(Text, V)>);

impl<V> Sorted<V> {
    /// An empty map.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value under `name`.
    pub fn get(&self, name: &str) -> Option<&V> {
        self.find(name).ok().map(|at| &self.0[at].1)
    }

    /// The value under `name`, to change in place.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        self.find(name).ok().map(|at| &mut self.0[at].1)
    }

    /// Whether there is an entry under `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.find(name).is_ok()
    }

    /// Puts `value` under `name` and gives back what stood there.
    pub fn insert(&mut self, name: impl Into<Text>, value: V) -> Option<V> {
        let name = name.into();
        // Input mostly arrives in order: then this is a push.
        if self.0.last().is_none_or(|(last, _)| *last < name) {
            self.0.push((name, value));
            return None;
        }
        match self.find(&name) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (name, value));
                None
            }
        }
    }

    /// Takes the entry under `name` out.
    pub fn remove(&mut self, name: &str) -> Option<V> {
        self.find(name).ok().map(|at| self.0.remove(at).1)
    }

    /// Keeps the entries for which `keep` says yes.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &V) -> bool) {
        self.0.retain(|(name, value)| keep(name, value));
    }

    /// The entries in order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &V)> + Clone {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The entries in order of their names, values to change in place.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut V)> {
        self.0
            .iter_mut()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The names in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives back memory that was reserved and not used.
    pub fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    /// Puts entries in order that came in any, in one go: one by one each would move those behind it. Of two with one name the later
    /// stays.
    fn settle(&mut self) {
        if self.0.is_sorted_by(|(a, _), (b, _)| a < b) {
            return;
        }
        // A sort that keeps the order of equals.
        self.0.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.0.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(have, _)| have.as_str().cmp(name))
    }
}

impl<V> Default for Sorted<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V: fmt::Debug> fmt::Debug for Sorted<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<V, N: Into<Text>> FromIterator<(N, V)> for Sorted<V> {
    /// Of two entries with one name the later stays.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(entries: I) -> Self {
        let mut sorted = Self::new();
        sorted.extend(entries);
        sorted
    }
}

impl<V, N: Into<Text>> Extend<(N, V)> for Sorted<V> {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, entries: I) {
        let entries = entries.into_iter();
        self.0
            .extend(entries.map(|(name, value)| (name.into(), value)));
        self.settle();
    }
}

impl<V> IntoIterator for Sorted<V> {
    type Item = (Text, V);
    type IntoIter = std::vec::IntoIter<(Text, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<V: Serialize> Serialize for Sorted<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Sorted<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = Sorted<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sorted<V>, A::Error> {
                let mut sorted = Sorted(Vec::with_capacity(map.size_hint().unwrap_or(4).min(64)));
                while let Some(entry) = map.next_entry::<Text, V>()? {
                    sorted.0.push(entry);
                }
                let given = sorted.len();
                sorted.settle();
                // Which of two is meant, nobody can know.
                if sorted.len() < given {
                    return Err(serde::de::Error::custom(REPEATED));
                }
                // A large inventory is mostly this: what growing left over would be a quarter of it.
                sorted.shrink();
                Ok(sorted)
            }
        }

        deserializer.deserialize_map(Entries(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_the_later_of_two() {
        let sorted: Sorted<i32> = [("b", 1), ("a", 2), ("c", 3), ("b", 4)]
            .into_iter()
            .collect();
        assert_eq!(
            sorted.iter().collect::<Vec<_>>(),
            [("a", &2), ("b", &4), ("c", &3)]
        );
        assert_eq!(sorted.get("b"), Some(&4));
        assert_eq!(sorted.get("d"), None);
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        let twice = serde_json::from_str::<Sorted<i32>>(r#"{"z":1,"a":2,"z":1}"#);
        assert!(twice.unwrap_err().to_string().starts_with(REPEATED));
    }

    #[test]
    fn many_in_any_order_cost_what_they_are() {
        let backwards = (0..200_000).rev().map(|at| (format!("{at:06}"), at));
        let sorted: Sorted<i32> = backwards.collect();
        assert_eq!((sorted.len(), sorted.get("000007")), (200_000, Some(&7)));
        assert!(sorted.names().is_sorted());
        let text: String = (0..200_000)
            .rev()
            .map(|at| format!("\"{at:06}\":{at},"))
            .collect();
        let read: Sorted<i32> =
            serde_json::from_str(&format!("{{{}}}", text.trim_end_matches(','))).unwrap();
        assert!(read == sorted);
        let mut twice = sorted.clone();
        twice.extend((0..200_000).map(|at| (format!("{at:06}"), -at)));
        assert_eq!((twice.len(), twice.get("000007")), (200_000, Some(&-7)));
    }

    #[test]
    fn survives_a_round_trip() {
        let sorted: Sorted<i32> = serde_json::from_str(r#"{"z":1,"a":2}"#).unwrap();
        assert_eq!(serde_json::to_string(&sorted).unwrap(), r#"{"a":2,"z":1}"#);
    }
}
