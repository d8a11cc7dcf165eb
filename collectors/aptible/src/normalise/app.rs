//! Apps.

use plimsoll_kit::model::{AssetId, Claim, RelationKind, Text, fact, kind};

use super::drain::Drains;
use super::environment::Site;
use super::{Piece, id_of, image, name_of, own, said, say, time};
use crate::wire::{App, Image};

/// An app's name.
pub(crate) fn name(app: &App) -> Text {
    name_of(app.handle.as_ref(), app.id.as_deref().unwrap_or_default())
}

/// The id of an app's asset.
pub(crate) fn id(app: &App) -> AssetId {
    id_of(kind::APP, app.id.as_deref().unwrap_or_default())
}

/// An app, with what is known of the image that it runs: none where it has none, and an error where it could not be read.
pub(crate) fn app(
    site: &Site<'_>,
    app: &App,
    current: Option<Result<&Image, &str>>,
    drains: &Drains,
) -> Piece {
    let number = app.id.as_deref().unwrap_or_default();
    let called = name(app);
    let mut asset = site.asset(
        id(app),
        kind::APP,
        called.clone(),
        &[&called],
        ("apps", number),
    );
    asset.claim(fact::PLATFORM_KIND, Claim::reported("app"));
    say(
        &mut asset,
        own::STATUS,
        said(app.status.as_ref()),
        "GET /apps status",
    );
    let method = said(app.deployment_method.as_ref());
    say(
        &mut asset,
        "deployment.method",
        method,
        "GET /apps deployment_method",
    );
    say(
        &mut asset,
        fact::CREATED,
        time(app.created_at.as_ref()),
        "GET /apps created_at",
    );
    // Its values must not be read, and its names cannot be read without them: that it changed is all there is to see.
    let configuration = app._links.current_configuration.as_ref();
    let configuration = configuration.map(|link| link.id.clone());
    say(
        &mut asset,
        "configuration.id",
        configuration,
        "GET /apps _links.current_configuration",
    );
    match current {
        Some(Ok(current)) => {
            let basis = "GET /images/{id} docker_repo, docker_ref";
            image::claim(
                &mut asset,
                current.docker_repo.as_ref(),
                current.docker_ref.as_ref(),
                basis,
            );
            image::claim_source(&mut asset, current);
        }
        Some(Err(why)) => {
            for fact in [fact::IMAGE, fact::IMAGE_DIGESTS, fact::SOURCE_COMMIT] {
                asset.claim(fact, Claim::unknown(why));
            }
        }
        None => {}
    }
    asset.claim(fact::LOGS_DESTINATIONS, drains.of_apps());
    let mut piece = Piece::new(asset);
    piece.relate_from(site.id(), RelationKind::Contains);
    drains.relate(&mut piece, |drain| drain.drain_apps);
    piece
}
