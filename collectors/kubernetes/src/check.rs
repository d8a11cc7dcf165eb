//! What can be read with the rights at hand: each list is tried for one object, as a review of one's rights would be a `POST`.

use std::collections::BTreeMap;

use futures::future::join_all;
use plimsoll_kit::{Access, Right};

use crate::client::{Api, ApiError};
use crate::kinds::{self, Kind};
use crate::login::Login;
use crate::settings::Settings;
use crate::surface::{self, NoSurface, Surface};
use crate::wire::{self, Metadata};

/// The most namespaces that are tried one by one.
const MOST_SPACES: usize = 50;

/// Says for each scope what may be listed, and which right is missing.
pub(crate) async fn check(api: &Api, login: &Login, settings: &Settings) -> Vec<Access> {
    let mut all = Vec::new();
    match surface::version(api).await {
        Ok(version) => {
            let version = version.git_version.unwrap_or_default();
            let version = crate::normalise::word(&version);
            let detail = format!("{} at {}, version {version}", login.cluster, login.endpoint);
            all.push(access("API server", Right::Granted, detail));
        }
        Err(NoSurface::Api(error)) if error.is_silence() => {
            all.push(refused("API server", "GET /version", &error));
            return all;
        }
        Err(error) => all.push(unreachable("API server", format!("GET /version: {error}"))),
    }
    let surface = match Surface::read(api).await {
        Ok(surface) => surface,
        Err(error) => {
            all.push(unreachable("API groups", format!("GET /apis: {error}")));
            Surface::default()
        }
    };
    let own = kinds::OF_CLUSTER.iter().map(|kind| async move {
        let result = try_list(api, *kind, None).await;
        (*kind, result)
    });
    for (kind, result) in join_all(own).await {
        all.push(said("cluster", kind, None, result.as_ref().err()));
    }
    let leases = try_list(api, kinds::LEASES, Some(kinds::LEASES_IN)).await;
    all.push(said(
        "cluster",
        kinds::LEASES,
        Some(kinds::LEASES_IN),
        leases.as_ref().err(),
    ));

    let optional = [kinds::AUTOSCALERS, kinds::CERTIFICATES, kinds::GATEWAYS];
    let routes = kinds::ROUTES.iter().map(|(_, kind)| *kind);
    let there = optional
        .into_iter()
        .chain(routes)
        .filter_map(|kind| surface.find(kind));
    let kinds: Vec<Kind> = kinds::OF_NAMESPACE.into_iter().chain(there).collect();
    let spaces = spaces(api, login, settings).await;
    let tries = kinds
        .iter()
        .map(|kind| try_kind(api, *kind, &spaces, settings));
    for found in join_all(tries).await {
        all.extend(found);
    }
    all
}

/// A kind in all namespaces at once; where that is not allowed, in each.
async fn try_kind(api: &Api, kind: Kind, spaces: &[String], settings: &Settings) -> Vec<Access> {
    if settings.namespaces.is_empty() {
        match try_list(api, kind, None).await {
            Ok(_) => return vec![said("all namespaces", kind, None, None)],
            Err(error) if error.status() != Some(403) => {
                return vec![said("all namespaces", kind, None, Some(&error))];
            }
            Err(_) => {}
        }
    }
    let each = spaces.iter().map(|space| async move {
        let result = try_list(api, kind, Some(space)).await;
        (space, result)
    });
    let results: BTreeMap<_, _> = join_all(each).await.into_iter().collect();
    results
        .into_iter()
        .map(|(space, result)| {
            let scope = format!("namespace/{space}");
            said(&scope, kind, Some(space), result.as_ref().err())
        })
        .collect()
}

async fn try_list(api: &Api, kind: Kind, space: Option<&str>) -> Result<(), ApiError> {
    let target = format!("{}?limit=1", kind.path(space));
    api.read(&target, kind.form, |_| async {}).await
}

/// The namespaces that are named, else those that are listed, else that of the context.
async fn spaces(api: &Api, login: &Login, settings: &Settings) -> Vec<String> {
    if !settings.namespaces.is_empty() {
        return settings.namespaces.clone();
    }
    let target = format!("{}?limit={MOST_SPACES}", kinds::NAMESPACES.path(None));
    let Ok(bytes) = api.bytes(&target).await else {
        return vec![login.config.default_namespace.clone()];
    };
    let mut names = Vec::new();
    let _ = wire::list(&bytes, std::marker::PhantomData::<Metadata>, |one| {
        names.push(one.metadata.name.to_string());
    });
    names
}

fn said(scope: &str, kind: Kind, space: Option<&str>, error: Option<&ApiError>) -> Access {
    let what = format!("{scope}: {}", kind.plural);
    match error {
        None => access(&what, Right::Granted, format!("may {}", kind.right())),
        Some(error) if error.status() == Some(403) => {
            let place = match space {
                Some(space) => format!("by a Role and RoleBinding in the namespace {space}"),
                None => "by a ClusterRole and ClusterRoleBinding".to_owned(),
            };
            let detail = format!("the right to {} is missing: grant it {place}", kind.right());
            access(&what, Right::Denied, detail)
        }
        Some(error) => refused(&what, &format!("GET {}", kind.path(space)), error),
    }
}

fn refused(what: &str, call: &str, error: &ApiError) -> Access {
    let right = if error.is_refusal() {
        Right::Denied
    } else {
        Right::Unreachable
    };
    access(what, right, format!("{call}: {error}"))
}

/// Something that could not be asked for.
pub(crate) fn unreachable(what: &str, detail: String) -> Access {
    access(what, Right::Unreachable, detail)
}

fn access(what: &str, right: Right, detail: String) -> Access {
    Access {
        what: what.to_owned(),
        right,
        detail,
    }
}
