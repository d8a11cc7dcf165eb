//! Whole configurations, good and bad.

use std::path::Path;
use std::time::Duration;

use super::fake;
use super::*;

/// Loads a text as the configuration of a folder.
fn load_in(folder: &Path, text: &str) -> Result<Config, Vec<String>> {
    let path = folder.join("config.toml");
    std::fs::write(&path, text).unwrap();
    load_file(folder, &path, None)
}

/// Loads a file, and gives the mistakes without the folder's path.
fn load_file(
    folder: &Path,
    path: &Path,
    docker_host: Option<&'static str>,
) -> Result<Config, Vec<String>> {
    let surroundings = fake::surroundings(folder, docker_host);
    plain(
        folder,
        Config::load(Some(path), &fake::registrations(), &surroundings),
    )
}

fn plain(folder: &Path, loaded: Result<Config, Mistakes>) -> Result<Config, Vec<String>> {
    let prefix = format!("{}/", folder.display());
    loaded.map_err(|mistakes| {
        let lines = mistakes.iter();
        lines
            .map(|line| line.to_string().replace(&prefix, ""))
            .collect()
    })
}

/// Configurations, and every mistake in each.
const BAD: &[(&str, &[&str])] = &[
    (
        "[stroe]\n[scan]\nconcurency = 3\n[store]\nretention = 400\nkey = \"a\"\n",
        &[
            "config.toml:1:2: unknown key `stroe` (did you mean `store`?)",
            "config.toml:3:1: unknown key `concurency` in scan (did you mean `concurrency`?)",
            "config.toml:5:13: `retention` must be a text in quotes, not integer",
            "config.toml:6:1: unknown key `key` in store (did you mean `key_file`?)",
        ],
    ),
    (
        "store = 1\nscan = []\nsources = {}\nrules = 2\n",
        &[
            "config.toml:1:9: `store` must be a table, not integer",
            "config.toml:2:8: `scan` must be a table, not array",
            "config.toml:3:11: `sources` must be an array of tables (write [[sources]])",
            "config.toml:4:9: `rules` must be an array of tables (write [[rules]])",
        ],
    ),
    (
        "[store]\nretention = \"soon\"\nbusy_timeout = \"2h\"\npath = \"\"\n[scan]\nconcurrency = 0\ndeadline = \"10ms\"\n",
        &[
            "config.toml:2:13: `retention`: \"soon\" is no duration (write a number with its unit, as \"30s\", \"15m\", \"7 days\")",
            "config.toml:3:16: `busy_timeout` must be from 0ms to 1h",
            "config.toml:4:8: `path` must not be empty",
            "config.toml:6:15: `concurrency` must be from 1 to 64",
            "config.toml:7:12: `deadline` must be from 1s to 1 day",
        ],
    ),
    (
        "[store]\npath = \"a.db\"\nkey_file = \"./a.db\"\n",
        &["config.toml:3:12: `key_file` must be another file than `path`"],
    ),
    (
        "[[sources]]\nname = \"web\"\ncollector = \"dokcer\"\nsettings.any = 1\n\n[[sources]]\nname = \"web\"\n\n[[sources]]\nname = \"Web 1\"\ncollector = \"host\"\n",
        &[
            "config.toml:3:13: `collector`: \"dokcer\" is none of docker, host, file, exec (did you mean \"docker\"?)",
            "config.toml:6:1: `collector` is missing in sources[1] (one of docker, host, file, exec)",
            "config.toml:7:8: two sources are called \"web\": on lines 2 and 7 (give each a name of its own; history is kept under it)",
            "config.toml:10:8: `name` takes a-z, 0-9, - and _, begins with a letter or digit, and is at most 64 long (as \"web-1\")",
        ],
    ),
    (
        // A source that is not enabled is checked all the same.
        "[[sources]]\ncollector = \"docker\"\nenabled = false\ndeadline = \"2 days\"\nsocket = \"/s\"\n[sources.settings]\nsokcet = \"/a\"\nsocket = \"b\"\ntls = { ac = \"c\" }\n",
        &[
            "config.toml:1:1: `name` is missing in sources[0] (give it one of its own; history is kept under it)",
            "config.toml:4:12: `deadline` must be from 1s to 1 day",
            "config.toml:5:1: unknown key `socket` in sources[0] (known here: collector, deadline, enabled, jitter, max_age, name, schedule, settings, time_zone)",
            "config.toml:7:1: unknown key `sokcet` in sources[0].settings (did you mean `socket`?)",
            "config.toml:8:10: `socket`: \"b\" is no whole path",
            "config.toml:9:9: unknown key `ac` in sources[0].settings.tls (known here: ca)",
        ],
    ),
    (
        "[baselines]\npaths = [\"none\", \"empty\", \"latin\", 7]\n",
        &[
            "config.toml:2:9: `paths`: empty holds no file *.toml",
            "config.toml:2:9: `paths`: latin/b.toml: it is not UTF-8: byte 1 begins no character (save it as UTF-8)",
            "config.toml:2:9: `paths`: none: there is no such file (check the path)",
            "config.toml:2:36: `paths` takes texts in quotes, not integer",
        ],
    ),
    (
        "[schedule]\ndefault = \"15 * * *\"\ntime_zone = \"Berlin\"\njitter = \"2h\"\n[[sources]]\nname = \"web\"\ncollector = \"docker\"\nschedule = \"0 24 * * *\"\nmax_age = \"1s\"\n",
        &[
            "config.toml:2:11: `default`: \"15 * * *\" has 4 fields, not the five of MINUTE HOUR DAY MONTH WEEKDAY (as \"*/15 * * * *\" for every quarter of an hour)",
            "config.toml:3:13: `time_zone`: no zone \"Berlin\" is known on this machine (a name as \"Europe/Berlin\" or \"UTC\"; the zones are those of the package tzdata)",
            "config.toml:4:10: `jitter` must be from 0ms to 1h",
            "config.toml:8:12: `schedule`: \"24\" is no hour (0 to 23) (as \"*/15 * * * *\" for every quarter of an hour)",
            "config.toml:9:11: `max_age` must be from 1m to 366 days",
        ],
    ),
    (
        "[serve]\nlisten = \"localhost\"\nsocket = \"\"\n[log]\nformat = \"xml\"\nlevel = \"loud\"\n",
        &[
            "config.toml:2:10: `listen`: \"localhost\" is no address with a port (as \"127.0.0.1:9464\" or \"[::1]:9464\")",
            "config.toml:3:10: `socket` must not be empty",
            "config.toml:5:10: `format`: \"xml\" is none of text, json",
            "config.toml:6:9: `level`: \"loud\" is none of error, warn, info, debug",
        ],
    ),
    (
        "[[rules]]\nname = \"a\"\nrole = \"worker\"\nenvironmnet = \"production\"\n[[ignore]]\ncontrol = \"image-current\"\nreason = \"moving\"\nuntil = 2030-12-31\nassset = \"a\"\n",
        &[
            "config.toml:4:1: unknown key `environmnet` in rules[0] (did you mean `environment`?)",
            "config.toml:9:1: unknown key `assset` in ignore[0] (did you mean `asset`?)",
        ],
    ),
];

