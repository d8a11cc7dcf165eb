//! Making things, without a record of who did: what was there before anyone looked.

use serde_json::{Value, json};

use super::state::{SECRET, State};

impl State {
    /// A stack: dedicated to the organisation, or shared with others.
    pub fn stack(&mut self, name: &str, dedicated: bool) -> i64 {
        let organisation = "0a0a0a0a-0000-0000-0000-000000000001";
        let owner = dedicated
            .then(|| json!({ "href": format!("{}/organizations/{organisation}", self.links) }));
        self.add(
            "stacks",
            json!({
                "_type": "stack", "name": name, "region": "eu-central-1", "default": false, "public": !dedicated, "version": "v2",
                "outbound_ip_addresses": ["192.0.2.10"], "memory_limits": true, "cpu_limits": true, "intrusion_detection": dedicated,
                "expose_intrusion_detection_reports": false, "internal_domain": format!("{name}.internal"),
                "default_domain": "on-acme.example", "vpc_id": "vpc-0a", "account_id": "", "brickwall_enabled": false,
                "ssh_host_dsa_public_key": "", "ssh_host_rsa_public_key": "", "ssh_host_ecdsa_public_key": "",
                "ssh_portal_host": "ssh.on-acme.example", "ssh_portal_port": 22,
                "_links": { "organization": owner },
            }),
        )
    }

    /// An environment. As on the platform, it is of production where its stack is dedicated, and of development elsewhere.
    pub fn environment(&mut self, handle: &str, stack: i64) -> i64 {
        let dedicated = self.row("stacks", stack)["public"] == json!(false);
        let link = self.link("stacks", stack);
        let number = self.add(
            "accounts",
            json!({
                "_type": "account", "handle": handle, "name": handle, "number": "1",
                "type": if dedicated { "production" } else { "development" },
                "activated": true, "onboarding_status": "completed",
                "container_count": 0, "domain_count": 0, "total_app_count": 0, "total_database_count": 0, "total_disk_size": 0,
                "app_container_count": 0, "database_container_count": 0, "bastion_host": "", "bastion_port": 22,
                "syslog_host": "", "syslog_port": 0, "ssh_portal_port": 22, "sweetness_stack": "", "sweetness_stack_version": "v2",
                "ca_body": "", "ca_private_key": format!("{SECRET}-ca-key"),
                "gentlemanjerry_certificate": "", "gentlemanjerry_docker_name": "", "gentlemanjerry_endpoint": "",
                "gentlemanjerry_instance_id": "",
                "_links": { "stack": link },
                "_embedded": { "permissions": [], "log_drains": [] },
            }),
        );
        let account = self.link("accounts", number);
        self.add(
            "backup_retention_policies",
            json!({ "_type": "backup_retention_policy", "daily": 30, "monthly": 12, "yearly": 5, "pitr_days": 7, "make_copy": true,
                    "keep_final": true, "_links": { "account": account } }),
        );
        number
    }

    /// An app of an environment, not deployed yet.
    pub fn app(&mut self, environment: i64, handle: &str) -> i64 {
        self.count(environment, "total_app_count", 1);
        let account = self.link("accounts", environment);
        let configuration = self.configuration();
        self.add(
            "apps",
            json!({
                "_type": "app", "handle": handle, "status": "provisioned", "deployment_method": "docker_image",
                "git_repo": format!("git@git.example:{handle}.git"),
                "_links": { "account": account, "current_image": null, "current_configuration": configuration },
                "_embedded": {
                    "services": [], "current_image": null,
                    "last_operation": { "env": { "PASSWORD": format!("{SECRET}-env") }, "command": format!("{SECRET}-command") },
                },
            }),
        )
    }

