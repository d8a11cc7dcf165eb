//! Reading one kind: of all namespaces at once where that is allowed, else of one after the other.

use std::collections::BTreeMap;

use futures::future::join_all;
use plimsoll_kit::Harvester;
use plimsoll_model::Text;

use crate::client::Api;
use crate::kinds::Kind;
use crate::list::{self, Fold, ListError};
use crate::surface::Asked;
use crate::wire::Broken;

/// The namespaces that are read.
pub(crate) struct Spaces {
    /// Their names.
    pub(crate) names: Vec<Text>,
    /// Whether they were named, and are all that is to be read.
    pub(crate) only: bool,
}

/// What could be read of one kind.
pub(crate) struct Read<F> {
    /// The kind.
    pub(crate) kind: Kind,
    /// What was made of it, by parts of the cluster.
    pub(crate) folds: Vec<F>,
    /// What was not seen.
    unseen: Unseen,
    /// The objects that make no sense, with the namespace that was asked for.
    broken: Vec<(Option<Text>, Broken)>,
}

enum Unseen {
    /// Nothing: the list was read to its end.
    Nothing,
    /// All of it.
    All(ListError),
    /// These namespaces.
    Spaces(BTreeMap<Text, ListError>),
}

impl<F> Read<F> {
    /// A kind that the server does not have, of which nothing can be missed.
    fn absent(kind: Kind) -> Self {
        Self::nothing(kind, Unseen::Nothing)
    }

    fn nothing(kind: Kind, unseen: Unseen) -> Self {
        Self {
            kind,
            folds: Vec::new(),
            unseen,
            broken: Vec::new(),
        }
    }

    /// Whether all of a namespace was listed; of the cluster's own kinds, whether all was.
    pub(crate) fn saw(&self, space: &str) -> bool {
        match &self.unseen {
            Unseen::Nothing => true,
            Unseen::All(_) => false,
            Unseen::Spaces(spaces) => !spaces.contains_key(space),
        }
    }

    /// Whether all was listed.
    pub(crate) fn saw_all(&self) -> bool {
        matches!(self.unseen, Unseen::Nothing)
    }

    /// The namespaces that were not listed, where others were.
    pub(crate) fn unseen_spaces(&self) -> impl Iterator<Item = &Text> {
        let spaces = match &self.unseen {
            Unseen::Spaces(spaces) => Some(spaces.keys()),
            _ => None,
        };
        spaces.into_iter().flatten()
    }

    /// Whether nothing was listed to its end.
    pub(crate) fn unseen_all(&self) -> bool {
        matches!(self.unseen, Unseen::All(_))
    }

    /// Says what was not seen, on the scopes that are the worse for it.
    pub(crate) fn report(&self, spaces: &[Text], harvest: &mut Harvester) {
        let what = self.kind.plural;
        match &self.unseen {
            Unseen::Nothing => {}
            // Said once for all such kinds, where the server was asked what it has.
            Unseen::All(ListError::NotSaid) => {}
            Unseen::All(error) => {
                let text = said(&self.kind, None, error);
                for space in spaces {
                    harvest.trouble(&scope(space), text.clone());
                }
            }
            Unseen::Spaces(failed) => {
                for (space, error) in failed {
                    harvest.trouble(&scope(space), said(&self.kind, Some(space), error));
                }
            }
        }
        for (asked, one) in &self.broken {
            let text = format!(
                "{what}: {} makes no sense and was left out: {}",
                list::name_of(one),
                one.error
            );
            match one.namespace.as_ref().or(asked.as_ref()) {
                Some(space) => harvest.trouble(&scope(space), text),
                // Whose it is cannot be read: it may be anyone's.
                None => spaces
                    .iter()
                    .for_each(|space| harvest.trouble(&scope(space), text.clone())),
            }
        }
    }

    /// As [`report`](Self::report), for a kind of the cluster's own.
    pub(crate) fn report_to(&self, scope: &str, harvest: &mut Harvester) {
        if let Unseen::All(error) = &self.unseen {
            harvest.trouble(scope, said(&self.kind, None, error));
        }
        for (_, one) in &self.broken {
            let (what, name) = (self.kind.plural, list::name_of(one));
            let why = &one.error;
            harvest.trouble(
                scope,
                format!("{what}: {name} makes no sense and was left out: {why}"),
            );
        }
    }