#[test]
fn every_mistake_of_a_configuration_comes_at_once_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    std::fs::create_dir(folder.path().join("latin")).unwrap();
    std::fs::write(folder.path().join("latin/b.toml"), b"\xff").unwrap();
    for (text, mistakes) in BAD {
        let found = load_in(folder.path(), text).err().unwrap_or_default();
        assert_eq!(&found, mistakes, "{text}");
    }
}

#[test]
fn a_line_that_is_no_toml_hides_no_other_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "[scan]\nconcurrency = = 4\ndeadline = \"1 fortnight\"\n[store]\nbusy_timeout = true\n";
    let found = load_in(folder.path(), text).err().unwrap();
    let places: Vec<&str> = found
        .iter()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    assert!(places.contains(&"config.toml:3:12"), "{found:#?}");
    assert!(places.contains(&"config.toml:5:16"), "{found:#?}");
    assert!(
        places
            .iter()
            .any(|place| place.starts_with("config.toml:2:"))
    );
}

#[test]
fn depth_and_garbage_are_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    let deep = format!("sources = {}", "[".repeat(200_000));
    let dotted = format!("store{} = 1", ".a".repeat(200_000));
    for text in [deep.as_str(), &dotted, "\0\0\0", "]]]]", "= = ="] {
        assert!(load_in(folder.path(), text).is_err());
    }
}

#[test]
fn a_configuration_that_is_not_there_is_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let found = load_file(folder.path(), &folder.path().join("c.toml"), None);
    assert_eq!(
        found.err().unwrap(),
        ["c.toml: there is no such file (check the path)"]
    );
}

