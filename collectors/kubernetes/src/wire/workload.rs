//! What keeps pods running, and what scales it.

use plimsoll_model::Text;

use super::{Many, Meta, Named, PodSpec, Selector};

/// A deployment, stateful set, daemon set or replica set: what is read of them is alike.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Workload {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: WorkloadSpec,
}

/// What a workload asks for.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct WorkloadSpec {
    pub(crate) replicas: Option<i64>,
    pub(crate) paused: Option<bool>,
    pub(crate) selector: Option<Selector>,
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) template: Template,
    pub(crate) volume_claim_templates: Many<ClaimTemplate>,
}

/// What each of a workload's pods is made of.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(from = "TemplateAsSent")]
pub(crate) struct Template {
    pub(crate) metadata: Meta,
    pub(crate) spec: PodSpec,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct TemplateAsSent {
    #[serde(deserialize_with = "super::or_default")]
    metadata: Meta,
    #[serde(deserialize_with = "super::or_default")]
    spec: PodSpec,
}

impl From<TemplateAsSent> for Template {
    fn from(TemplateAsSent { metadata, mut spec }: TemplateAsSent) -> Self {
        spec.fill_in(&metadata.annotations);
        Self { metadata, spec }
    }
}

/// A claim that each pod of a stateful set gets for itself.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct ClaimTemplate {
    pub(crate) metadata: Meta,
}

/// A job.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Job {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: JobSpec,
}

/// What a job asks for.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct JobSpec {
    pub(crate) suspend: Option<bool>,
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) template: Template,
}

/// A job that is made again and again.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct CronJob {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: CronJobSpec,
}

/// What a cron job asks for.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct CronJobSpec {
    pub(crate) schedule: Option<Text>,
    pub(crate) time_zone: Option<Text>,
    pub(crate) suspend: Option<bool>,
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) job_template: JobTemplate,
}

/// What each of a cron job's jobs is made of.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct JobTemplate {
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) spec: JobSpec,
}

/// A horizontal pod autoscaler.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Autoscaler {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: AutoscalerSpec,
}

/// What an autoscaler does.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct AutoscalerSpec {
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) scale_target_ref: Target,
    pub(crate) min_replicas: Option<i64>,
    pub(crate) max_replicas: Option<i64>,
}

/// What an autoscaler scales.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Target {
    pub(crate) kind: Text,
    pub(crate) name: Text,
}

/// A service account.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub(crate) metadata: Meta,
    #[serde(default)]
    pub(crate) automount_service_account_token: Option<bool>,
    #[serde(default)]
    pub(crate) image_pull_secrets: Many<Named>,
    #[serde(default)]
    pub(crate) secrets: Many<Named>,
}
