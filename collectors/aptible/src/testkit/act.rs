//! Doing things, each with the record of who did it and when.

use serde_json::{Value, json};

use super::state::{SECRET, State};

impl State {
    /// A record of an operation on a row, and its number. Nothing else changes.
    pub fn operation(
        &mut self,
        what: &str,
        who: &str,
        kind: &str,
        number: i64,
        more: Value,
    ) -> i64 {
        let account = match kind {
            "accounts" => self.link("accounts", number),
            _ => self.row(kind, number)["_links"]["account"].clone(),
        };
        let automated = who.is_empty();
        let mut row = json!({
            "_type": "operation", "type": what, "status": "succeeded", "automated": automated,
            "user_name": who.split('@').next().unwrap_or_default(), "user_email": who,
            "git_ref": null, "docker_ref": null, "container_count": null, "container_size": null, "disk_size": null,
            "instance_profile": null, "cancelled": false, "aborted": false, "note": format!("see OPS-7 {SECRET}-note"),
            "env": { "PASSWORD": format!("{SECRET}-env") }, "command": format!("psql {SECRET}-command"),
            "private_key": format!("{SECRET}-key"), "certificate": format!("{SECRET}-certificate"),
            "sensitive_settings": { "A": format!("{SECRET}-setting") },
            "daily": 0, "monthly": 0, "yearly": 0, "pitr_days": 0, "make_copy": false, "keep_final": false, "interactive": false,
            "destination_region": "", "handle": "", "mount_point": "",
            "_links": { "account": account, "resource": self.link(kind, number) },
        });
        if !automated {
            let user = format!("{}/users/0b0b0b0b-0000-0000-0000-000000000002", self.links);
            row["_links"]["user"] = json!({ "href": user });
        }
        if let (Value::Object(row), Value::Object(more)) = (&mut row, more) {
            row.extend(more);
        }
        self.add("operations", row)
    }

    /// Deploys a commit of an app: an operation, an image, and a release of every service.
    pub fn deploy(&mut self, app: i64, who: &str, commit: &str) -> i64 {
        let handle = self.row("apps", app)["handle"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let repo = format!("registry.example/acme/{handle}");
        let link = self.link("apps", app);
        let image = self.add(
            "images",
            json!({ "_type": "image", "docker_repo": repo, "git_repo": format!("git@git.example:{handle}.git"), "git_ref": commit,
                    "exposed_ports": [8080], "platform": "linux/amd64", "dualstack_hint": 0, "release": "", "scan": "",
                    "_links": { "app": link } }),
        );
        let reference = format!("sha256:{image:064x}");
        self.row("images", image)["docker_ref"] = json!(reference);
        self.row("apps", app)["_links"]["current_image"] = self.link("images", image);
        for service in self.numbers("services") {
            if self.linked("services", service, "app") != Some(app) {
                continue;
            }
            let release = self.add(
                "releases",
                json!({ "docker_repo": repo, "docker_ref": reference }),
            );
            let release = self.link("releases", release);
            let row = self.row("services", service);
            row["docker_repo"] = json!(repo);
            row["docker_ref"] = json!(reference);
            row["_links"]["current_release"] = release;
        }
        self.operation("deploy", who, "apps", app, json!({ "git_ref": commit }))
    }

    /// Changes variables of an app: another configuration.
    pub fn configure(&mut self, app: i64, who: &str) -> i64 {
        let link = self.configuration();
        self.row("apps", app)["_links"]["current_configuration"] = link;
        self.operation("configure", who, "apps", app, json!({}))
    }

    /// Gives a service another number of containers.
    pub fn scale(&mut self, service: i64, who: &str, containers: i64) -> i64 {
        self.row("services", service)["container_count"] = json!(containers);
        self.operation(
            "scale",
            who,
            "services",
            service,
            json!({ "container_count": containers }),
        )
    }

    /// Sets an endpoint's settings.
    pub fn set(&mut self, vhost: i64, who: &str, settings: Value) -> i64 {
        self.settings(vhost, settings);
        self.operation("provision", who, "vhosts", vhost, json!({}))
    }

    /// Opens an endpoint to ranges of addresses; to all where there is none.
    pub fn allow(&mut self, vhost: i64, who: &str, ranges: &[&str]) -> i64 {
        self.row("vhosts", vhost)["ip_whitelist"] = json!(ranges);
        self.operation("provision", who, "vhosts", vhost, json!({}))
    }

    /// A shell in an app's image.
    pub fn execute(&mut self, app: i64, who: &str) -> i64 {
        self.operation(
            "execute",
            who,
            "apps",
            app,
            json!({ "status": "succeeded" }),
        )
    }

    /// A way into a database from someone's own machine.
    pub fn tunnel(&mut self, database: i64, who: &str) -> i64 {
        self.operation(
            "tunnel",
            who,
            "databases",
            database,
            json!({ "status": "running" }),
        )
    }

    /// A backup of a database, as the platform takes it by itself.
    pub fn back_up(&mut self, database: i64) -> i64 {
        let handle = self.row("databases", database)["handle"].clone();
        let links = json!({
            "account": self.row("databases", database)["_links"]["account"].clone(),
            "database": self.link("databases", database), "copied_from": null,
        });
        self.operation("backup", "", "databases", database, json!({}));
        self.add(
            "backups",
            json!({ "_type": "backup", "aws_region": "eu-central-1", "aws_snapshot_id": "snap-0a", "size": 50, "manual": false,
                    "database_handle": handle, "created_by_email": null,
                    "kms_arn": "arn:aws:kms:eu-central-1:000000000000:key/x", "_links": links }),
        )
    }

    /// Takes an app, database or endpoint away, with all that belongs to it.
    pub fn deprovision(&mut self, kind: &'static str, number: i64, who: &str) -> i64 {
        let operation = self.operation("deprovision", who, kind, number, json!({}));
        let environment = self.linked(kind, number, "account").unwrap_or_default();
        let services: Vec<i64> = match kind {
            "apps" => {
                self.count(environment, "total_app_count", -1);
                let all = self.numbers("services").into_iter();
                all.filter(|service| self.linked("services", *service, "app") == Some(number))
                    .collect()
            }
            "databases" => {
                self.count(environment, "total_database_count", -1);
                let disk = self.linked(kind, number, "disk").unwrap_or_default();
                self.remove("disks", disk);
                self.linked(kind, number, "service").into_iter().collect()
            }
            _ => Vec::new(),
        };
        for service in services {
            for vhost in self.numbers("vhosts") {
                if self.linked("vhosts", vhost, "service") == Some(service) {
                    self.remove("vhosts", vhost);
                }
            }
            self.remove("services", service);
        }
        self.remove(kind, number);
        operation
    }
}
