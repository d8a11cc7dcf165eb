//! Handing over workloads, with what their pods say.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_kit::Harvester;
use plimsoll_model::Text;

use crate::client::Api;
use crate::estate::Estate;
use crate::handover::{Out, Rest};
use crate::keepers::{self, Kept, Single};
use crate::normalise::autoscaler::Autoscalers;
use crate::normalise::images::Seen;
use crate::normalise::pods::{Key, Pods};
use crate::normalise::workload::{Around, Draft, workload};
use crate::normalise::{Site, names, reported, word};
use crate::read::{Read, Spaces};
use crate::tops::Tops;
use crate::wire::{CronJob, Job, Meta, Template, Workload};

impl Estate {
    /// Hands over the workloads, with what their pods say, and the secrets that anything names.
    pub(crate) async fn hand_over_workloads(
        &self,
        api: &Api,
        site: &Site<'_>,
        spaces: &Spaces,
        pods: Read<Pods>,
        mut rest: Rest,
        harvest: &mut Harvester,
    ) {
        pods.report(&spaces.names, harvest);
        let tops = Tops::of(self);
        let singles = keepers::singles(api, self, &tops, &pods, harvest).await;
        let autoscalers = Autoscalers::of(self.autoscalers.items());
        let accounts = self.mounting();
        let claims = self.claims_by_space();
        let mut giver = Giver {
            site,
            estate: self,
            rest: &rest,
            autoscalers,
            accounts,
            claims,
            secrets: Vec::new(),
            out: Out::new(spaces, harvest),
        };
        giver.all(Kept::sort(self, &tops, pods), &tops, singles);
        let Giver {
            secrets, mut out, ..
        } = giver;
        for (space, names) in secrets {
            rest.name(&space, names);
        }
        for (space, names) in &rest.secrets {
            // Another's secret, where its namespace is not to be read.
            if !out.knows(space) {
                continue;
            }
            for name in names {
                out.piece(space, names::secret(site, space, name));
            }
        }
        out.finish();
    }

    /// Whether each service account says that its token is mounted.
    fn mounting(&self) -> BTreeMap<(Text, Text), Option<bool>> {
        let all = self.accounts.items();
        all.map(|one| {
            let key = (one.metadata.space().into(), one.metadata.name.clone());
            (key, one.automount_service_account_token)
        })
        .collect()
    }

    fn claims_by_space(&self) -> BTreeMap<Text, BTreeSet<Text>> {
        let mut claims: BTreeMap<Text, BTreeSet<Text>> = BTreeMap::new();
        for one in self.claims.items() {
            let of = claims.entry(one.metadata.space().into()).or_default();
            of.insert(one.metadata.name.clone());
        }
        claims
    }
}

/// Gives workload after workload.
struct Giver<'g, 'h> {
    site: &'g Site<'g>,
    estate: &'g Estate,
    rest: &'g Rest,
    autoscalers: Autoscalers<'g>,
    accounts: BTreeMap<(Text, Text), Option<bool>>,
    claims: BTreeMap<Text, BTreeSet<Text>>,
    secrets: Vec<(Text, BTreeSet<Text>)>,
    out: Out<'h>,
}