#[test]
fn a_whole_configuration_is_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("own")).unwrap();
    for name in ["b.toml", "a.toml", ".hidden.toml", "README.md"] {
        std::fs::write(folder.path().join("own").join(name), name).unwrap();
    }
    let text = "
        [store]
        path = \"~/inventory.db\"
        retention = \"2 years\"
        [scan]
        deadline = \"90s\"
        [baselines]
        paths = \"own\"
        [[sources]]
        name = \"web\"
        collector = \"docker\"
        settings.socket = \"/run/a.sock\"
        [[sources]]
        name = \"off\"
        collector = \"host\"
        enabled = false
        [[sources]]
        name = \"this_1\"
        collector = \"host\"
        deadline = \"2m\"
        schedule = \"0 6 L * *\"
        time_zone = \"Europe/Berlin\"
        [[rules]]
        name = \"shop-*\"
        role = \"worker\"
        [[ignore]]
        control = \"image-current\"
        reason = \"moving\"
        until = 2030-12-31
    ";
    let Ok(config) = load_in(folder.path(), text).map_err(|mistakes| panic!("{mistakes:#?}"));
    assert_eq!(config.path, Some(folder.path().join("config.toml")));
    assert_eq!(
        config.store,
        StoreSettings {
            path: folder.path().join("home/me/inventory.db"),
            key_file: folder.path().join("home/me/redaction.key"),
            retention: Duration::from_secs(730 * 86_400),
            busy_timeout: Duration::from_secs(30),
        }
    );
    assert_eq!(config.scan.concurrency, 4);
    let documents = config.baselines.documents.iter();
    let names: Vec<&str> = documents
        .map(|one| one.name().rsplit('/').next().unwrap())
        .collect();
    assert_eq!(names, ["a.toml", "b.toml"]);
    let sources: Vec<_> = config.sources.iter().map(shown).collect();
    assert_eq!(sources, [("web", "docker", 90), ("this_1", "host", 120)]);
    let timings: Vec<String> = config
        .sources
        .iter()
        .map(|one| format!("{} {:?}", one.timing.schedule, one.timing.zone.iana_name()))
        .collect();
    assert_eq!(
        timings,
        [
            "*/15 * * * * Some(\"UTC\")",
            "0 6 L * * Some(\"Europe/Berlin\")"
        ]
    );
    let socket = folder.path().join("home/me/plimsoll.sock");
    assert_eq!(
        config.serve,
        ServeSettings {
            listen: None,
            hosts: Vec::new(),
            socket
        }
    );
    assert!(config.found.is_empty());
    assert_eq!((config.rules.len(), config.ignores.len()), (1, 1));
}

fn shown(source: &Source) -> (&str, &'static str, u64) {
    (
        &source.name,
        source.collector_name,
        source.deadline.as_secs(),
    )
}

#[test]
fn without_sources_those_that_are_found_here_are_scanned() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("run")).unwrap();
    std::fs::write(folder.path().join("run/docker.sock"), "").unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, "[scan]\ndeadline = \"1m\"\n").unwrap();
    let config = load_file(folder.path(), &path, Some("/run/other.sock"))
        .ok()
        .unwrap();
    let sources: Vec<_> = config.sources.iter().map(shown).collect();
    let expected = [
        ("docker", "docker", 60),
        ("docker-2", "docker", 60),
        ("this-machine", "host", 60),
    ];
    assert_eq!(sources, expected);
    let names: Vec<&str> = config.found.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["docker", "docker-2", "this-machine"]);

    let none = load_in(folder.path(), "sources = []\n").ok().unwrap();
    assert!(none.sources.is_empty() && none.found.is_empty());
}

#[test]
fn what_is_found_here_and_wrong_is_a_mistake_beside_those_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let registrations = fake::registrations();
    let surroundings = fake::surroundings(folder.path(), Some("nonsense"));
    let wrong =
        "found here: DOCKER_HOST is set:1:10: `socket`: \"nonsense\" is no whole path".to_owned();
    let found = Config::discovered(&registrations, &surroundings);
    assert_eq!(plain(folder.path(), found).err().unwrap(), [wrong.as_str()]);
    let path = folder.path().join("config.toml");
    std::fs::write(&path, "scna = {}\n").unwrap();
    let found = load_file(folder.path(), &path, Some("nonsense"));
    let unknown = "config.toml:1:1: unknown key `scna` (did you mean `scan`?)";
    assert_eq!(found.err().unwrap(), [unknown, &wrong]);
}

