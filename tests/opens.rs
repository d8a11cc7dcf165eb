//! What the program opens, looks for and starts, watched by `strace`: nothing but what `docs/concepts/security.md` lists.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use support::{Findings, Plimsoll, Program, until};

const LIMIT: Duration = Duration::from_secs(120);
const DOCUMENT: &str = include_str!("../docs/concepts/security.md");
const HOST: &str =
    "{\"asset\":{\"id\":\"host:shop/web-1\",\"kind\":\"host\",\"name\":\"web-1\"}}\n";

/// The patterns in the first column of every table under a heading of the third level.
fn documented(heading: &str) -> Vec<String> {
    let (_, tables) = DOCUMENT.split_once("\n## What Plimsoll opens\n").unwrap();
    let (_, rest) = tables.split_once(&format!("\n### {heading}\n")).unwrap();
    let section = rest.split("\n#").next().unwrap();
    let cells = section
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let patterns = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    patterns.map(str::to_owned).collect()
}

/// Whether a text fits a pattern, in which `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// What one or more runs opened.
#[derive(Debug, Default)]
struct Opened {
    files: BTreeSet<String>,
    programs: BTreeSet<String>,
    addresses: BTreeSet<String>,
}

impl Opened {
    /// Adds what a trace of `strace -f -y` tells of the program itself: what a program does that it started is not its own.
    fn read(&mut self, trace: &str, folder: &Path) {
        let mut others: HashSet<&str> = HashSet::new();
        for line in trace.lines() {
            let Some((pid, call)) = line.split_once(char::is_whitespace) else {
                continue;
            };
            let call = call.trim_start();
            let Some((name, arguments)) = call.split_once('(') else {
                continue;
            };
            if others.contains(pid) || name.starts_with(['<', '+', '-']) {
                continue;
            }
            match name {
                "execve" => {
                    let program = quoted(arguments).remove(0);
                    if !program.ends_with("/plimsoll") && !call.contains("= -1") {
                        others.insert(pid);
                    }
                    self.programs.insert(program);
                }
                "connect" | "bind" => self.addresses.extend(address(arguments)),
                _ => {
                    let base = base(arguments).unwrap_or(folder);
                    let count = match name {
                        "rename" | "renameat" | "renameat2" | "link" | "linkat" => 2,
                        _ => 1,
                    };
                    let paths = quoted(arguments).into_iter().take(count);
                    for path in paths.filter(|path| !path.is_empty()) {
                        self.files.insert(plain(&base.join(path)));
                    }
                }
            }
        }
    }
}

/// The folder that a call's first argument stands for, as `-y` shows it.
fn base(arguments: &str) -> Option<&Path> {
    let (descriptor, rest) = arguments.split_once('<')?;
    let is_one = descriptor == "AT_FDCWD" || descriptor.bytes().all(|byte| byte.is_ascii_digit());
    let (path, _) = rest.split_once('>')?;
    is_one.then(|| Path::new(path))
}

/// The texts in quotes among arguments.
fn quoted(arguments: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = arguments;
    while let Some((_, after)) = rest.split_once('"') {
        let Some((text, after)) = after.split_once('"') else {
            break;
        };
        texts.push(text.to_owned());
        rest = after;
    }
    texts
}

/// A path without `.` and `..` in it, and with `self` for a process's own number.
fn plain(path: &Path) -> String {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                whole.pop();
            }
            part => whole.push(part),
        }
    }
    whole.display().to_string()
}

/// Where something connects to or listens: a path, a host with its port, or what kind of socket it is.
fn address(arguments: &str) -> Option<String> {
    let texts = quoted(arguments);
    let port = || Some(arguments.split_once("_port=htons(")?.1.split_once(')')?.0);
    if arguments.contains("AF_NETLINK") {
        Some("netlink".to_owned())
    } else if arguments.contains("AF_UNIX") {
        texts.first().cloned()
    } else if port() == Some("53") {
        Some("dns".to_owned())
    } else if arguments.contains("AF_INET") {
        Some(format!("{}:{}", texts.first()?, port()?))
    } else {
        // A socket that is let go of its peer.
        (!arguments.contains("AF_UNSPEC")).then(|| arguments.to_owned())
    }
}

/// A machine with a source of every kind that reads something of this one, or tries to.
struct Watched {
    plimsoll: Plimsoll,
    findings: Findings,
    folder: tempfile::TempDir,
    names: BTreeMap<&'static str, Vec<String>>,
    opened: Opened,
}