impl Giver<'_, '_> {
    fn all(&mut self, mut kept: Kept, tops: &Tops, singles: Vec<Single>) {
        let estate = self.estate;
        let mut versions: BTreeMap<Key, &Workload> = BTreeMap::new();
        for (word, read) in [
            ("Deployment", &estate.deployments),
            ("Rollout", &estate.rollouts),
            ("DeploymentConfig", &estate.deployment_configs),
            ("StatefulSet", &estate.stateful_sets),
            ("DaemonSet", &estate.daemon_sets),
        ] {
            for one in read.items() {
                let meta = &one.metadata;
                let top = tops.of_object(meta.space(), word, &meta.name);
                if top.1 != word {
                    // The newest stands for all versions.
                    let made = |one: &Workload| one.metadata.creation_timestamp.clone();
                    let last = versions.get(&top);
                    if last.is_none_or(|last| made(last) < made(one)) {
                        versions.insert(top, one);
                    }
                    continue;
                }
                // A rollout may have its template elsewhere: then its replica set speaks for it.
                if word == "Rollout" && !keepers::has_template(one) {
                    continue;
                }
                let group = kept.take(meta, word);
                let seen = kept.seen(meta.space(), word, group.as_ref());
                self.give(&of_workload(word, meta, one), &seen);
            }
        }
        for ((space, word, name), one) in versions {
            let meta = keepers::of_owner(space, name, &one.metadata);
            let group = kept.take(&meta, &word);
            let seen = kept.seen(meta.space(), "Deployment", group.as_ref());
            self.give(&of_workload(&word, &meta, one), &seen);
        }
        for one in &singles {
            let group = kept.take(&one.meta, &one.word);
            let seen = kept.seen(one.meta.space(), &one.word, group.as_ref());
            self.give(&of_workload(&one.word, &one.meta, &one.workload), &seen);
        }
        for one in estate.cron_jobs.items() {
            let group = kept.take(&one.metadata, "CronJob");
            let seen = kept.seen(one.metadata.space(), "CronJob", group.as_ref());
            self.give(&of_cron_job(one), &seen);
        }
        for (word, meta, job) in keepers::lone_jobs(estate, tops) {
            let group = kept.take(&meta, &word);
            let seen = kept.seen(meta.space(), "Job", group.as_ref());
            self.give(&of_job(&word, &meta, job), &seen);
        }
        for bare in &kept.bare {
            if let Some(spec) = bare.group.specs(true).next() {
                let draft = Draft {
                    lasting: !bare.group.ends(),
                    ..of_pods("Pod", &bare.meta, (&bare.meta, spec))
                };
                self.give(&draft, &Seen::Read(Some(&bare.group)));
            }
        }
        // What keeps pods and is of no kind that is read is known by its pods alone.
        for ((space, word, name), group) in kept.others() {
            let (Some(example), Some(spec)) = (&group.example, group.specs(true).next()) else {
                continue;
            };
            let meta = keepers::of_owner(space, name, example);
            let draft = Draft {
                lasting: !group.ends(),
                ..of_pods(&word, &meta, (example, spec))
            };
            self.give(&draft, &Seen::Read(Some(&group)));
        }
    }

    fn give(&mut self, draft: &Draft<'_>, seen: &Seen<'_>) {
        let space = draft.meta.space();
        let estate = self.estate;
        let around = Around {
            offers: estate.services.saw(space).then_some(&self.rest.offers),
            nodes: self.rest.nodes,
            autoscalers: estate.autoscalers.saw(space).then_some(&self.autoscalers),
            accounts: estate.accounts.saw(space).then_some(&self.accounts),
            claims: estate.claims.saw(space).then_some(&self.claims),
        };
        let (piece, references) = workload(self.site, draft, seen, &around);
        self.secrets.push((space.into(), references.secrets));
        self.out.piece(space, piece);
    }
}

fn of_workload<'d>(word: &'d str, meta: &'d Meta, one: &'d Workload) -> Draft<'d> {
    let spec = &one.spec;
    let mut more = Vec::new();
    if word == "Deployment" {
        let paused = spec.paused == Some(true);
        more.push(("paused", reported(paused, "spec.paused")));
    }
    let claims = spec.volume_claim_templates.iter();
    Draft {
        // One is the server's default; a daemon set has as many as nodes.
        replicas: (word != "DaemonSet").then(|| spec.replicas.unwrap_or(1)),
        claims: claims.map(|claim| claim.metadata.name.as_str()).collect(),
        more,
        ..of_template(word, meta, &spec.template)
    }
}

fn of_cron_job(one: &CronJob) -> Draft<'_> {
    let spec = &one.spec;
    let mut more = Vec::new();
    if let Some(schedule) = &spec.schedule {
        more.push(("schedule", reported(word(schedule), "spec.schedule")));
    }
    if let Some(zone) = &spec.time_zone {
        let claim = reported(word(zone), "spec.timeZone");
        more.push(("schedule.time-zone", claim));
    }
    let suspended = spec.suspend == Some(true);
    more.push(("suspended", reported(suspended, "spec.suspend")));
    Draft {
        lasting: false,
        more,
        ..of_template("CronJob", &one.metadata, &spec.job_template.spec.template)
    }
}

fn of_job<'d>(word: &'d str, meta: &'d Meta, one: &'d Job) -> Draft<'d> {
    let suspended = one.spec.suspend == Some(true);
    Draft {
        lasting: false,
        more: vec![("suspended", reported(suspended, "spec.suspend"))],
        ..of_template(word, meta, &one.spec.template)
    }
}

fn of_template<'d>(word: &'d str, meta: &'d Meta, template: &'d Template) -> Draft<'d> {
    Draft {
        of_pod: false,
        ..of_pods(word, meta, (&template.metadata, &template.spec))
    }
}

fn of_pods<'d>(
    word: &'d str,
    meta: &'d Meta,
    (of_pods, spec): (&'d Meta, &'d crate::wire::PodSpec),
) -> Draft<'d> {
    Draft {
        word,
        meta,
        of_pods,
        spec,
        of_pod: true,
        replicas: None,
        lasting: true,
        claims: Vec::new(),
        more: Vec::new(),
    }
}
