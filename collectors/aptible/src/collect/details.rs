//! What no list holds: an endpoint's settings, an app's image.

use futures::future::join_all;
use plimsoll_kit::http::Error;
use plimsoll_kit::model::Text;

use crate::client::Api;
use crate::normalise::ports::{self, Layer};
use crate::wire::{App, Image, Ref, Setting, Vhost};

/// The settings of each endpoint that has some of its own and ends TLS, by the endpoint's place in the list.
pub(super) async fn settings(api: &Api, vhosts: &[Vhost]) -> Vec<Option<Result<Setting, Error>>> {
    join_all(vhosts.iter().map(|vhost| async move {
        let link = vhost._links.current_setting.as_ref();
        let link = link.filter(|_| matches!(ports::layer(vhost), Layer::Http | Layer::Tls));
        Some(one(api, "settings", link?).await)
    }))
    .await
}

/// The image of each app that has one, by the app's place in the list: as it came inside the app, or asked for.
pub(super) async fn images(api: &Api, apps: &mut [App]) -> Vec<Option<Result<Image, Error>>> {
    let came: Vec<(Option<Image>, Option<Ref>)> = apps
        .iter_mut()
        .map(|app| {
            let image = app._embedded.take().and_then(|inside| inside.current_image);
            (image, app._links.current_image.clone())
        })
        .collect();
    join_all(came.into_iter().map(|(image, link)| async move {
        let number: Option<&Text> = link.as_ref().map(|link| &link.id);
        match image {
            Some(image) if number.is_none() || image.id.as_ref() == number => Some(Ok(image)),
            _ => Some(one(api, "images", link.as_ref()?).await),
        }
    }))
    .await
}

async fn one<T: serde::de::DeserializeOwned>(
    api: &Api,
    kind: &str,
    link: &Ref,
) -> Result<T, Error> {
    api.get(&format!("/{kind}/{}", link.id)).await?.json()
}
