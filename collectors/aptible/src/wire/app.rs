//! Apps, their services, images, and how services scale.

use plimsoll_kit::model::Text;
use serde::Deserialize;

use super::{Links, hal};

/// An app.
#[derive(Debug, Deserialize)]
pub(crate) struct App {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    pub(crate) handle: Option<Text>,
    pub(crate) status: Option<Text>,
    pub(crate) deployment_method: Option<Text>,
    pub(crate) created_at: Option<Text>,
    #[serde(default, deserialize_with = "hal::links")]
    pub(crate) _links: Links,
    #[serde(default)]
    pub(crate) _embedded: Option<InApp>,
}

/// What comes inside an app, where the server sends it.
#[derive(Debug, Deserialize)]
pub(crate) struct InApp {
    #[serde(default)]
    pub(crate) current_image: Option<Image>,
}

/// An image that was built or pulled for an app.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Image {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    pub(crate) docker_repo: Option<Text>,
    pub(crate) docker_ref: Option<Text>,
    pub(crate) git_ref: Option<Text>,
    pub(crate) created_at: Option<Text>,
}

/// A service: what an app or a database runs as one, whatever the number of its containers.
#[derive(Debug, Deserialize)]
pub(crate) struct Service {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    pub(crate) handle: Option<Text>,
    pub(crate) process_type: Option<Text>,
    /// May hold a secret: becomes a mark.
    pub(crate) command: Option<String>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) container_count: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) container_memory_limit_mb: Option<i64>,
    pub(crate) instance_class: Option<Text>,
    pub(crate) docker_repo: Option<Text>,
    pub(crate) docker_ref: Option<Text>,
    pub(crate) force_zero_downtime: Option<bool>,
    pub(crate) naive_health_check: Option<bool>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) stop_timeout: Option<i64>,
    pub(crate) created_at: Option<Text>,
    #[serde(default, deserialize_with = "hal::links")]
    pub(crate) _links: Links,
}

/// How a service scales by itself.
#[derive(Debug, Deserialize)]
pub(crate) struct SizingPolicy {
    #[serde(default, deserialize_with = "super::id")]
    pub(crate) id: Option<Text>,
    pub(crate) scaling_enabled: Option<bool>,
    pub(crate) autoscaling: Option<Text>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) min_containers: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) max_containers: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) minimum_memory: Option<i64>,
    #[serde(default, deserialize_with = "super::number")]
    pub(crate) maximum_memory: Option<i64>,
}