    /// Whether the whole list was refused for want of a right.
    pub(crate) fn is_refused(&self) -> bool {
        let Unseen::All(error) = &self.unseen else {
            return false;
        };
        error.api().is_some_and(crate::client::ApiError::is_refusal)
    }
}

impl<T> Read<list::All<T>> {
    /// Everything that was read.
    pub(crate) fn items(&self) -> impl Iterator<Item = &T> {
        self.folds.iter().flat_map(|fold| &fold.0)
    }
}

/// The scope of a namespace.
pub(crate) fn scope(space: &str) -> String {
    format!("namespace/{space}")
}

/// What could not be read, why, and what to do about it.
pub(crate) fn said(kind: &Kind, space: Option<&str>, error: &ListError) -> String {
    let path = kind.path(space);
    match error.api() {
        Some(error) if error.status() == Some(403) => {
            let right = kind.right();
            let place = match space {
                Some(space) => format!("in the namespace {space}"),
                None => "in the whole cluster".to_owned(),
            };
            format!("GET {path}: not allowed; grant the right to {right} {place}")
        }
        _ => format!("GET {path}: {error}"),
    }
}

/// Reads a kind of the cluster's own.
pub(crate) async fn own<F: Fold + Default>(api: &Api, kind: Kind, most: usize) -> Read<F> {
    at(api, kind, &kind.path(None), None, most).await
}

/// Reads a kind in one namespace alone, as one of the cluster's own.
pub(crate) async fn within<F: Fold + Default>(
    api: &Api,
    kind: Kind,
    space: &str,
    most: usize,
) -> Read<F> {
    at(api, kind, &kind.path(Some(space)), Some(space), most).await
}

async fn at<F: Fold + Default>(
    api: &Api,
    kind: Kind,
    path: &str,
    space: Option<&str>,
    most: usize,
) -> Read<F> {
    let listed = list::list::<F>(api, path, kind.form, most).await;
    if listed
        .error
        .as_ref()
        .is_some_and(|error| is_missing(kind, error))
    {
        return Read::absent(kind);
    }
    let asked = space.map(Text::from);
    Read {
        kind,
        folds: vec![listed.fold],
        unseen: listed.error.map_or(Unseen::Nothing, Unseen::All),
        broken: listed
            .broken
            .into_iter()
            .map(|one| (asked.clone(), one))
            .collect(),
    }
}

/// Reads a kind in namespaces.
pub(crate) async fn spaced<F: Fold + Default>(
    api: &Api,
    asked: Asked,
    spaces: &Spaces,
    most: usize,
) -> Read<F> {
    let kind = match asked {
        Asked::There(kind) => kind,
        Asked::Absent(kind) => return Read::absent(kind),
        Asked::NotSaid(kind) => return Read::nothing(kind, Unseen::All(ListError::NotSaid)),
    };
    if !spaces.only {
        let read: Read<F> = own(api, kind, most).await;
        match &read.unseen {
            Unseen::All(error) if is_missing(kind, error) => return Read::absent(kind),
            // Without a name there is no other way to ask.
            Unseen::All(error)
                if !spaces.names.is_empty()
                    && error.api().is_some_and(|one| one.status() == Some(403)) => {}
            _ => return read,
        }
    }
    let each = spaces.names.iter().map(|space| async move {
        let path = kind.path(Some(space));
        (space, list::list::<F>(api, &path, kind.form, most).await)
    });
    let mut read = Read {
        kind,
        folds: Vec::with_capacity(spaces.names.len()),
        unseen: Unseen::Nothing,
        broken: Vec::new(),
    };
    let mut failed = BTreeMap::new();
    for (space, listed) in join_all(each).await {
        read.folds.push(listed.fold);
        let broken = listed.broken.into_iter();
        read.broken
            .extend(broken.map(|one| (Some(space.clone()), one)));
        match listed.error {
            Some(error) if is_missing(kind, &error) => {}
            Some(error) => {
                failed.insert(space.clone(), error);
            }
            None => {}
        }
    }
    if !failed.is_empty() {
        read.unseen = Unseen::Spaces(failed);
    }
    read
}

/// Whether a kind that not every server has turns out not to be there after all.
fn is_missing(kind: Kind, error: &ListError) -> bool {
    kind.optional && error.api().is_some_and(crate::client::ApiError::is_absent)
}
