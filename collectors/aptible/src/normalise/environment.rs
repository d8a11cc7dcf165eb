//! Environments, and what everything in one of them shares.

use plimsoll_kit::Redactor;
use plimsoll_kit::model::{Alias, Asset, AssetId, Claim, RelationKind, Text, fact, kind};

use super::{PLACE, Piece, asset, id_of, name_of, own, said, say, stack, time};
use crate::wire::{Account, Stack};

const WORD: &str = "GET /accounts type; the platform gives it by the stack: production on a dedicated one, \
    development on a shared one";

/// An environment, and what everything in it shares.
pub(crate) struct Site<'a> {
    pub(crate) account: &'a Account,
    /// Its stack, where the list of stacks has it.
    pub(crate) stack: Option<&'a Stack>,
    pub(crate) redactor: &'a Redactor,
    pub(crate) clock_reference: Option<&'a str>,
    /// Its name, as it stands in what things are called.
    pub(crate) name: Text,
}

impl<'a> Site<'a> {
    pub(crate) fn new(
        account: &'a Account,
        stacks: &'a [Stack],
        redactor: &'a Redactor,
        clock_reference: Option<&'a str>,
    ) -> Self {
        let wanted = account._links.stack.as_ref();
        let stack = wanted.and_then(|wanted| {
            let mut stacks = stacks.iter();
            stacks.find(|stack| stack.id.as_ref() == Some(&wanted.id))
        });
        Self {
            account,
            stack,
            redactor,
            clock_reference,
            name: name_of(
                account.handle.as_ref(),
                account.id.as_deref().unwrap_or_default(),
            ),
        }
    }

    /// Its number in the API.
    pub(crate) fn number(&self) -> &str {
        self.account.id.as_deref().unwrap_or_default()
    }

    /// The scope in which everything in it is read.
    pub(crate) fn scope(&self) -> String {
        format!("environment/{}", self.number())
    }

    /// The name that its scope had in the first edition, which made it of the handle.
    pub(crate) fn former_scope(&self) -> String {
        format!("environment/{}", self.name)
    }

    /// The id of its own asset: handles change, and numbers do not.
    pub(crate) fn id(&self) -> AssetId {
        id_of(kind::PLATFORM_ENVIRONMENT, self.number())
    }

    /// What something in it is called by the handles of today.
    pub(crate) fn called(&self, kind: &str, names: &[&str]) -> Alias {
        let mut parts = vec![PLACE, self.name.as_str()];
        parts.extend_from_slice(names);
        Alias::called(&AssetId::of(kind, &parts))
    }

    /// An asset in it, with what all in it share. `called` are the handles below the environment's by which people call it.
    pub(crate) fn asset(
        &self,
        id: AssetId,
        kind: &str,
        name: Text,
        called: &[&str],
        (api, number): (&str, &str),
    ) -> Asset {
        let mut asset = self.unnamed(id, kind, name, api, number);
        asset.aliases.push(self.called(kind, called));
        asset
    }

    /// An asset in it that people do not call by a handle.
    pub(crate) fn unnamed(
        &self,
        id: AssetId,
        kind: &str,
        name: Text,
        api: &str,
        number: &str,
    ) -> Asset {
        let mut asset = asset(id, kind, name, api, number);
        self.claim_environment(&mut asset);
        let region = self.stack.and_then(|stack| stack.region.as_ref());
        say(&mut asset, fact::REGION, said(region), "GET /stacks region");
        asset
    }

    /// Relates something that runs to the stack that it runs on.
    pub(crate) fn runs(&self, piece: &mut Piece) {
        if let Some(stack) = self.stack {
            piece.relate(RelationKind::RunsOn, stack::id(stack));
        }
    }

    fn claim_environment(&self, asset: &mut Asset) {
        let word = match said(self.account.kind.as_ref()) {
            Some(word) => Claim::reported(word).by(WORD),
            None => Claim::unknown("GET /accounts gives the environment no type"),
        };
        asset.claim(fact::ENVIRONMENT, word);
        let dedicated = match self.stack {
            Some(stack) => stack::dedicated(stack),
            None => Claim::unknown("the environment's stack is not in GET /stacks"),
        };
        asset.claim(own::STACK_DEDICATED, dedicated);
    }
}

/// The environment itself.
pub(crate) fn environment(site: &Site<'_>) -> Piece {
    let kind = kind::PLATFORM_ENVIRONMENT;
    let mut asset = site.asset(
        site.id(),
        kind,
        site.name.clone(),
        &[],
        ("accounts", site.number()),
    );
    asset.claim(fact::PLATFORM_KIND, Claim::reported("account"));
    say(
        &mut asset,
        "activated",
        site.account.activated,
        "GET /accounts activated",
    );
    say(
        &mut asset,
        fact::CREATED,
        time(site.account.created_at.as_ref()),
        "GET /accounts created_at",
    );
    let mut piece = Piece::new(asset);
    site.runs(&mut piece);
    piece
}
