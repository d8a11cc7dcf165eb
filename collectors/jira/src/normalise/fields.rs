//! What an issue's fields say of the change.

use jiff::Timestamp;
use plimsoll_model::{AssetId, Party, Text};
use serde_json::Value;

use super::{Reading, people, values};
use crate::settings::Valued;
use crate::wire::{Person, moment};

impl Reading<'_> {
    /// Systems, assets, environments and the like, by the fields that the settings name.
    pub(super) fn fields(&mut self) {
        let fields = &self.settings.fields;
        self.request.names = self.listed(&fields.systems);
        self.request.environments = self.listed(&fields.environments);
        self.request.facts = self.listed(&fields.facts);
        self.request.links.releases = self.listed(&fields.releases);
        self.request.links.operations = self.listed(&fields.operations);
        for text in self.listed(&fields.assets) {
            match AssetId::new(text.clone()) {
                Ok(id) if text.contains(':') => self.request.assets.push(id),
                _ => self.doubt(
                    "a field names an asset by something that is no id: take it from `plimsoll inventory list`",
                ),
            }
        }
        self.request.assets.sort();
        self.request.assets.dedup();
        self.window();
        self.implementers();
    }

    /// Marks that a field sets: an emergency, a wish for a new system.
    pub(super) fn marked(&mut self) {
        let fields = &self.settings.fields;
        self.request.emergency |= self.has(&fields.emergency);
        self.request.provisions |= self.has(&fields.provisions);
    }

    fn has(&mut self, marks: &[Valued]) -> bool {
        let mut found = false;
        for mark in marks {
            let texts = self.listed(std::slice::from_ref(&mark.field));
            found |= texts.iter().any(|text| text.to_lowercase() == mark.value);
        }
        found
    }

    /// The texts of all fields of these names, sorted.
    fn listed(&mut self, names: &[String]) -> Vec<Text> {
        let mut all: Vec<Text> = Vec::new();
        let ids: Vec<&str> = self.world.ids(names).collect();
        for id in ids {
            let Some(value) = self.field::<Value>(id, id) else {
                continue;
            };
            match values::texts(&value) {
                Some(texts) => all.extend(texts.iter().map(Text::from)),
                None => self.doubt(&format!(
                    "its field {id} holds what cannot be understood here"
                )),
            }
        }
        all.sort();
        all.dedup();
        all
    }

    /// The planned window. A half of one, or one without a zone, is none and leaves doubt: it was planned somehow.
    fn window(&mut self) {
        let fields = &self.settings.fields;
        let start = self.time_of(&fields.window_start);
        let end = self.time_of(&fields.window_end);
        match (start, end) {
            (None, None) => {}
            (Some(Ok(start)), Some(Ok(end))) if start <= end => {
                self.request.window = Some((start, end));
            }
            (Some(Ok(_)), Some(Ok(_))) => self.doubt("its window ends before it starts"),
            (Some(Err(())), _) | (_, Some(Err(()))) => {
                self.doubt("its window has no times with a zone: use fields of date and time");
            }
            _ => self.doubt("its window has only a start or only an end"),
        }
    }

    fn time_of(&mut self, names: &[String]) -> Option<Result<Timestamp, ()>> {
        let ids: Vec<&str> = self.world.ids(names).collect();
        ids.into_iter().find_map(|id| {
            let value = self.issue.field::<Value>(id).ok()??;
            Some(moment(&value).ok_or(()))
        })
    }

    /// Those whom a field names to carry it out.
    fn implementers(&mut self) {
        let ids: Vec<&str> = self.world.ids(&self.settings.fields.implementers).collect();
        let mut all: Vec<Party> = Vec::new();
        for id in ids {
            let value = self.field::<Value>(id, id);
            let several = match value {
                None => continue,
                Some(Value::Array(items)) => items,
                Some(one) => vec![one],
            };
            for one in several.into_iter().take(256) {
                let person = serde_json::from_value::<Person>(one).ok();
                match people::party(person.as_ref(), &self.settings.bots) {
                    Some(party) if all.iter().any(|have| have.account == party.account) => {}
                    Some(party) => all.push(party),
                    None => self.doubt("who is to carry it out is nobody who is still known"),
                }
            }
        }
        self.request.implementers = all;
    }
}
