//! What the vendor's own specification says of our requests and of the fake server's answers, and what we make of answers that
//! nobody here wrote. Needs what `tests/run` provides.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

// Under this name `tests/run` leaves them out, aloud, where the specifications are not there.
mod second_opinion {
    use plimsoll_aptible::REGISTRATION;
    use plimsoll_aptible::testkit::FakeAptible;
    use plimsoll_kit::Harvest;
    use plimsoll_kit::http::Client;
    use plimsoll_kit::testkit::prism::{Mode, Prism, prism};
    use plimsoll_kit::testkit::{build, context, harvest, render, run};
    use serde_json::{Value, json};

    use crate::support::*;

    /// Reads, and asks what can be read, by way of Prism, one request after the other so that its log is in order.
    fn read_by(fake: &FakeAptible, prism: &Prism) -> Harvest {
        let settings = format!("{}concurrency = 1\n", fake.settings_by(prism.url()));
        let collector = build(&REGISTRATION, &settings).unwrap();
        run(async {
            let harvest = harvest(&*collector, &context("aptible")).await;
            collector.check(&context("aptible")).await;
            harvest
        })
    }

    /// No list was lost, and no row of one: what the specification allows is understood.
    fn assert_understood(harvest: &Harvest) {
        let lost = [
            "unexpected shape",
            "no list",
            "no JSON",
            "no page",
            "in the middle",
            "status ",
        ];
        let said = troubles(harvest);
        let said: Vec<_> = said
            .iter()
            .filter(|said| lost.iter().any(|lost| said.contains(lost)))
            .collect();
        assert!(said.is_empty(), "{said:#?}");
    }

