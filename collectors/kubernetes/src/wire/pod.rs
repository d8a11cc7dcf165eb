//! Pods: what truly runs. Read by the ten thousand, so borrowed from the answer, and parsed only as far as is asked.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use plimsoll_model::Text;
use serde_json::value::RawValue;

use super::{Map, Meta, PodSpec, There, WireError, one};

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
    #[serde(borrow, default)]
    pub(crate) labels: Option<&'a RawValue>,
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

/// What is asked of the specification of every pod: where it runs, and the parts by which pods may differ, unparsed.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Short<'a> {
    #[serde(borrow, default)]
    pub(crate) node_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    containers: Option<&'a RawValue>,
    #[serde(borrow, default)]
    init_containers: Option<&'a RawValue>,
    #[serde(borrow, default)]
    ephemeral_containers: Option<&'a RawValue>,
    #[serde(borrow, default)]
    volumes: Option<&'a RawValue>,
    #[serde(borrow, default)]
    security_context: Option<&'a RawValue>,
    #[serde(borrow, default)]
    image_pull_secrets: Option<&'a RawValue>,
    #[serde(borrow, default)]
    service_account_name: Option<&'a RawValue>,
    #[serde(borrow, default)]
    runtime_class_name: Option<&'a RawValue>,
    #[serde(default)]
    automount_service_account_token: Option<bool>,
    #[serde(default)]
    host_network: Option<bool>,
    #[serde(rename = "hostPID", default)]
    host_pid: Option<bool>,
    #[serde(rename = "hostIPC", default)]
    host_ipc: Option<bool>,
    #[serde(default)]
    host_users: Option<bool>,
}

impl Short<'_> {
    /// Puts into a hasher what pods made alike have in common; `pod` is its name.
    pub(crate) fn hash(&self, pod: &str, hasher: &mut impl Hasher) {
        for part in [
            self.containers,
            self.init_containers,
            self.ephemeral_containers,
            self.volumes,
            self.security_context,
            self.image_pull_secrets,
            self.service_account_name,
            self.runtime_class_name,
        ] {
            if let Some(part) = part {
                hash_without_name(part.get(), pod, hasher);
            }
            // No text has this byte.
            hasher.write_u8(0xff);
        }
        let switches = [
            self.automount_service_account_token,
            self.host_network,
            self.host_pid,
            self.host_ipc,
            self.host_users,
        ];
        switches.hash(hasher);
    }

    /// Whether something was put into it while it ran.
    pub(crate) fn has_ephemeral(&self) -> bool {
        self.ephemeral_containers.is_some()
    }
}

/// The volume with the token of a pod's account has five signs of chance behind this.
pub(super) const TOKEN_VOLUME: &str = "kube-api-access-";

/// All of a text but the pod's own name, and the signs of chance in the name of its token's volume.
fn hash_without_name(text: &str, pod: &str, hasher: &mut impl Hasher) {
    for (at, part) in text.split(TOKEN_VOLUME).enumerate() {
        let part = match at {
            0 => part,
            _ => part.get(5..).unwrap_or(part),
        };
        if pod.is_empty() {
            hasher.write(part.as_bytes());
            continue;
        }
        for piece in part.split(pod) {
            hasher.write(piece.as_bytes());
            hasher.write_u8(0xfe);
        }
    }
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
    #[serde(borrow)]
    ephemeral_container_statuses: Option<Vec<PutIn<'a>>>,
}

/// A container that was put into a running pod.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct PutIn<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    state: Option<State>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct State {
    terminated: Option<There>,
}

impl Status<'_> {
    /// The containers that were put in and have ended: nothing takes them out of the specification again.
    pub(crate) fn ended(&self) -> impl Iterator<Item = &str> {
        let all = self.ephemeral_container_statuses.iter().flatten();
        let ended = |one: &&PutIn<'_>| {
            let state = one.state.as_ref();
            state.is_some_and(|state| state.terminated.is_some())
        };
        all.filter(ended).map(|one| one.name.as_ref())
    }
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

impl Head<'_> {
    /// Its labels.
    pub(crate) fn label_map(&self) -> Map<Text> {
        let labels = self.labels.map(|raw| one(raw.get().as_bytes()));
        labels.and_then(Result::ok).unwrap_or_default()
    }
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

    /// All that it says of itself.
    pub(crate) fn meta(&self) -> Result<Meta, WireError> {
        one(self.metadata.get().as_bytes())
    }

    /// All that a template would say, and what was put in since.
    pub(crate) fn spec(&self) -> Result<PodSpec, WireError> {
        #[derive(Default, serde::Deserialize)]
        #[serde(default)]
        struct Annotated {
            annotations: Map<Text>,
        }
        let mut spec: PodSpec = one(self.spec.get().as_bytes())?;
        let annotated: Annotated = one(self.metadata.get().as_bytes())?;
        spec.fill_in(&annotated.annotations);
        Ok(spec)
    }

    /// How it is.
    pub(crate) fn status(&self) -> Option<&Status<'a>> {
        self.status.as_ref()
    }
}
