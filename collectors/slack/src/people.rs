//! Accounts by their ids: what they are called, and whether a program acts there.

use std::collections::HashMap;

use plimsoll_model::{ChangeRequest, Party, Text};

use crate::client::{Failed, Slack};
use crate::text::{is_person, shown};
use crate::wire::User;

/// How many accounts are looked up in one run.
const MOST: usize = 5000;
/// The longest name, in characters.
const LONGEST: usize = 80;

/// What is known of accounts so far. Each is asked for once in a run.
#[derive(Default)]
pub(crate) struct People {
    known: HashMap<Text, Option<Known>>,
    /// Why nobody is looked up any more.
    given_up: Option<String>,
}

#[derive(Clone)]
struct Known {
    name: Option<Text>,
    bot: bool,
}

/// What could not be found out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// One account, for now.
    One(String),
    /// All of them, since the right is missing.
    All(String),
}

impl People {
    /// Puts names to the accounts of a request, and says which of them are programs.
    pub(crate) async fn name(
        &mut self,
        slack: &Slack,
        request: &mut ChangeRequest,
    ) -> Vec<Unknown> {
        let mut unknown = Vec::new();
        let mut ids: Vec<Text> = Vec::new();
        parties(request, &mut |party| ids.push(party.account.clone()));
        ids.sort();
        ids.dedup();
        for id in ids {
            if is_person(&id) && !self.known.contains_key(&id) {
                let found = self.look_up(slack, &id, &mut unknown).await;
                self.known.insert(id, found);
            }
        }
        parties(request, &mut |party| {
            if let Some(Some(known)) = self.known.get(&party.account) {
                party.name = known.name.clone().or(party.name.take());
                party.bot |= known.bot;
            }
        });
        unknown
    }

    async fn look_up(
        &mut self,
        slack: &Slack,
        id: &str,
        unknown: &mut Vec<Unknown>,
    ) -> Option<Known> {
        if self.given_up.is_some() {
            return None;
        }
        if self.known.len() >= MOST {
            let why = format!("more than {MOST} accounts: the rest stays without names");
            self.given_up = Some(why.clone());
            unknown.push(Unknown::All(why));
            return None;
        }
        match slack.user(id).await {
            Ok(account) => Some(known(&account.user)),
            Err(error) => {
                unknown.extend(self.failed(id, &error));
                None
            }
        }
    }

    fn failed(&mut self, id: &str, error: &Failed) -> Option<Unknown> {
        let refusal = error.refusal();
        if refusal.is_some_and(|refusal| refusal.is_nobody()) {
            // Somebody of another workspace: the id alone says who.
            return None;
        }
        if refusal.is_some_and(|refusal| refusal.right == plimsoll_kit::Right::Denied) {
            let why = format!(
                "{error}; accounts stay without names, and which of them are programs is known only of what programs send"
            );
            self.given_up = Some(why.clone());
            return Some(Unknown::All(why));
        }
        Some(Unknown::One(format!("the account {id}: {error}")))
    }
}

fn known(user: &User) -> Known {
    let names = [
        &user.profile.display_name,
        &user.profile.real_name,
        &user.real_name,
        &user.name,
    ];
    let mut names = names.into_iter().flatten();
    let name = names.find(|name| !name.trim().is_empty());
    Known {
        name: name.map(|name| shown(name, LONGEST).into()),
        bot: user.is_bot,
    }
}

/// Every account that a request names.
fn parties(request: &mut ChangeRequest, each: &mut impl FnMut(&mut Party)) {
    let plain = request
        .requester
        .iter_mut()
        .chain(&mut request.implementers)
        .chain(&mut request.authors);
    plain.for_each(&mut *each);
    for approval in &mut request.approvals {
        each(&mut approval.by);
        let by = approval.withdrawn.as_mut().and_then(|it| it.by.as_mut());
        by.into_iter().for_each(&mut *each);
    }
    for sign_off in &mut request.sign_offs {
        each(&mut sign_off.by);
    }
    let edits = request.edits.iter_mut().filter_map(|it| it.by.as_mut());
    edits.for_each(&mut *each);
    let moves = request
        .transitions
        .iter_mut()
        .filter_map(|it| it.by.as_mut());
    moves.for_each(&mut *each);
}
