//! Moves from status to status, and who carries a request out.

use plimsoll_model::{Party, Text, Transition, request_state};

use super::replay::{Deed, Replay};
use super::state::{Meaning, meaning_of_move, named};
use super::{people, said};
use crate::settings::On;
use crate::wire::Item;

impl Replay<'_> {
    pub(super) fn moved(&mut self, deed: &Deed, item: &Item) {
        if self.status.as_ref().is_some_and(|last| *last != item.from) {
            self.doubt("a move is missing from its history: one begins where no other ended");
        }
        self.status = Some(item.to.clone());
        let (name, _) = self.world.status(&item.to, &item.to_string);
        let mut meant = meaning_of_move(&item.to, &item.to_string, self.world, self.settings);
        let own = self.is_own_move(deed);
        if meant == Meaning::Other && !own {
            let over = matches!(
                self.last,
                Meaning::Implemented | Meaning::Closed | Meaning::Cancelled | Meaning::Rejected
            );
            if !self.standing.is_empty() || over {
                meant = Meaning::Reopened;
            }
        }
        let rules = self.approving(item);
        let to = match (meant, rules.is_empty()) {
            // A status that means approval, and was not come to by the way that means it.
            (Meaning::Approved, true) => None,
            (meant, _) => meant.word(),
        };
        self.told.transitions.push(Transition {
            at: deed.at,
            by: deed.by.clone(),
            to: to.map_or_else(|| apart(name), Text::const_new),
            word: said(name, 100),
        });
        match meant {
            Meaning::Reopened | Meaning::Rejected | Meaning::Cancelled => {
                self.withdraw(deed);
                if meant != Meaning::Cancelled {
                    self.unsign_statuses();
                }
            }
            Meaning::Approved => rules.into_iter().for_each(|rule| self.approve(deed, rule)),
            Meaning::Implementing => self.implement(deed, own),
            Meaning::Implemented if self.told.implementers.is_empty() => {
                self.implement(deed, own);
            }
            _ => {}
        }
        self.sign_by_status(deed, item);
        self.last = meant;
    }

    /// The rules by which a move is an approval.
    fn approving(&self, item: &Item) -> Vec<usize> {
        let rules = self.settings.approvals.iter().enumerate();
        let fits = rules.filter(|(_, rule)| match &rule.on {
            On::Status { to, from } => {
                named(&item.to, &item.to_string, to, self.world)
                    && (from.is_empty() || named(&item.from, &item.from_string, from, self.world))
            }
            _ => false,
        });
        fits.map(|(at, _)| at).collect()
    }

    pub(super) fn assign(&mut self, item: &Item) {
        self.assignee = people::by_id(&item.to, &item.to_string, &self.settings.bots);
        if self.last == Meaning::Implementing {
            let assignee = self.assignee.clone();
            self.note_implementer(assignee);
        }
    }

    /// Whoever it is assigned to carries it out, or whoever moved it there: unless the move was the tracker's own, or a rule's, in the name of somebody
    /// who did something else.
    fn implement(&mut self, deed: &Deed, own: bool) {
        let mover = deed.by.clone();
        let mover = mover.filter(|by| !own && !deed.program && !by.bot);
        let by = self.assignee.clone().or(mover);
        self.note_implementer(by);
    }

    fn note_implementer(&mut self, party: Option<Party>) {
        let known = |one: &Party| {
            party
                .as_ref()
                .is_some_and(|party| party.account == one.account)
        };
        if !self.told.implementers.iter().any(known) {
            self.told.implementers.extend(party);
        }
    }
}

/// A status's own name, which must be none of the agreed words: it means none of them here.
fn apart(name: &str) -> Text {
    let name = said(name, 100);
    let agreed = [
        request_state::APPROVED,
        request_state::REOPENED,
        request_state::REJECTED,
        request_state::CANCELLED,
        request_state::IMPLEMENTING,
        request_state::IMPLEMENTED,
        request_state::CLOSED,
    ];
    if agreed.contains(&name.as_str()) {
        Text::from(format!("status {name}"))
    } else {
        name
    }
}