    /// A service of an app.
    pub fn service(&mut self, app: i64, process: &str) -> i64 {
        let handle = self.row("apps", app)["handle"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let links = json!({
            "account": self.row("apps", app)["_links"]["account"].clone(),
            "app": self.link("apps", app),
            "current_release": null,
        });
        self.add(
            "services",
            service(&format!("{handle}-{process}"), process, links),
        )
    }

    /// A database with its disk and its service.
    pub fn database(&mut self, environment: i64, handle: &str, image: i64) -> i64 {
        self.count(environment, "total_database_count", 1);
        let account = self.link("accounts", environment);
        let kind = self.row("database_images", image)["type"].clone();
        let repo = self.row("database_images", image)["docker_repo"].clone();
        let disk = self.add(
            "disks",
            json!({
                "_type": "disk", "handle": handle, "size": 50, "filesystem": "ext4", "ebs_volume_type": "gp3",
                "availability_zone": "eu-central-1a", "key_bytes": 32, "passphrase": format!("{SECRET}-passphrase"),
                "current_kms_arn": "arn:aws:kms:eu-central-1:000000000000:key/x", "provisioned_iops": 0, "baseline_iops": 3000,
                "attached": true, "device": "/dev/xvdf", "host": "10.0.0.5", "ec2_instance_id": "i-0a",
                "_links": { "account": account },
            }),
        );
        self.row("disks", disk)["ebs_volume_id"] = json!(format!("vol-{disk:08x}"));
        let service = self.add(
            "services",
            service(handle, "", json!({ "account": account, "app": null })),
        );
        let reference = format!("sha256:{service:064x}");
        self.row("services", service)["docker_repo"] = repo.clone();
        self.row("services", service)["docker_ref"] = json!(reference);
        let links = json!({
            "account": account, "service": self.link("services", service), "database_image": self.link("database_images", image),
            "disk": self.link("disks", disk), "initialize_from": null,
        });
        let database = self.add(
            "databases",
            json!({
                "_type": "database", "handle": handle, "type": kind, "status": "provisioned", "provisioned": true,
                "docker_repo": repo, "enable_backups": true, "enable_pitr": false, "logical_replica": false,
                "current_kms_arn": "arn:aws:kms:eu-central-1:000000000000:key/x", "port_mapping": [],
                "initial_disk_size": 50, "initial_container_size": 1024,
                "passphrase": format!("{SECRET}-passphrase"),
                "connection_url": format!("postgresql://aptible:{SECRET}-password@db.example:5432/db"),
                "_links": links,
                "_embedded": { "database_credentials": [{ "connection_url": format!("postgresql://x:{SECRET}-credential@db/x") }] },
            }),
        );
        let link = self.link("databases", database);
        self.row("services", service)["_links"]["database"] = link.clone();
        self.row("disks", disk)["_links"]["database"] = link;
        database
    }

    /// A version of a database server that the platform offers.
    pub fn database_image(&mut self, kind: &str, version: &str, end: Option<&str>) -> i64 {
        self.add(
            "database_images",
            json!({ "_type": "database_image", "type": kind, "version": version, "description": format!("{kind} {version}"),
                    "docker_repo": format!("aptible/{kind}"), "default": true, "discoverable": true, "visible": true,
                    "pitr_supported": true, "eol_at": end }),
        )
    }

    /// An endpoint of a service of an app, with settings of its own, taken on HTTP.
    pub fn endpoint(&mut self, service: i64, domain: Option<&str>, internal: bool) -> i64 {
        let links = json!({
            "account": self.row("services", service)["_links"]["account"].clone(),
            "service": self.link("services", service), "certificate": null,
        });
        let number = self.add("vhosts", vhost(domain, internal, links));
        self.row("vhosts", number)["virtual_domain"] =
            json!(format!("app-{number}.on-acme.example"));
        self.row("vhosts", number)["external_host"] = json!(format!("elb-{number}.example"));
        self.settings(number, json!({}));
        number
    }

    /// An endpoint of a database, open to the internet.
    pub fn database_endpoint(&mut self, database: i64) -> i64 {
        let service = self
            .linked("databases", database, "service")
            .unwrap_or_default();
        let links = json!({
            "account": self.row("databases", database)["_links"]["account"].clone(),
            "service": self.link("services", service), "certificate": null,
        });
        let mut row = vhost(None, false, links);
        row["type"] = json!("tcp");
        row["platform"] = json!("elb");
        row["container_port"] = Value::Null;
        row["container_exposed_ports"] = json!(["5432"]);
        let number = self.add("vhosts", row);
        self.row("vhosts", number)["virtual_domain"] =
            json!(format!("db-{number}.on-acme.example"));
        self.row("vhosts", number)["external_host"] = json!(format!("elb-{number}.example"));
        number
    }

    /// Gives an endpoint settings, and with them another row.
    pub(super) fn settings(&mut self, vhost: i64, settings: Value) {
        let number = self.add(
            "settings",
            json!({ "settings": settings, "sensitive_settings": { "TOKEN": format!("{SECRET}-setting") } }),
        );
        let link = self.link("settings", number);
        self.row("vhosts", vhost)["_links"]["current_setting"] = link;
    }

    /// A certificate of an environment.
    pub fn certificate(&mut self, environment: i64, name: &str, ends: &str) -> i64 {
        let account = self.link("accounts", environment);
        self.add(
            "certificates",
            json!({
                "_type": "certificate", "common_name": name, "subject_alternative_names": [name], "not_before": "2025-12-01T00:00:00Z",
                "not_after": ends, "acme": true, "trusted": true, "self_signed": false, "private_key_algorithm": "rsa2048",
                "issuer_common_name": "R10", "issuer_country": "", "issuer_organization": "", "issuer_website": "",
                "subject_country": "", "subject_state": "", "subject_locale": "", "subject_organization": "",
                "sha256_fingerprint": "aa", "certificate_arn": "", "certificate_body": format!("{SECRET}-body"),
                "certificate_chain": "", "leaf_certificate": "", "private_key": format!("{SECRET}-private-key"),
                "_links": { "account": account },
            }),
        )
    }

    /// A log drain that takes everything of an environment.
    pub fn drain(&mut self, environment: i64, handle: &str, kind: &str) -> i64 {
        let account = self.link("accounts", environment);
        self.add(
            "log_drains",
            json!({
                "_type": "log_drain", "handle": handle, "drain_type": kind, "status": "provisioned",
                "drain_host": "logs.example", "drain_port": 443, "drain_apps": true, "drain_databases": true,
                "drain_proxies": true, "drain_ephemeral_sessions": true,
                "drain_username": format!("{SECRET}-user"), "drain_password": format!("{SECRET}-password"),
                "logging_token": format!("{SECRET}-token"), "url": format!("https://u:{SECRET}-url@logs.example/x?k={SECRET}-key"),
                "gentlemanjerry_allocation": [], "gentlemanjerry_certificate": "", "gentlemanjerry_docker_name": "",
                "gentlemanjerry_host": "", "gentlemanjerry_instance_id": "", "gentlemanjerry_port_mapping": [],
                "_links": { "account": account },
            }),
        )
    }

    /// The link to a new configuration, whose contents nobody must ask for.
    pub(super) fn configuration(&mut self) -> Value {
        let number = self.add(
            "configurations",
            json!({ "env": { "PASSWORD": format!("{SECRET}-configuration") } }),
        );
        self.link("configurations", number)
    }

    pub(super) fn count(&mut self, environment: i64, name: &str, by: i64) {
        let count = self.row("accounts", environment)[name]
            .as_i64()
            .unwrap_or(0);
        self.row("accounts", environment)[name] = json!(count + by);
    }
}

fn service(handle: &str, process: &str, links: Value) -> Value {
    json!({
        "_type": "service", "handle": handle, "process_type": process, "command": format!("./serve --token={SECRET}-argument"),
        "container_count": 2, "container_memory_limit_mb": 1024, "instance_class": "m5", "docker_repo": "registry.example/none",
        "docker_ref": "", "force_zero_downtime": true, "naive_health_check": false, "stop_timeout": 30, "_links": links,
    })
}

fn vhost(domain: Option<&str>, internal: bool, links: Value) -> Value {
    json!({
        "_type": "vhost", "type": "http_proxy_protocol", "status": "provisioned", "internal": internal, "default": domain.is_none(),
        "platform": "alb", "shared": false, "shared_fingerprint": "", "user_domain": domain, "virtual_domain": null,
        "external_host": null, "external_http_port": 80, "external_https_port": 443, "internal_host": null,
        "internal_http_port": 80, "internal_https_port": 443, "internal_health_port": 9000,
        "container_port": 8080, "container_ports": [], "container_exposed_ports": ["8080"], "host_mapped_ports": [],
        "ip_whitelist": [], "acme": true, "acme_status": "ready", "acme_dns_challenge_host": "",
        "acme_configuration": { "challenges": [], "names": [], "x": format!("{SECRET}-acme") },
        "token_header": format!("{SECRET}-token-header"), "docker_name": "", "elastic_load_balancer_name": "",
        "application_load_balancer_arn": "", "load_balancing_algorithm_type": "round_robin", "security_group_id": "sg-0a",
        "_links": links,
    })
}
