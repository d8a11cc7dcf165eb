//! The fake's state and what can be done to it.

use std::collections::BTreeMap;

use plimsoll_kit::testkit::MARKER;
use serde_json::{Value, json};

use super::time;

/// When the fake's time begins: 1 July 2026.
const START: i64 = 1_782_864_000;

/// A fake Fly's one organisation.
pub struct Fly {
    /// Its slug.
    pub slug: String,
    /// Its slug of its own.
    pub raw_slug: String,
    /// Its apps by name.
    pub apps: BTreeMap<String, App>,
    /// What the token sees.
    pub token: Token,
    /// How many rows of an organisation's list, or apps of a query, a page has.
    pub page: usize,
    /// Whether every second page is empty.
    pub empty_pages: bool,
    /// Whether lists come in another order.
    pub shuffled: bool,
    /// Regions that cannot be asked.
    pub error_regions: Vec<String>,
    /// Seconds since 1970; it goes on with what is done.
    pub now: i64,
    made: u64,
}

/// What a token sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// All of the organisation.
    Organisation,
    /// Some apps alone, as a deploy token does.
    Apps(Vec<String>),
    /// Nothing: it is wrong.
    Wrong,
    /// All but what GraphQL tells.
    NoGraphql,
}

/// An app.
#[derive(Clone, Default)]
pub struct App {
    /// Its private network.
    pub network: String,
    /// When it was made.
    pub created: i64,
    /// Its machines.
    pub machines: Vec<Machine>,
    /// Its volumes.
    pub volumes: Vec<Volume>,
    /// Its addresses, as the interface has them.
    pub addresses: Vec<Value>,
    /// Its certificates as the list has them, each with its closer look.
    pub certificates: Vec<(Value, Value)>,
    /// Its secrets: name, digest, when, who.
    pub secrets: Vec<(String, String, i64, String)>,
    /// Its releases, the newest first: as the query has them.
    pub releases: Vec<Value>,
}

/// A machine.
#[derive(Clone)]
pub struct Machine {
    /// Its id.
    pub id: String,
    /// As an app's own list has it.
    pub json: Value,
    /// Whether the organisation's list still says what it is when its host is unreachable.
    pub known: bool,
}

/// A volume.
#[derive(Clone)]
pub struct Volume {
    /// Its id.
    pub id: String,
    /// As the organisation's list has it.
    pub json: Value,
    /// Its snapshots.
    pub snapshots: Vec<Value>,
}

impl Fly {
    pub(super) fn new(slug: &str) -> Self {
        Self {
            slug: slug.to_owned(),
            raw_slug: slug.to_owned(),
            apps: BTreeMap::new(),
            token: Token::Organisation,
            page: 1000,
            empty_pages: false,
            shuffled: false,
            error_regions: Vec::new(),
            now: START,
            made: 0,
        }
    }

    /// Time goes on.
    pub fn wait(&mut self, seconds: i64) {
        self.now += seconds;
    }

    /// Makes an app.
    pub fn launch(&mut self, app: &str) -> &mut App {
        let made = App {
            network: "default".to_owned(),
            created: self.now,
            ..App::default()
        };
        self.now += 60;
        self.apps.entry(app.to_owned()).or_insert(made)
    }

    /// An app that is there.
    ///
    /// # Panics
    /// When it is not.
    pub fn app(&mut self, app: &str) -> &mut App {
        self.apps.get_mut(app).expect("an app that was launched")
    }

    /// Gives a group of an app so many machines more, set up by its newest release. The first group has the services.
    pub fn scale(&mut self, app: &str, group: &str, more: usize, services: Value) {
        for _ in 0..more {
            self.made += 1;
            let id = format!("148e{:010x}", self.made);
            let now = time(self.now);
            let milliseconds = self.now * 1000;
            let json = json!({
                "id": id, "name": format!("machine-{}", self.made), "state": "started", "region": "fra",
                "instance_id": format!("01J{:023}", self.made), "private_ip": "fdaa:0:1:a7b:1::2",
                "created_at": now, "updated_at": now, "host_status": "ok", "nonce": format!("{MARKER}-nonce"),
                "image_ref": {"registry": "registry.fly.io", "repository": app, "tag": "first", "digest": "sha256:00",
                    "labels": {"GH_SHA": "0123456789abcdef", "secret": format!("{MARKER}-image-label")}},
                "config": {
                    "image": format!("registry.fly.io/{app}:first"),
                    "env": {"FLY_PROCESS_GROUP": group, "PASSWORD": format!("{MARKER}-env")},
                    "init": {"cmd": [format!("{MARKER}-cmd")], "entrypoint": [format!("{MARKER}-entrypoint")]},
                    "files": [{"guest_path": "/etc/key", "raw_value": format!("{MARKER}-file")}, {"guest_path": "/etc/tls", "secret_name": "TLS"}],
                    "metadata": {"fly_platform_version": "v2", "fly_process_group": group, "fly_flyctl_version": "0.4.1", "note": format!("{MARKER}-metadata")},
                    "guest": {"cpu_kind": "shared", "cpus": 1, "memory_mb": 512},
                    "restart": {"policy": "on-failure", "max_retries": 10},
                    "processes": [{"cmd": [format!("{MARKER}-process")], "env": {"TOKEN": format!("{MARKER}-process-env")}}],
                    "checks": {"up": {"type": "http", "port": 8080, "path": format!("/{MARKER}-path"), "headers": [{"name": "Authorization", "values": [format!("{MARKER}-header")]}]}},
                    "services": services,
                },
                "checks": [{"name": "up", "status": "passing", "output": format!("{MARKER}-output"), "updated_at": now}],
                "events": [{"id": format!("e{}-1", self.made), "type": "launch", "status": "created", "source": "user", "timestamp": milliseconds,
                    "request": {"exit_event": {"error": format!("{MARKER}-event")}}}],
            });
            let machine = Machine {
                id: id.clone(),
                json,
                known: true,
            };
            self.app(app).machines.push(machine);
        }
    }