impl Watched {
    fn new() -> Self {
        let findings = Findings::of(HOST);
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let (repository, token, engine, tmp) = (at("infra"), at("token"), at("engine"), at("tmp"));
        std::fs::create_dir(&tmp).unwrap();
        std::fs::write(&token, "token").unwrap();
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&token, private).unwrap();
        let mut git = Command::new("git");
        git.args(["init", "-q", "-b", "main", &repository]);
        Program::run(&mut git, LIMIT).success("git init");
        let path = findings.path().display().to_string();
        let configuration = format!(
            "{}\n[serve]\nlisten = \"127.0.0.1:0\"\n\
             [[sources]]\nname = \"here\"\ncollector = \"host\"\n\
             [[sources]]\nname = \"script\"\ncollector = \"exec\"\nsettings.command = [\"/bin/cat\", \"{path}\"]\n\
             [[sources]]\nname = \"infra\"\ncollector = \"git\"\nsettings.repositories = [{{ path = \"{repository}\" }}]\n\
             [[sources]]\nname = \"engine\"\ncollector = \"docker\"\nsettings.endpoint = \"unix://{engine}\"\n\
             [[sources]]\nname = \"hub\"\ncollector = \"gitlab\"\n[sources.settings]\napi_url = \"https://localhost:9\"\n\
             projects = [\"acme/infra\"]\ntoken_file = \"{token}\"\n",
            findings.source()
        );
        let plimsoll = Plimsoll::new(&configuration);
        let data = plimsoll.data().display().to_string();
        let named = vec![
            path,
            repository,
            token,
            engine,
            "/bin/cat".to_owned(),
            "127.0.0.1:9".to_owned(),
            "::1:9".to_owned(),
            "127.0.0.1:0".to_owned(),
        ];
        let search = std::env::var("PATH").unwrap();
        let names = BTreeMap::from([
            ("CONFIG", vec![plimsoll.config().display().to_string()]),
            ("STORE", vec![format!("{data}/plimsoll.db")]),
            ("DATA", vec![data]),
            ("NAMED", named),
            ("TMP", vec![tmp]),
            ("PATH", search.split(':').map(str::to_owned).collect()),
        ]);
        Self {
            plimsoll,
            findings,
            folder,
            names,
            opened: Opened::default(),
        }
    }

    fn trace(&self) -> PathBuf {
        self.folder.path().join("trace")
    }

    /// The program under `strace`.
    fn command(&self, arguments: &[&str]) -> Command {
        let plain = self.plimsoll.command();
        let mut command = Command::new("strace");
        command.args(["-f", "-y", "-qq", "-s", "4096", "-e", "signal=none"]);
        command.args(["-e", "trace=%file,connect,bind", "-o"]);
        command.arg(self.trace()).arg(plain.get_program());
        command
            .args(arguments)
            .arg("--config")
            .arg(self.plimsoll.config());
        command.env_clear();
        for (name, value) in plain.get_envs() {
            command.env(name, value.unwrap());
        }
        command.env("TMPDIR", &self.names["TMP"][0]);
        command.current_dir(plain.get_current_dir().unwrap());
        command
    }

    fn run(&mut self, arguments: &[&str]) {
        let output = Program::run(&mut self.command(arguments), LIMIT);
        assert!(
            matches!(output.code, Some(0 | 10 | 11)),
            "{arguments:?}: {output:?}"
        );
        self.look();
    }

    fn look(&mut self) {
        let trace = std::fs::read_to_string(self.trace()).unwrap();
        let folder = self.plimsoll.config();
        self.opened.read(&trace, folder.parent().unwrap());
    }

    /// Until the daemon listens on its socket; then it is told to stop.
    fn serve(&mut self) {
        let running = Program::start(&mut self.command(&["serve"]));
        let socket = self.plimsoll.data().join("plimsoll.sock");
        until("the daemon listens", LIMIT, || {
            socket.exists().then_some(())
        });
        let trace = std::fs::read_to_string(self.trace()).unwrap();
        let pid = trace.split_whitespace().next().unwrap().parse().unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM).unwrap();
        running.finish(LIMIT);
        self.look();
    }

    /// Patterns with what stands for names of the tables put in.
    fn patterns(&self, headings: &[&str]) -> Vec<String> {
        let mut all = Vec::new();
        for pattern in headings.iter().flat_map(|heading| documented(heading)) {
            let name = self.names.keys().find(|name| {
                let rest = pattern.strip_prefix(**name);
                rest.is_some_and(|rest| {
                    !rest.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
                })
            });
            match name {
                None => all.push(pattern),
                Some(name) => {
                    let rest = &pattern[name.len()..];
                    all.extend(self.names[name].iter().map(|one| format!("{one}{rest}")));
                }
            }
        }
        all
    }
}

fn strangers<'o>(opened: &'o BTreeSet<String>, patterns: &[String]) -> Vec<&'o str> {
    let known = |one: &&String| patterns.iter().any(|pattern| fits(pattern, one));
    opened
        .iter()
        .filter(|one| !known(one))
        .map(String::as_str)
        .collect()
}

