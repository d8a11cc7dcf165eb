//! A history that was read again: it only grows.
//!
//! What a tracker once told of a request happened. Told no more, it is kept, and the request is in doubt: one of the two
//! readings is wrong, and nobody here can say which.

use jiff::Timestamp;

use super::{Approval, ChangeRequest, Edit, Merge, Party, Review, SignOff, Transition, Withdrawal};
use crate::{Text, request_state};

/// How much of what is told no more is kept of one request.
const MOST: usize = 500;

/// By which rules the earlier of two readings was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// By the same ones: what was told then is told now, word for word.
    Same,
    /// By others, or nobody knows: the same event may be called something else now.
    Other,
}

impl ChangeRequest {
    /// This reading of a request, held against an earlier one of it: with all that was told then, and a doubt for what is
    /// told no more. Growing from the same reading again alters nothing.
    #[must_use]
    pub fn grown_from(mut self, earlier: &ChangeRequest, reading: Reading) -> ChangeRequest {
        self.keep_sighting(earlier);
        let told_now = deeds(&self);
        let mut growth = Growth {
            reading,
            told_now,
            kept: 0,
            doubts: Vec::new(),
        };
        growth.approvals(&mut self.approvals, &earlier.approvals);
        growth.reviews(&mut self.reviews, &earlier.reviews);
        growth.transitions(&mut self.transitions, &earlier.transitions);
        growth.edits(&mut self.edits, &earlier.edits);
        let news = news(&self, earlier);
        growth.sign_offs(&mut self.sign_offs, &earlier.sign_offs, news);
        growth.merge(&mut self.merge, earlier.merge.as_ref());
        let asked = earlier.requester.as_ref();
        let asked = asked.filter(|_| reading == Reading::Same);
        if let Some(asked) = asked.filter(|asked| !is_in(asked, &self)) {
            // Whoever asked once has a part in it, whoever is named for it today.
            self.authors.push(asked.clone());
        }
        growth.tell(&mut self);
        self
    }
}

/// Whether somebody counts as having asked for a request, or as having written it.
fn is_in(party: &Party, request: &ChangeRequest) -> bool {
    let mut parties = request.requester.iter().chain(&request.authors);
    parties.any(|one| one.account == party.account)
}

/// When and by whom something was done.
type Deed = (Option<Timestamp>, Text);

fn deed(at: Option<Timestamp>, by: Option<&Party>) -> Deed {
    (at, by.map(|by| by.account.clone()).unwrap_or_default())
}

/// All that a request tells of, without what it was.
fn deeds(request: &ChangeRequest) -> Vec<Deed> {
    let mut all = Vec::new();
    let mut back = |withdrawn: &Option<Withdrawal>| {
        all.extend(withdrawn.iter().map(|one| deed(one.at, one.by.as_ref())));
    };
    request
        .approvals
        .iter()
        .for_each(|one| back(&one.withdrawn));
    request.reviews.iter().for_each(|one| back(&one.withdrawn));
    all.extend(
        request
            .approvals
            .iter()
            .map(|one| deed(one.at, Some(&one.by))),
    );
    all.extend(
        request
            .reviews
            .iter()
            .map(|one| deed(one.at, Some(&one.by))),
    );
    all.extend(
        request
            .transitions
            .iter()
            .map(|one| deed(one.at, one.by.as_ref())),
    );
    all.extend(
        request
            .edits
            .iter()
            .map(|one| deed(one.at, one.by.as_ref())),
    );
    all.extend(
        request
            .sign_offs
            .iter()
            .map(|one| deed(one.at, Some(&one.by))),
    );
    all
}

/// The newest time at which something was done with a request of which an earlier reading knows nothing.
fn news(now: &ChangeRequest, earlier: &ChangeRequest) -> Option<Timestamp> {
    let known = deeds(earlier);
    let fresh = deeds(now).into_iter().filter(|one| !known.contains(one));
    fresh.filter_map(|(at, _)| at).max()
}

fn when(at: Option<Timestamp>) -> String {
    at.map_or("at no known time".to_owned(), |at| format!("at {at:.0}"))
}

struct Growth {
    reading: Reading,
    told_now: Vec<Deed>,
    kept: usize,
    doubts: Vec<String>,
}

impl Growth {
    /// Puts the doubts into the request: the first few, and how many more there are.
    fn tell(mut self, request: &mut ChangeRequest) {
        const FIRST: usize = 8;
        // The same at every look, in whatever order the readings have it.
        self.doubts.sort();
        self.doubts.dedup();
        let more = self.doubts.len().saturating_sub(FIRST);
        for doubt in self.doubts.into_iter().take(FIRST) {
            request.doubt(doubt);
        }
        if more > 0 {
            request.doubt(format!(
                "{more} more events of an earlier reading are told no more"
            ));
        }
    }