    fn kinds(harvest: &Harvest) -> Vec<&str> {
        let mut kinds: Vec<&str> = harvest
            .assets
            .iter()
            .map(|asset| asset.kind.as_str())
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    #[test]
    fn the_specifications_examples_are_understood() {
        let (fake, _) = FakeAptible::clinic();
        let prism = prism("aptible", &Mode::Static);
        let harvest = read_by(&fake, &prism);
        assert_eq!(prism.violations(), [] as [&str; 0]);
        assert_understood(&harvest);
        let lists = [
            "certificate",
            "dns-name",
            "endpoint",
            "log-drain",
            "platform-environment",
            "volume",
        ];
        assert_eq!(
            kinds(&harvest),
            lists,
            "the examples' links lead nowhere, so apps are no environment's"
        );
        // 5 lists, 11 of the one environment; `check` reads the same once more.
        assert_eq!(
            prism.requests().len(),
            2 * (5 + 11),
            "{:#?}",
            prism.requests()
        );
    }

    #[test]
    fn made_up_answers_are_understood() {
        let (fake, _) = FakeAptible::clinic();
        let mut seen = Vec::new();
        // The first seed makes up no environment.
        for seed in [1, 2] {
            let prism = prism("aptible", &Mode::Dynamic(seed));
            let harvest = read_by(&fake, &prism);
            assert_eq!(prism.violations(), [] as [&str; 0], "seed {seed}");
            assert_understood(&harvest);
            assert!(
                complete(&harvest).is_empty(),
                "links to elsewhere are no ends of lists"
            );
            seen.extend(kinds(&harvest).into_iter().map(str::to_owned));
        }
        let list = "log-drain".to_owned();
        assert!(seen.contains(&list), "{seen:?}");
    }

    #[test]
    fn the_fake_server_and_all_requests_are_as_specified() {
        let (fake, _) = FakeAptible::clinic();
        let whole = render(&read_by_numbers(&fake, ""));
        fake.state().strict = true;
        let prism = prism("aptible", &Mode::Proxy(fake.server().url().to_owned()));
        let harvest = read_by(&fake, &prism);
        assert_eq!(
            render(&harvest),
            whole,
            "nulls and strings in their place make no difference"
        );
        // What the vendor's own programs read and the file has not: an endpoint's settings.
        let violations: Vec<String> = prism
            .violations()
            .into_iter()
            .filter(|one| !one.starts_with("get /settings/"))
            .collect();
        assert_eq!(violations, [] as [&str; 0]);
        let settings = prism
            .requests()
            .iter()
            .filter(|one| one.starts_with("get /settings/"))
            .count();
        assert_eq!(settings, 2);
        assert!(
            prism
                .requests()
                .iter()
                .any(|one| one.starts_with("get /images/"))
        );
    }

    /// Rows as Prism makes them up, linked to one another as an organisation's are.
    #[test]
    fn made_up_rows_of_a_connected_organisation_all_become_assets() {
        let prism = prism("aptible", &Mode::Dynamic(7));
        let client = Client::builder(prism.url())
            .header("Authorization", "x")
            .build()
            .unwrap();
        let rows = |path: &str, kind: &str| -> Vec<Value> {
            let answer: Value = run(client.json(path)).unwrap();
            answer["_embedded"][kind].as_array().unwrap().clone()
        };
        let (fake, estate) = FakeAptible::clinic();
        let mut made = 0;
        for (kind, path, links) in [
            ("apps", "/apps", &["account"][..]),
            ("databases", "/databases", &["account"]),
            ("services", "/accounts/1/services", &["account", "app"]),
            ("vhosts", "/accounts/1/vhosts", &["account", "service"]),
            ("certificates", "/accounts/1/certificates", &["account"]),
            ("log_drains", "/accounts/1/log_drains", &["account"]),
            ("disks", "/accounts/1/disks", &["account"]),
            (
                "persistent_disks",
                "/accounts/1/persistent_disks",
                &["account"],
            ),
            (
                "disk_attachments",
                "/accounts/1/disk_attachments",
                &["account", "service"],
            ),
            ("backups", "/accounts/1/backups", &["account", "database"]),
            (
                "backup_retention_policies",
                "/accounts/1/backup_retention_policies",
                &["account"],
            ),
            (
                "service_sizing_policies",
                "/accounts/1/service_sizing_policies",
                &["account"],
            ),
            (
                "operations",
                "/accounts/1/operations",
                &["account", "resource"],
            ),
        ] {
            for (at, mut row) in rows(path, kind).into_iter().enumerate() {
                let mut state = fake.state();
                row["_links"] = json!({});
                for name in links {
                    let link = match *name {
                        "account" => state.link("accounts", estate.production),
                        "app" | "resource" => state.link("apps", estate.app),
                        "service" => state.link("services", estate.web),
                        _ => state.link("databases", estate.database),
                    };
                    row["_links"][*name] = link;
                }
                let fields = row.as_object_mut().unwrap();
                fields.remove("id");
                if matches!(kind, "operations" | "backups") {
                    fields.remove("created_at");
                }
                // Two that are made up to be called alike would be one asset.
                for name in ["handle", "process_type", "common_name", "user_domain"] {
                    if let Some(Value::String(text)) = fields.get_mut(name) {
                        *text = format!("{text}{at}");
                    }
                }
                // A row that was deleted is none.
                fields.remove("deleted_at");
                state.add(kind, row);
                made += usize::from(!matches!(
                    kind,
                    "backups"
                        | "operations"
                        | "backup_retention_policies"
                        | "service_sizing_policies"
                        | "disk_attachments"
                ));
            }
        }
        let (plain, _) = FakeAptible::clinic();
        let count = |harvest: &Harvest| {
            let assets = harvest
                .assets
                .iter()
                .filter(|asset| asset.kind != "dns-name");
            assets.count()
        };
        let before = count(&read(&plain));
        let harvest = read(&fake);
        assert_understood(&harvest);
        assert!(made >= 16, "{made}");
        assert_eq!(count(&harvest), before + made, "{:#?}", troubles(&harvest));
        assert_eq!(complete(&harvest), ALL, "{:#?}", troubles(&harvest));
    }
}