#[test]
fn nothing_is_opened_that_is_not_documented() {
    let strace = Command::new("strace").arg("--version").output();
    assert!(
        strace.is_ok(),
        "strace is missing: run this test with `tests/run`"
    );
    let mut watched = Watched::new();
    watched.run(&["scan", "--quiet"]);
    watched.findings.write(&HOST.replace("web-1", "web-2"));
    watched.run(&["scan", "--quiet"]);
    for arguments in [
        ["check", "--offline", "--database"].as_slice(),
        &["report", "--format", "html"],
        &["drift"],
        &["changes"],
        &["controls", "list"],
        &["inventory", "list"],
        &["export", "inventory", "--format", "csv"],
        &["sources", "list"],
    ] {
        watched.run(arguments);
    }
    watched.serve();
    let opened = &watched.opened;
    assert!(
        opened
            .files
            .iter()
            .any(|file| file.ends_with("/redaction.key"))
    );
    assert!(
        opened.programs.iter().any(|one| one.ends_with("/git")),
        "{:?}",
        opened.programs
    );
    assert!(
        opened.addresses.iter().any(|one| one.ends_with(":9")),
        "{:?}",
        opened.addresses
    );

    let mut files = watched.patterns(&["Files"]);
    // Folders above what is documented are looked at on the way.
    let above: Vec<String> = ["CONFIG", "DATA", "NAMED", "TMP"]
        .iter()
        .flat_map(|name| &watched.names[name])
        .flat_map(|path| Path::new(path).ancestors().skip(1))
        .map(|path| path.display().to_string())
        .collect();
    files.extend(above);
    // The program itself, which has to be started.
    files.push(env!("CARGO_BIN_EXE_plimsoll").to_owned());
    files.extend(
        watched.names["NAMED"]
            .iter()
            .map(|path| format!("{path}/*")),
    );
    assert_eq!(
        strangers(&opened.files, &files),
        [""; 0],
        "not in the table of files"
    );

    let mut programs = Vec::new();
    for pattern in watched.patterns(&["Programs"]) {
        programs.push(format!("*/{pattern}"));
        programs.push(pattern);
    }
    assert_eq!(
        strangers(&opened.programs, &programs),
        [""; 0],
        "not in the table of programs"
    );
    let addresses = watched.patterns(&["Addresses"]);
    assert_eq!(
        strangers(&opened.addresses, &addresses),
        [""; 0],
        "not in the table of addresses"
    );
}

/// Every place that asks for a variable, and what it asks for. What libraries ask for is in the table, too.
#[test]
fn no_variable_is_read_that_is_not_documented() {
    const PLACES: &[&str] = &[
        "src/cli/log.rs",
        "src/daemon/system.rs",
        "src/trace/mod.rs",
        "src/trace/sending.rs",
        "collectors/exec/src/client.rs",
        "collectors/kit/src/file.rs",
        "collectors/kit/src/http/secret.rs",
        "collectors/kit/src/program.rs",
        "collectors/kit/src/registration.rs",
        "collectors/settings/src/section.rs",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let known = documented("Variables");
    let mut asked = BTreeSet::new();
    for path in sources(root) {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let name = path.strip_prefix(root).unwrap().display().to_string();
        let reads = text.contains("env::var");
        assert!(
            !reads || PLACES.contains(&name.as_str()),
            "{name} reads a variable: put it into the list here, and what it reads into the table"
        );
        if reads || text.contains("variable(") || name.starts_with("src/trace") {
            let words = quoted(&text.replace('\n', " "));
            asked.extend(words.into_iter().filter(|word| is_variable(word)));
        }
    }
    assert!(asked.contains("DOCKER_HOST") && asked.contains("OTEL_SDK_DISABLED"));
    // Words of the same form that are no variables: those that are handed to programs, and what stands in files.
    let others = ["LC_ALL", "FETCH_HEAD", "CARGO_PKG_VERSION"];
    let strangers: Vec<&String> = asked
        .iter()
        .filter(|name| !known.contains(name) && !others.contains(&name.as_str()))
        .collect();
    assert!(
        strangers.is_empty(),
        "not in the table of variables: {strangers:?}"
    );
}

fn is_variable(word: &str) -> bool {
    word.contains('_')
        && !word.starts_with('_')
        && !word.ends_with('_')
        && word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        || ["HOME", "PATH", "KUBECONFIG", "TZ"].contains(&word)
}

/// Every source file of the program, without its tests and what only tests use.
fn sources(root: &Path) -> Vec<PathBuf> {
    let mut folders = vec![
        root.join("src"),
        root.join("crates"),
        root.join("collectors"),
    ];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let left_out = [
                "tests",
                "testkit",
                "testcases",
                "benches",
                "examples",
                "tests.rs",
                "fake.rs",
                "build.rs",
            ];
            if left_out.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".rs") {
                files.push(path);
            }
        }
    }
    files
}

#[test]
fn patterns_fit_what_they_say() {
    assert!(fits("/etc/*", "/etc/a/b") && fits("*.so.*", "/lib/x.so.6") && fits("a", "a"));
    assert!(
        !fits("/etc/*", "/usr/etc/a") && !fits("a", "ab") && !fits("STORE.*.lock", "STORE.lock")
    );
    assert!(documented("Programs").contains(&"git".to_owned()));
}
