//! Pods: what truly runs. Read by the ten thousand, so borrowed from the answer, and parsed only as far as is asked.

use std::borrow::Cow;

use plimsoll_model::Text;
use serde_json::value::RawValue;

use super::{Meta, PodSpec, WireError, one};

/// A pod's namespace and name.
pub(crate) type Name = (Option<Text>, Option<Text>);

/// A pod.
#[derive(serde::Deserialize)]
pub(crate) struct Pod<'a> {
    #[serde(borrow)]
    metadata: &'a RawValue,
    #[serde(borrow)]
    spec: &'a RawValue,
    #[serde(borrow, default)]
    status: Option<Status<'a>>,
}

/// What is asked of the metadata of every pod.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head<'a> {
    #[serde(borrow)]
    pub(crate) name: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) namespace: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) owner_references: Option<Vec<OwnerRef<'a>>>,
}

/// Who a pod belongs to.
#[derive(serde::Deserialize)]
pub(crate) struct OwnerRef<'a> {
    #[serde(borrow)]
    pub(crate) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) name: Cow<'a, str>,
    #[serde(default)]
    pub(crate) controller: Option<bool>,
}

/// What is asked of the specification of every pod.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Short<'a> {
    #[serde(borrow, default)]
    pub(crate) node_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) containers: Option<Vec<Asked<'a>>>,
    #[serde(borrow, default)]
    pub(crate) init_containers: Option<Vec<Asked<'a>>>,
    #[serde(borrow, default)]
    pub(crate) ephemeral_containers: Option<Vec<Asked<'a>>>,
}

/// A container as the pod asks for it.
#[derive(serde::Deserialize)]
pub(crate) struct Asked<'a> {
    #[serde(borrow, default)]
    pub(crate) name: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) image: Option<Cow<'a, str>>,
}

/// How a pod is.
#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Status<'a> {
    #[serde(borrow)]
    pub(crate) phase: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) container_statuses: Option<Vec<Runs<'a>>>,
    #[serde(borrow)]
    pub(crate) init_container_statuses: Option<Vec<Runs<'a>>>,
}

/// A container as it runs.
#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Runs<'a> {
    #[serde(borrow)]
    pub(crate) name: Cow<'a, str>,
    #[serde(borrow, rename = "imageID")]
    pub(crate) image_id: Option<Cow<'a, str>>,
    pub(crate) restart_count: Option<i64>,
}

impl<'a> Pod<'a> {
    /// What is asked of every pod; with an error, the pod's namespace and name where these can be read.
    pub(crate) fn short(&self) -> Result<(Head<'a>, Short<'a>), (Option<Name>, WireError)> {
        let head: Head<'a> =
            serde_json::from_str(self.metadata.get()).map_err(|error| (None, error.into()))?;
        match serde_json::from_str(self.spec.get()) {
            Ok(short) => Ok((head, short)),
            Err(error) => {
                let space = head.namespace.as_deref().map(Text::from);
                Err((Some((space, Some(head.name.as_ref().into()))), error.into()))
            }
        }
    }

    /// All that a template would say, for a pod that nobody keeps.
    pub(crate) fn whole(&self) -> Result<(Meta, PodSpec), WireError> {
        let meta = one(self.metadata.get().as_bytes())?;
        Ok((meta, one(self.spec.get().as_bytes())?))
    }

    /// How it is.
    pub(crate) fn status(&self) -> Option<&Status<'a>> {
        self.status.as_ref()
    }
}