    /// Releases a version of an app: a record, and every machine set up anew by it.
    pub fn deploy(&mut self, app: &str, image: &str, user: &str) {
        self.now += 600;
        let at = self.now;
        let version = self.app(app).releases.len() + 1;
        let reference = format!("registry.fly.io/{app}:{image}");
        let release = json!({
            "id": format!("{app}-release-{version}"), "version": version, "status": "complete", "stable": true,
            "imageRef": reference, "deploymentStrategy": "ROLLING", "createdAt": time(at),
            "user": {"email": user, "name": user.split('@').next()},
        });
        self.app(app).releases.insert(0, release);
        for number in 0..self.app(app).machines.len() {
            let machine = &mut self.app(app).machines[number];
            let json = &mut machine.json;
            json["image_ref"]["tag"] = image.into();
            json["image_ref"]["digest"] = format!("sha256:{image}").into();
            json["config"]["image"] = reference.clone().into();
            json["config"]["metadata"]["fly_release_version"] = version.to_string().into();
            json["config"]["metadata"]["fly_release_id"] =
                format!("{app}-release-{version}").into();
            json["updated_at"] = time(at + 30);
            let event = json!({"id": format!("{app}-{version}-{number}"), "type": "update", "status": "replacing", "source": "user", "timestamp": (at + 30) * 1000});
            json["events"]
                .as_array_mut()
                .expect("events")
                .insert(0, event);
        }
        self.now += 120;
    }

    /// Someone changes a machine beside any release.
    pub fn edit(&mut self, app: &str, number: usize, change: impl FnOnce(&mut Value)) {
        self.now += 7200;
        let now = self.now;
        let json = &mut self.app(app).machines[number].json;
        change(&mut json["config"]);
        let id = format!("edit-{now}");
        let event = json!({"id": id, "type": "update", "status": "replacing", "source": "user", "timestamp": now * 1000});
        json["events"]
            .as_array_mut()
            .expect("events")
            .insert(0, event);
        json["updated_at"] = time(now);
    }

    /// A machine's host is reached no more; `known` is whether the organisation's list still says what it is.
    pub fn lose(&mut self, app: &str, number: usize, known: bool) {
        let machine = &mut self.app(app).machines[number];
        machine.json["host_status"] = "unreachable".into();
        machine.json["config"] = Value::Null;
        machine.known = known;
    }

    /// Gives a machine of an app a volume.
    pub fn mount(&mut self, app: &str, number: usize, encrypted: bool) {
        self.made += 1;
        let (id, now) = (format!("vol_{}", self.made), self.now);
        let machine = &mut self.app(app).machines[number];
        let mount = json!({"volume": id, "path": "/data", "name": "data", "size_gb": 10, "encrypted": encrypted});
        machine.json["config"]["mounts"] = json!([mount]);
        let json = json!({
            "id": id, "app_name": app, "name": "data", "state": "created", "size_gb": 10, "region": "fra", "zone": "a1b2", "encrypted": encrypted,
            "attached_machine_id": machine.id, "created_at": time(now), "updated_at": time(now), "fstype": "ext4",
            "snapshot_retention": 5, "auto_backup_enabled": true, "host_status": "ok", "type": "local", "blocks": 10, "blocks_free": 5, "bytes_used": 4096,
        });
        let snapshots = [1, 2].map(|day| {
            json!({"id": format!("vs_{day}"), "size": 1024, "volume_size": 1, "digest": "d", "created_at": time(now + day * 86_400), "status": "created", "retention_days": 5})
        });
        let volume = Volume {
            id,
            json,
            snapshots: snapshots.to_vec(),
        };
        self.app(app).volumes.push(volume);
    }

    /// Gives an app an address.
    pub fn address(&mut self, app: &str, ip: &str, shared: bool) {
        let now = time(self.now);
        let json = json!({"ip": ip, "region": "global", "service_name": "", "shared": shared, "created_at": now});
        self.app(app).addresses.push(json);
    }

    /// Gives an app a certificate of the platform's.
    pub fn certificate(&mut self, app: &str, hostname: &str) {
        let (now, end) = (time(self.now), time(self.now + 90 * 86_400));
        let listed = json!({
            "hostname": hostname, "status": "active", "configured": true, "acme_requested": true, "has_fly_certificate": true,
            "has_custom_certificate": false, "acme_dns_configured": true, "created_at": now, "updated_at": now,
        });
        let closely = json!({
            "hostname": hostname, "status": "active", "configured": true, "acme_requested": true,
            "certificates": [{"source": "fly", "status": "active", "issuer": "Let's Encrypt", "created_at": now, "expires_at": end,
                "issued": [{"type": "ecdsa", "expires_at": end, "certificate_authority": "lets_encrypt"}]}],
            "dns_requirements": {"acme_challenge": {"name": "x", "target": format!("{MARKER}-challenge")}},
        });
        self.app(app).certificates.push((listed, closely));
    }

    /// Someone sets a secret.
    pub fn set_secret(&mut self, app: &str, name: &str, digest: &str, user: &str) {
        self.now += 60;
        let secret = (
            name.to_owned(),
            digest.to_owned(),
            self.now,
            user.to_owned(),
        );
        let secrets = &mut self.app(app).secrets;
        secrets.retain(|(have, ..)| have != name);
        secrets.push(secret);
    }
}