#[test]
fn trackers_give_change_requests_without_being_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let text = "[approval]\nsources = [\"ours\"]\n\
        [[sources]]\nname = \"ours\"\ncollector = \"file\"\n\
        [[sources]]\nname = \"host\"\ncollector = \"host\"\n\
        [[sources]]\nname = \"tickets\"\ncollector = \"tracker\"\n";
    std::fs::write(&path, text).unwrap();
    let mut registrations = fake::registrations();
    registrations.push(fake::tracker());
    let surroundings = fake::surroundings(folder.path(), None);
    let loaded = Config::load(Some(&path), &registrations, &surroundings);
    let config = plain(folder.path(), loaded).unwrap();
    assert_eq!(config.approval.sources, ["ours", "tickets"]);
    let held = config.sources.iter().map(|one| config.holds_requests(one));
    assert_eq!(held.collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn more_sources_than_an_inventory_has_are_refused_and_a_pipe_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let source = |at: usize| format!("[[sources]]\nname = \"s{at}\"\ncollector = \"docker\"\n");
    let text: String = (0..1_002).map(source).collect();
    let wrong = load_in(folder.path(), &text).err().unwrap();
    assert!(
        wrong
            .iter()
            .any(|one| one.contains("more than 1000 sources")),
        "{:?}",
        wrong.first()
    );
    let path = folder.path().join("pipe.toml");
    let _held = plimsoll_kit::testkit::Fifo::holding_readers(&path);
    let wrong = load_file(folder.path(), &path, None).err().unwrap();
    assert!(wrong[0].contains("it is no regular file"), "{wrong:?}");
    // It names programs that are run: nobody else may write it.
    let path = folder.path().join("open.toml");
    std::fs::write(&path, "").unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o646);
    std::fs::set_permissions(&path, open).unwrap();
    let wrong = load_file(folder.path(), &path, None).err().unwrap();
    assert!(wrong[0].contains("everybody may change it"), "{wrong:?}");
}

/// What may be pasted into the wrong place.
const PASTED: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

/// Every place of a value in a table, an array's first row too.
fn places(value: &toml::Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let row = value.as_array().and_then(|rows| rows.first());
    let Some(table) = row.unwrap_or(value).as_table() else {
        return;
    };
    for (key, value) in table {
        path.push(key.clone());
        found.push(path.clone());
        places(value, path, found);
        path.pop();
    }
}

fn table_at<'t>(value: &'t mut toml::Value, path: &[String]) -> Option<&'t mut toml::Table> {
    let value = match value {
        toml::Value::Array(rows) => rows.first_mut()?,
        other => other,
    };
    let table = value.as_table_mut()?;
    match path.split_first() {
        None => Some(table),
        Some((key, rest)) => table_at(table.get_mut(key)?, rest),
    }
}

/// Whatever stands under a key and whatever stands in its place, every mistake says in which file and where it is, and about which key, and
/// repeats nothing that may be a secret.
#[test]
fn whatever_is_spoiled_is_told_well() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("baselines")).unwrap();
    std::fs::create_dir_all(folder.path().join("approval")).unwrap();
    std::fs::write(folder.path().join("baselines/own.toml"), "").unwrap();
    let policy = "extends = \"tracker-cto\"";
    std::fs::write(folder.path().join("approval/own.toml"), policy).unwrap();
    let text = example::uncommented(include_str!("../../config.example.toml"));
    let whole: toml::Value = toml::Value::Table(text.parse().unwrap());
    let mut found = Vec::new();
    places(&whole, &mut Vec::new(), &mut found);
    assert!(found.len() > 60);
    let long = toml::Value::String(PASTED.to_owned());
    let values = [
        long.clone(),
        toml::Value::String(String::new()),
        toml::Value::String("\u{0}\u{202e}".to_owned()),
        toml::Value::Array(vec![long.clone(), 7.into()]),
        toml::Value::Table(toml::Table::from_iter([(PASTED.to_owned(), long)])),
        i64::MAX.into(),
        (-1).into(),
        f64::NAN.into(),
        true.into(),
    ];
    let path = folder.path().join("config.toml");
    let surroundings = fake::surroundings(folder.path(), None);
    let tell = |config: &toml::Value, place: &[String]| {
        std::fs::write(&path, toml::to_string(config).unwrap()).unwrap();
        let Err(mistakes) = Config::load(Some(&path), &fake::lenient(), &surroundings) else {
            return;
        };
        for mistake in mistakes.iter() {
            let told = mistake.to_string();
            assert!(!told.contains(PASTED), "{place:?}: {told}");
            assert!(told.contains(".toml"), "{place:?}: {told}");
            // By its name, or by where it stands; what is wrong with another file is told of that.
            let names_key = told.contains('`') || mistake.line > 0 || !told.contains("config.toml");
            assert!(names_key, "{place:?}: {told}");
        }
    };
    for place in &found {
        let (key, above) = place.split_last().unwrap();
        for value in &values {
            let mut config = whole.clone();
            let table = table_at(&mut config, above).unwrap();
            table.insert(key.clone(), value.clone());
            tell(&config, place);
        }
        let mut config = whole.clone();
        let table = table_at(&mut config, above).unwrap();
        let value = table.remove(key).unwrap();
        table.insert(PASTED.to_owned(), value);
        tell(&config, place);
    }
}
