//! Which role and environment an asset gets.

use plimsoll_settings::Section;

use super::*;

pub(super) fn rules(text: &str) -> Vec<Rule> {
    let read = |section: &Section<'_>| {
        let rows = section.tables("rules");
        let rule = |(at, row): (usize, &Section<'_>)| {
            let rule = Rule::read(row, at + 1).unwrap();
            row.finish();
            rule
        };
        rows.iter().enumerate().map(rule).collect()
    };
    Document::new("config.toml", text).read(read).unwrap()
}

pub(super) fn system<'j>(judgement: &'j Judgement, snapshot: &Snapshot, id: &str) -> &'j System {
    let at = snapshot.find(id).unwrap();
    let mut systems = judgement.systems.iter();
    systems.find(|system| system.at == at).unwrap()
}

#[test]
fn roles_are_chosen_in_order() {
    let role = |word| [("plimsoll.role", word)];
    let public = r#"{"image":"shop/api","ports":{"p":{"port":80,"reach":"public"}}}"#;
    let assets = vec![
        asset("container:a", &role("cache"), r#"{"image":"nginx"}"#),
        asset("container:b", &role("cashe"), r#"{"image":"nginx:1"}"#),
        asset("container:c", &[], public),
        asset("container:d", &[], r#"{"image":"shop/api"}"#),
        asset("container:main-db", &[], r#"{"image":"shop/data"}"#),
        asset(
            "container:redis-db",
            &[],
            r#"{"image":"r.example/haproxy:2"}"#,
        ),
        asset("container:ruled", &[("team", "x")], r#"{"image":"nginx"}"#),
        asset("image:nginx", &role("cache"), ""),
        asset("satellite:x", &[], ""),
    ];
    let snapshot = snapshot(assets, &[]);
    let rules = rules(
        "[[rules]]\nkind = 'host'\nrole = 'host'\n[[rules]]\nlabel = 'team=x'\nrole = 'worker'\n",
    );
    let judgement = judge(&snapshot, &SHIPPED, &rules, &[], now());
    for (id, want) in [
        ("container:a", "cache by label plimsoll.role"),
        ("container:b", "edge-proxy by image nginx"),
        ("container:c", "web-service by container with a public port"),
        ("container:d", "worker by kind container"),
        (
            "container:main-db",
            "database by name main-db, by its word db",
        ),
        ("container:redis-db", "edge-proxy by image haproxy"),
        ("container:ruled", "worker by rule 2 of config.toml"),
    ] {
        let system = system(&judgement, &snapshot, id);
        assert_eq!(
            format!("{} by {}", system.role, system.role_by),
            want,
            "{id}"
        );
    }
    assert_eq!(
        judgement.systems.len(),
        7,
        "an image and an unknown kind are no systems"
    );
    let known = outcome(&SHIPPED, &snapshot, "container:b", "role-known");
    assert!(
        known.starts_with("fail: \"cashe\"") && known.contains("did you mean \"cache\"?"),
        "{known}"
    );
    assert_eq!(
        outcome(&SHIPPED, &snapshot, "container:a", "role-known"),
        "pass (reported)"
    );
    assert_eq!(
        outcome(&SHIPPED, &snapshot, "container:d", "role-known"),
        "n/a"
    );
}

/// A container of a Compose project, as its engine has it.
pub(super) fn composed(project: &str, service: &str, image: Option<&str>, public: bool) -> Asset {
    let built = format!("{project}-{service}");
    let ports = match public {
        true => r#"{"0.0.0.0:8080/tcp":{"port":8080,"protocol":"tcp","reach":"public"}}"#,
        false => "{}",
    };
    asset(
        &format!("container:{project}-{service}-1"),
        &[
            ("com.docker.compose.project", project),
            ("com.docker.compose.service", service),
        ],
        &format!(
            r#"{{"image":"{}","ports":{ports}}}"#,
            image.unwrap_or(&built)
        ),
    )
}

#[test]
fn a_projects_name_says_nothing_of_its_services() {
    for (project, service, image, public, want) in [
        (
            "react-java-mysql",
            "frontend",
            None,
            true,
            "web-service by container with a public port",
        ),
        (
            "react-java-mysql",
            "backend",
            None,
            false,
            "worker by kind container",
        ),
        (
            "react-java-mysql",
            "db",
            None,
            false,
            "database by service db",
        ),
        (
            "traefik-golang",
            "backend",
            None,
            false,
            "worker by kind container",
        ),
        (
            "traefik-golang",
            "frontend",
            Some("traefik:2.6"),
            true,
            "edge-proxy by image traefik",
        ),
        (
            "react-nginx",
            "frontend",
            None,
            true,
            "web-service by container with a public port",
        ),
        (
            "nginx-flask",
            "nginx",
            None,
            true,
            "edge-proxy by service nginx",
        ),
        (
            "mysql-app",
            "db",
            Some("shop/orders-postgres:3"),
            false,
            "database by image orders-postgres, by its word postgres",
        ),
        (
            "redis",
            "db-replica-2",
            Some("shop/x"),
            false,
            "database by service db-replica-2, by its word db",
        ),
        // What works for a database or a cache is none.
        (
            "shop",
            "exporter",
            Some("prometheuscommunity/postgres-exporter"),
            false,
            "worker by kind container",
        ),
        (
            "shop",
            "ui",
            Some("rediscommander/redis-commander"),
            false,
            "worker by kind container",
        ),
        (
            "shop",
            "admin",
            Some("mongo-express"),
            false,
            "worker by kind container",
        ),
        (
            "shop",
            "wait-for-db",
            Some("busybox"),
            false,
            "worker by kind container",
        ),
        (
            "shop",
            "db-migrate",
            Some("shop/migrations"),
            false,
            "worker by kind container",
        ),
        (
            "shop",
            "socket",
            Some("tecnativa/docker-socket-proxy"),
            false,
            "worker by kind container",
        ),
        (
            "shop",
            "sql",
            Some("mcr.microsoft.com/mssql/server:2022-latest"),
            false,
            "database by image mcr.microsoft.com/mssql/server, which meets */mssql/server",
        ),
        (
            "shop",
            "kv",
            Some("redislabs/redismod"),
            false,
            "cache by image redismod",
        ),
        (
            "shop",
            "in",
            Some("registry.k8s.io/ingress-nginx/controller:v1"),
            false,
            "edge-proxy by image registry.k8s.io/ingress-nginx/controller, which meets */ingress-nginx/controller",
        ),
    ] {
        let asset = composed(project, service, image, public);
        let one = snapshot(vec![asset], &[]);
        let found = systems(&one, &SHIPPED, &[]);
        let have = format!("{} by {}", found[0].role, found[0].role_by);
        assert_eq!(have, want, "{project} {service} {image:?}");
    }
}

/// Images that many use, with the services' names that their documentation gives them.
#[test]
fn images_that_many_use_have_their_roles() {
    let none: &[(&str, &str)] = &[
        ("rabbitmq:3-management", "rabbitmq"),
        ("quay.io/keycloak/keycloak:25", "keycloak"),
        ("hashicorp/vault", "vault"),
        ("minio/minio", "minio"),
        ("mongo-express", "mongo-express"),
        ("dpage/pgadmin4", "pgadmin"),
        ("adminer", "adminer"),
        ("phpmyadmin", "phpmyadmin"),
        (
            "quay.io/prometheuscommunity/postgres-exporter",
            "postgres-exporter",
        ),
        ("oliver006/redis_exporter", "redis-exporter"),
        ("prom/mysqld-exporter", "mysqld-exporter"),
        ("percona/mongodb_exporter:0.40", "mongodb-exporter"),
        ("nginx/nginx-prometheus-exporter", "nginx-exporter"),
        (
            "quay.io/prometheuscommunity/elasticsearch-exporter",
            "elasticsearch-exporter",
        ),
        ("edoburu/pgbouncer", "pgbouncer"),
        ("bitnami/pgpool", "pgpool"),
        ("proxysql/proxysql", "proxysql"),
        ("mysql/mysql-router", "mysql-router"),
        ("percona/pmm-server", "pmm"),
        ("confluentinc/cp-kafka", "kafka"),
        ("confluentinc/cp-zookeeper", "zookeeper"),
        ("provectuslabs/kafka-ui", "kafka-ui"),
        ("nats:2", "nats"),
        ("certbot/certbot", "certbot"),
        ("containrrr/watchtower", "watchtower"),
        ("portainer/portainer-ce", "portainer"),
        ("grafana/grafana", "grafana"),
        ("grafana/loki", "loki"),
        ("prom/prometheus", "prometheus"),
        ("prom/node-exporter", "node-exporter"),
        ("docker.elastic.co/kibana/kibana:8.15.0", "kibana"),
        (
            "opensearchproject/opensearch-dashboards:2",
            "opensearch-dashboards",
        ),
        ("docker.elastic.co/beats/filebeat", "filebeat"),
        ("redis/redisinsight", "redisinsight"),
        ("prodrigestivill/postgres-backup-local", "pgbackups"),
        ("databack/mysql-backup", "mysql-backup"),
        ("postgrest/postgrest", "postgrest"),
        ("supabase/postgres-meta", "meta"),
        ("gcr.io/cloudsql-docker/gce-proxy", "cloudsql"),
        (
            "gcr.io/cloud-sql-connectors/cloud-sql-proxy",
            "cloud-sql-proxy",
        ),
        ("cr.l5d.io/linkerd/proxy:stable", "linkerd"),
        ("istio/proxyv2", "istio"),
        ("tecnativa/docker-socket-proxy", "socket-proxy"),
        ("gcr.io/kubebuilder/kube-rbac-proxy", "kube-rbac-proxy"),
        ("traefik/whoami", "whoami"),
        ("migrate/migrate", "db-migrate"),
        ("busybox", "init-db"),
        ("busybox", "mongo-init-replica"),
        ("shop/tool", "seed-mongo"),
        ("shop/tool", "check-db"),
    ];
    let database: &[(&str, &str)] = &[
        ("clickhouse/clickhouse-server", "clickhouse"),
        (
            "docker.elastic.co/elasticsearch/elasticsearch:8.15.0",
            "es01",
        ),
        ("opensearchproject/opensearch:2", "search"),
        ("cockroachdb/cockroach", "roach"),
        ("timescale/timescaledb-ha:pg16", "ts"),
        ("pgvector/pgvector:pg16", "vector"),
        ("supabase/postgres", "sb"),
        ("questdb/questdb", "quest"),
        ("surrealdb/surrealdb:v2", "surreal"),
        ("yugabytedb/yugabyte", "yb"),
        ("qdrant/qdrant", "vectors"),
        ("getmeili/meilisearch:v1", "search"),
        ("shop/own", "appdb"),
        ("shop/own", "wp_db"),
    ];
    let cache: &[(&str, &str)] = &[
        ("memcached:1.6", "memcached"),
        ("valkey/valkey:8", "valkey"),
        ("bitnami/redis-sentinel", "sentinel"),
        ("docker.dragonflydb.io/dragonflydb/dragonfly", "dragonfly"),
    ];
    let proxy: &[(&str, &str)] = &[
        ("traefik:v3", "traefik"),
        ("caddy:2", "caddy"),
        ("haproxytech/haproxy-alpine", "haproxy"),
        ("envoyproxy/envoy:v1.31", "envoy"),
        ("nginxproxy/nginx-proxy", "nginx-proxy"),
        ("jc21/nginx-proxy-manager", "npm"),
    ];
    for (want, all) in [
        ("worker", none),
        ("database", database),
        ("cache", cache),
        ("edge-proxy", proxy),
    ] {
        for (image, service) in all {
            let one = snapshot(vec![composed("shop", service, Some(image), false)], &[]);
            let found = systems(&one, &SHIPPED, &[]);
            let by = &found[0].role_by;
            assert_eq!(found[0].role, want, "{image} as {service}: {by}");
        }
    }
}

#[test]
fn a_word_that_no_name_ends_in_is_a_mistake() {
    let own = "[[match]]\nkinds = ['container']\nwords = ['db', 'orders-db', 'db2']\n";
    let mistakes = load(own).unwrap_err();
    assert_eq!(mistakes.lines().count(), 2, "{mistakes}");
    assert!(
        mistakes.contains("own.toml:3:9: `words`: no name ends in \"orders-db\""),
        "{mistakes}"
    );
}

#[test]
fn environments_are_said_and_never_guessed() {
    let tag = |word| [("plimsoll.environment", word)];
    let assets = vec![
        asset("container:a", &tag("Prod"), r#"{"environment":"dev"}"#),
        asset("container:b", &[], r#"{"environment":"stage"}"#),
        asset("container:c", &tag("qa"), r#"{"environment":"dev"}"#),
        asset("container:d", &[], ""),
        asset("container:prod-e", &[], ""),
        asset("container:f", &[], r#"{"environment":"qa"}"#),
        asset("host:h", &tag("staging"), ""),
    ];
    let snapshot = snapshot(assets, &[("container:d", RelationKind::RunsOn, "host:h")]);
    let rules = rules("[[rules]]\nname = 'f'\nenvironment = 'prod'\n");
    let judgement = judge(&snapshot, &SHIPPED, &rules, &[], now());
    for (id, want) in [
        ("container:a", "production by label plimsoll.environment"),
        ("container:b", "staging by the platform"),
        ("container:c", "- by -"),
        (
            "container:d",
            "staging by its host h: label plimsoll.environment",
        ),
        ("container:prod-e", "- by -"),
        ("container:f", "production by rule 1 of config.toml"),
    ] {
        let system = system(&judgement, &snapshot, id);
        let [what, by] = [&system.environment, &system.environment_by]
            .map(|text| text.as_deref().unwrap_or("-"));
        assert_eq!(format!("{what} by {by}"), want, "{id}");
    }
    let tagged = |id: &str| outcome(&SHIPPED, &snapshot, id, "environment-tagged");
    assert_eq!(tagged("container:a"), "pass (reported)");
    assert_eq!(
        tagged("container:c"),
        "fail: label plimsoll.environment says \"qa\""
    );
    assert_eq!(tagged("container:prod-e"), "fail: no environment");
    assert_eq!(
        tagged("container:f"),
        "fail: the platform says \"qa\", which no rule translates"
    );
}

#[test]
fn ignores_are_counted_until_they_end() {
    let one = snapshot(
        vec![asset("container:a", &[], ""), asset("container:b", &[], "")],
        &[],
    );
    let text =
        "asset = 'container:a'\ncontrol = 'image-current'\nreason = 'moving'\nuntil = 2026-06-02";
    let ignore = Document::new("c.toml", text)
        .read(Ignore::read)
        .unwrap()
        .unwrap();
    let at = |time: &str| {
        judge(
            &one,
            &SHIPPED,
            &[],
            std::slice::from_ref(&ignore),
            time.parse().unwrap(),
        )
    };
    let before = at("2026-06-01T23:59:59Z");
    assert_eq!(before.ignored.len(), 1);
    let want = Counts {
        unknown: 1,
        ignored: 1,
        // No source says how long their versions are supported.
        not_applicable: 2,
        ..Counts::default()
    };
    assert_eq!(before.tally["image-current"], want);
    let after = at("2026-06-02T00:00:00Z");
    assert_eq!(after.ignored.len(), 0);
    assert_eq!(after.findings.len(), before.findings.len() + 1);
}

#[test]
fn two_threads_judge_as_one() {
    let container = |at: u32| asset(&format!("container:{at}"), &[], r#"{"privileged":true}"#);
    let many = snapshot((0..6_000).map(container).collect(), &[]);
    let judgement = judge(&many, &SHIPPED, &[], &[], now());
    assert_eq!(judgement.systems.len(), 6_000);
    assert_eq!(judgement.tally["image-current"].unknown, 6_000);
    let order = |finding: &Finding| {
        (
            finding.at,
            finding.control.clone(),
            finding.expectation.clone(),
        )
    };
    assert!(judgement.findings.is_sorted_by_key(order));
}

#[test]
fn names_that_are_not_there_are_mistakes() {
    let rules = rules("[[rules]]\nname = 'a'\nrole = 'databse'\n");
    let text = "control = 'ports-alowed'\nreason = 'x'\nuntil = 2026-06-02";
    let ignore = Document::new("c.toml", text)
        .read(Ignore::read)
        .unwrap()
        .unwrap();
    let mistakes = SHIPPED.check(&rules, &[ignore]);
    let texts: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    let want = [
        "config.toml:3:8: no baseline is called \"databse\" (did you mean \"database\"?)",
        "c.toml:1:11: there is no control \"ports-alowed\" (did you mean \"ports-allowed\"?)",
    ];
    assert_eq!(texts, want);
}

/// A file that extends the one whose place it takes has its matches, unless it brings its own.
#[test]
fn a_baseline_that_extends_its_own_name_keeps_the_matches() {
    let roles = |files: &[&str]| -> Vec<String> {
        let mut documents = Baselines::shipped();
        let own = files.iter();
        documents.extend(own.map(|text| Document::new("house/host.toml", *text)));
        let baselines = Baselines::load(&documents).unwrap();
        let estate = snapshot(
            vec![asset("host:web-1", &[], ""), asset("laptop:a", &[], "")],
            &[],
        );
        let systems = systems(&estate, &baselines, &[]);
        let named = |system: &System| format!("{} {}", estate.asset(system.at).kind, system.role);
        systems.iter().map(named).collect()
    };
    assert_eq!(roles(&["extends = 'host'"]), ["host host"]);
    // Through more than one file of the name.
    assert_eq!(
        roles(&["extends = 'host'", "extends = 'host'"]),
        ["host host"]
    );
    let own = "extends = 'host'\n[[match]]\nkinds = ['laptop']\n";
    assert_eq!(roles(&[own]), ["laptop host"]);
    assert_eq!(roles(&[own, "extends = 'host'"]), ["laptop host"]);
    let none: [&str; 0] = [];
    assert_eq!(roles(&["extends = 'host'\nmatch = []"]), none);
    assert_eq!(roles(&["title = 'ours'"]), none);
    assert_eq!(roles(&["extends = 'base'"]), none);
}