    /// Whether something is told under another name now, since it is read by other rules.
    fn is_renamed(&self, at: Option<Timestamp>, by: Option<&Party>) -> bool {
        self.reading == Reading::Other && at.is_some() && self.told_now.contains(&deed(at, by))
    }

    /// Notes that something is told no more. Whether there is room to keep it.
    fn lost(&mut self, what: &str, by: Option<&Party>, at: Option<Timestamp>) -> bool {
        let by = by.map_or("somebody", |by| by.account.as_str());
        let when = when(at);
        self.doubts.push(format!(
            "an earlier reading has {what} by {by} {when}, and the present one has it no more"
        ));
        self.kept += 1;
        self.kept <= MOST
    }

    fn differs(&mut self, what: &str, then: &str, now: &str) {
        self.doubts.push(format!(
            "an earlier reading has {what} {then}, and the present one {now}"
        ));
    }

    fn approvals(&mut self, now: &mut Vec<Approval>, earlier: &[Approval]) {
        let mut taken = vec![false; now.len()];
        let pairs = pair(earlier, now, &mut taken, |then, now| {
            then.by.account == now.by.account && then.kind == now.kind && then.at == now.at
        });
        for (then, place) in earlier.iter().zip(pairs) {
            let same = |one: &Approval| one.by.account == then.by.account && one.kind == then.kind;
            // Its time has come out since; or only the last yes of somebody is kept, and they said it again.
            let place = place.or_else(|| {
                let later = now.iter().zip(&taken).position(|(one, taken)| {
                    !taken && same(one) && later(then.at, one.at) && then.withdrawn.is_none()
                })?;
                *taken.get_mut(later)? = true;
                Some(later)
            });
            match place.and_then(|place| now.get_mut(place)) {
                Some(one) => {
                    let what = format!("an approval by {}", one.by.account);
                    self.withdrawal(&what, &mut one.withdrawn, then.withdrawn.as_ref());
                    one.by.bot |= then.by.bot && self.reading == Reading::Same;
                }
                None if self.is_renamed(then.at, Some(&then.by)) => {}
                None => {
                    if self.lost("an approval", Some(&then.by), then.at) {
                        now.push(then.clone());
                        taken.push(true);
                    }
                }
            }
        }
        now.sort_by_key(|one| one.at.unwrap_or(Timestamp::MAX));
    }

    fn reviews(&mut self, now: &mut Vec<Review>, earlier: &[Review]) {
        let mut taken = vec![false; now.len()];
        let pairs = pair(earlier, now, &mut taken, |then, now| {
            then.by.account == now.by.account
                && then.at == now.at
                && (&then.said, &then.kind) == (&now.said, &now.kind)
        });
        for (then, place) in earlier.iter().zip(pairs) {
            match place.and_then(|place| now.get_mut(place)) {
                Some(one) => {
                    let what = format!("a review by {}", one.by.account);
                    self.withdrawal(&what, &mut one.withdrawn, then.withdrawn.as_ref());
                    one.by.bot |= then.by.bot && self.reading == Reading::Same;
                    if let (Some(before), Some(after)) = (&then.commit, &one.commit)
                        && before != after
                    {
                        self.differs(&what, &format!("at {before}"), &format!("at {after}"));
                        one.commit = then.commit.clone();
                    }
                }
                None if self.is_renamed(then.at, Some(&then.by)) => {}
                None => {
                    if self.lost("a review", Some(&then.by), then.at) {
                        now.push(then.clone());
                    }
                }
            }
        }
        now.sort_by_key(|one| one.at.unwrap_or(Timestamp::MAX));
    }

    fn withdrawal(&mut self, what: &str, now: &mut Option<Withdrawal>, then: Option<&Withdrawal>) {
        let Some(then) = then else { return };
        let what = format!("the end of {what}");
        match now {
            None if self.is_renamed(then.at, then.by.as_ref()) => {}
            None => {
                self.lost(&what, then.by.as_ref(), then.at);
                *now = Some(then.clone());
            }
            Some(now) if now.at == then.at || then.at.is_none() => {}
            Some(_) if self.is_renamed(then.at, then.by.as_ref()) => {}
            Some(now) => {
                self.differs(&what, &when(then.at), &when(now.at));
                now.at = then.at;
            }
        }
    }

