//! Confirmations by comments that begin with agreed words.

use std::collections::BTreeSet;

use plimsoll_model::SignOff;

use super::people;
use crate::settings::{On, Settings};
use crate::wire::{Comment, adf, moment};

/// What comments confirm.
#[derive(Default)]
pub(crate) struct Signed {
    pub(crate) sign_offs: Vec<SignOff>,
    pub(crate) remarks: BTreeSet<String>,
}

/// Whether any rule asks for comments.
pub(crate) fn are_asked_for(settings: &Settings) -> bool {
    let mut rules = settings.sign_offs.iter();
    rules.any(|rule| matches!(rule.on, On::Comment(_)))
}

/// What comments confirm. One that was altered counts from then on, and by nobody where another altered it.
pub(crate) fn sign_offs(comments: &[Comment], settings: &Settings) -> Signed {
    let mut signed = Signed::default();
    if !are_asked_for(settings) {
        return signed;
    }
    for comment in comments {
        let Some(body) = &comment.body else { continue };
        let text = adf::body(body).text.trim_start().to_lowercase();
        for rule in &settings.sign_offs {
            let On::Comment(starts) = &rule.on else {
                continue;
            };
            if !starts.iter().any(|start| text.starts_with(start.as_str())) {
                continue;
            }
            let by = people::party(comment.author.as_ref(), &settings.bots);
            let last = people::party(comment.update_author.as_ref(), &settings.bots);
            let (made, altered) = (moment(&comment.created), moment(&comment.updated));
            let same = last.is_none()
                || last.as_ref().map(|last| &last.account) == by.as_ref().map(|by| &by.account);
            let Some(by) = by.filter(|_| same) else {
                let what = "a comment that confirms it is by nobody who is known, or was altered by another";
                signed.remarks.insert(what.to_owned());
                continue;
            };
            signed.sign_offs.push(SignOff {
                by,
                at: made.max(altered),
                kind: rule.kind.clone(),
                root_cause: rule.root_cause,
            });
        }
    }
    signed
}
