//! Approvals and confirmations by labels, fields and statuses.

use std::collections::BTreeSet;

use plimsoll_model::{Approval, SignOff, Text, edit_field};

use super::people;
use super::replay::{Deed, Replay, Standing};
use super::state::named;
use crate::settings::{On, Settings};
use crate::wire::Item;

impl Replay<'_> {
    /// Labels that were put on or taken off: those that a rule names are a yes or a confirmation, and all others an edit.
    pub(super) fn labels(&mut self, deed: &Deed, item: &Item, altered: &mut Vec<Text>) {
        let set = |text: &str| -> BTreeSet<String> {
            text.split_whitespace().map(str::to_lowercase).collect()
        };
        let (before, after) = (set(&item.from_string), set(&item.to_string));
        let mut rest: BTreeSet<&String> = before.symmetric_difference(&after).collect();
        let nothing = rest.is_empty();
        let settings = self.settings;
        for (at, rule) in settings.approvals.iter().enumerate() {
            let On::Label(labels) = &rule.on else {
                continue;
            };
            let (was, is) = (any(labels, &before), any(labels, &after));
            if is && !was {
                self.approve(deed, at);
            } else if was && !is {
                self.withdraw_where(deed, |one, _| one.rule == Some(at));
            }
            rest.retain(|label| !labels.contains(label));
        }
        for (at, rule) in settings.sign_offs.iter().enumerate() {
            let On::Label(labels) = &rule.on else {
                continue;
            };
            let (was, is) = (any(labels, &before), any(labels, &after));
            self.sign(deed, at, was, is);
            rest.retain(|label| !labels.contains(label));
        }
        let urgent = |label: &&&String| settings.emergency_labels.contains(label);
        if rest.iter().any(|label| urgent(&label)) {
            altered.push(Text::const_new(edit_field::EMERGENCY));
        }
        if nothing || rest.iter().any(|label| !urgent(&label)) {
            altered.push(Text::const_new(edit_field::LABELS));
        }
    }

    /// A field by which somebody approves or confirms. Whether it is one.
    pub(super) fn by_field(&mut self, deed: &Deed, item: &Item) -> bool {
        let settings = self.settings;
        let mut is_one = false;
        for (at, rule) in settings.approvals.iter().enumerate() {
            let On::Field { field, values } = &rule.on else {
                continue;
            };
            if !self.world.is(item, std::slice::from_ref(field)) {
                continue;
            }
            is_one = true;
            if values.is_empty() {
                self.people(deed, item, at);
                continue;
            }
            let (was, is) = (
                self.is_yes(&item.from_string, values),
                self.is_yes(&item.to_string, values),
            );
            if is && !was {
                self.approve(deed, at);
            } else if was && !is {
                self.withdraw_where(deed, |one, _| one.rule == Some(at));
            }
        }
        for (at, rule) in settings.sign_offs.iter().enumerate() {
            let On::Field { field, values } = &rule.on else {
                continue;
            };
            if !self.world.is(item, std::slice::from_ref(field)) {
                continue;
            }
            is_one = true;
            let said = |text: &str, id: &str| {
                if values.is_empty() {
                    !text.trim().is_empty() || !id.trim().is_empty()
                } else {
                    says(text, values)
                }
            };
            let (was, is) = (
                said(&item.from_string, &item.from),
                said(&item.to_string, &item.to),
            );
            self.sign(deed, at, was, is);
        }
        is_one
    }

    /// Whether a value says yes. One that says yes and no at once says no, and leaves a doubt.
    fn is_yes(&mut self, text: &str, values: &[String]) -> bool {
        let yes = says(text, values);
        let both = yes && off(text, self.settings);
        if both {
            self.doubt("a field says yes and no at once");
        }
        yes && !both
    }

    /// A field of people: who names themselves says yes. Who is named by another may have said so, nobody knows when.
    fn people(&mut self, deed: &Deed, item: &Item, rule: usize) {
        let (before, after) = (ids(&item.from), ids(&item.to));
        let settings = self.settings;
        let gone: Vec<&str> = before.difference(&after).copied().collect();
        self.withdraw_where(deed, |one, approval| {
            one.rule == Some(rule) && gone.contains(&approval.by.account.as_str())
        });
        let author = deed.by.as_ref().map(|by| by.account.clone());
        for id in after.difference(&before) {
            if author.as_deref() == Some(*id) {
                self.approve(deed, rule);
                continue;
            }
            let name = if after.len() == 1 {
                item.to_string.as_str()
            } else {
                ""
            };
            let Some(by) = people::by_id(id, name, &settings.bots) else {
                continue;
            };
            let kind = settings.approvals.get(rule).map(|rule| rule.kind.clone());
            self.told.approvals.push(Approval {
                by,
                at: None,
                kind: kind.unwrap_or_default(),
                withdrawn: None,
            });
            self.standing.push(Standing {
                at: self.told.approvals.len() - 1,
                rule: Some(rule),
            });
        }
    }

    pub(super) fn sign_by_status(&mut self, deed: &Deed, item: &Item) {
        let settings = self.settings;
        for (at, rule) in settings.sign_offs.iter().enumerate() {
            if let On::Status { to, from } = &rule.on {
                let comes = named(&item.to, &item.to_string, to, self.world);
                let by_way =
                    from.is_empty() || named(&item.from, &item.from_string, from, self.world);
                if comes && by_way {
                    self.sign(deed, at, false, true);
                }
            }
        }
    }

    /// Takes back what was confirmed by a status: the issue is open again.
    pub(super) fn unsign_statuses(&mut self) {
        let rules = &self.settings.sign_offs;
        self.unsign_where(|rule| {
            rules
                .get(rule)
                .is_some_and(|rule| matches!(rule.on, On::Status { .. }))
        });
    }

    fn sign(&mut self, deed: &Deed, at: usize, was: bool, is: bool) {
        if was && !is {
            self.unsign_where(|rule| rule == at);
        }
        let Some(rule) = self.settings.sign_offs.get(at).filter(|_| is && !was) else {
            return;
        };
        self.told.sign_offs.push(SignOff {
            by: deed.party(),
            at: deed.at,
            kind: rule.kind.clone(),
            root_cause: rule.root_cause,
        });
        self.signed.push(at);
    }

    fn unsign_where(&mut self, gone: impl Fn(usize) -> bool) {
        let signed = std::mem::take(&mut self.signed);
        let mut rules = signed.iter();
        self.told
            .sign_offs
            .retain(|_| rules.next().is_none_or(|rule| !gone(*rule)));
        self.signed = signed.into_iter().filter(|rule| !gone(*rule)).collect();
    }
}

fn any(labels: &[String], there: &BTreeSet<String>) -> bool {
    labels.iter().any(|label| there.contains(label))
}

/// Whether a value, or one of several, is a word for a refusal.
pub(super) fn off(text: &str, settings: &Settings) -> bool {
    let statuses = &settings.statuses;
    let lists = [&statuses.rejected, &statuses.cancelled, &statuses.reopened];
    lists.iter().any(|list| says(text, list))
}

/// Whether a value, or one of several, is one of a list.
pub(super) fn says(text: &str, values: &[String]) -> bool {
    let text = text.trim().to_lowercase();
    values.contains(&text)
        || text
            .split(',')
            .any(|part| values.iter().any(|value| *value == part.trim()))
}

/// The accounts in a field of people: one, or several in brackets.
pub(super) fn ids(text: &str) -> BTreeSet<&str> {
    let text = text.trim().trim_start_matches('[').trim_end_matches(']');
    text.split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .collect()
}