    fn transitions(&mut self, now: &mut Vec<Transition>, earlier: &[Transition]) {
        let account = |one: &Transition| one.by.as_ref().map(|by| by.account.clone());
        let mut taken = vec![false; now.len()];
        let pairs = pair(earlier, now, &mut taken, |then, now| {
            then.at == now.at
                && meaning(&then.to) == meaning(&now.to)
                && account(then) == account(now)
        });
        for (then, place) in earlier.iter().zip(pairs) {
            if place.is_some() || self.is_renamed(then.at, then.by.as_ref()) {
                continue;
            }
            let what = match meaning(&then.to) {
                "" => "a move".to_owned(),
                to => format!("a move to {to}"),
            };
            if self.lost(&what, then.by.as_ref(), then.at) {
                now.push(then.clone());
            }
        }
        now.sort_by_key(|one| one.at.unwrap_or(Timestamp::MAX));
    }

    fn edits(&mut self, now: &mut Vec<Edit>, earlier: &[Edit]) {
        let account = |one: &Edit| one.by.as_ref().map(|by| by.account.clone());
        let mut taken = vec![false; now.len()];
        let pairs = pair(earlier, now, &mut taken, |then, now| {
            then.at == now.at && then.field == now.field && account(then) == account(now)
        });
        let told = now.clone();
        for (then, place) in earlier.iter().zip(pairs) {
            if place.is_some() || self.is_renamed(then.at, then.by.as_ref()) {
                continue;
            }
            // Many trackers keep the last edit alone: both happened.
            let mut last = told.iter().filter(|one| one.field == then.field);
            let superseded = last.any(|one| later(then.at, one.at));
            let room = if superseded {
                self.kept += 1;
                self.kept <= MOST
            } else {
                let what = match then.field.as_str() {
                    "" => "an edit".to_owned(),
                    field => format!("an edit of {field}"),
                };
                self.lost(&what, then.by.as_ref(), then.at)
            };
            if room {
                now.push(then.clone());
            }
        }
        now.sort_by_key(|one| one.at.unwrap_or(Timestamp::MAX));
    }

    /// Confirmations. One that is gone since something happened later was taken back by that.
    fn sign_offs(&mut self, now: &mut Vec<SignOff>, earlier: &[SignOff], news: Option<Timestamp>) {
        let mut taken = vec![false; now.len()];
        let pairs = pair(earlier, now, &mut taken, |then, now| {
            then.at == now.at && then.kind == now.kind && then.by.account == now.by.account
        });
        for (then, place) in earlier.iter().zip(pairs) {
            let back = then.at.zip(news).is_some_and(|(at, news)| news > at);
            if place.is_some() || back || self.is_renamed(then.at, Some(&then.by)) {
                continue;
            }
            let what = format!("a confirmation ({})", then.kind);
            if self.lost(&what, Some(&then.by), then.at) {
                now.push(then.clone());
            }
        }
        now.sort_by_key(|one| one.at.unwrap_or(Timestamp::MAX));
    }

    fn merge(&mut self, now: &mut Option<Merge>, then: Option<&Merge>) {
        let Some(then) = then else { return };
        let Some(merged) = now else {
            self.lost("a merge", then.by.as_ref(), then.at);
            *now = Some(then.clone());
            return;
        };
        if let (Some(before), Some(after)) = (&then.commit, &merged.commit)
            && before != after
        {
            self.differs("its merge", &format!("as {before}"), &format!("as {after}"));
            merged.commit = then.commit.clone();
        }
    }
}

/// Of each of some events the place of its equal in another reading; none is the equal of two.
fn pair<T>(
    earlier: &[T],
    now: &[T],
    taken: &mut [bool],
    same: impl Fn(&T, &T) -> bool,
) -> Vec<Option<usize>> {
    let mut places = Vec::with_capacity(earlier.len());
    for then in earlier {
        let free = now.iter().zip(taken.iter());
        let place = free
            .enumerate()
            .find(|(_, (one, taken))| !**taken && same(then, one))
            .map(|(place, _)| place);
        if let Some(taken) = place.and_then(|place| taken.get_mut(place)) {
            *taken = true;
        }
        places.push(place);
    }
    places
}

/// Whether a time is later than another, or the first that is told.
fn later(then: Option<Timestamp>, now: Option<Timestamp>) -> bool {
    match (then, now) {
        (None, now) => now.is_some(),
        (Some(then), Some(now)) => now > then,
        (Some(_), None) => false,
    }
}

/// What a state means by the agreed words; empty for all others, whose names a tracker may change.
fn meaning(to: &str) -> &str {
    let agreed = [
        request_state::APPROVED,
        request_state::REOPENED,
        request_state::REJECTED,
        request_state::CANCELLED,
        request_state::IMPLEMENTING,
        request_state::IMPLEMENTED,
        request_state::CLOSED,
    ];
    if agreed.contains(&to) { to } else { "" }
}

#[cfg(test)]
mod tests;
