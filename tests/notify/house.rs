//! A house with one system, a tracker, and channels.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::slack::{CHANNEL, FakeSlack, TOKEN};
use crate::support::{Output, Program, Running};

/// Nothing here takes this long, unless it hangs.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct House {
    folder: tempfile::TempDir,
}

impl House {
    /// A house whose `[notify]` is this.
    pub(crate) fn new(notify: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let house = Self { folder };
        house.secret("slack.token", TOKEN);
        house.configure(notify);
        house.estate(&["api"], "always");
        house.tracker(&[]);
        house
    }

    /// A house that tells a Slack of all, by the channel `ops`.
    pub(crate) fn with_slack(slack: &FakeSlack, more: &str) -> Self {
        Self::new(&format!("{}{more}", Self::ops(&slack.api())))
    }

    /// The settings of the channel `ops`.
    pub(crate) fn ops(api: &str) -> String {
        format!(
            "[notify]\nreview_url = \"https://plimsoll.example.org\"\npatience = \"10s\"\n\
             [[notify.channels]]\nname = \"ops\"\nkind = \"slack\"\nchannel = \"{CHANNEL}\"\n\
             token_file = \"slack.token\"\napi = \"{api}\"\n\
             [[notify.routes]]\nchannels = [\"ops\"]\nabout = [\"change\"]\n\
             [[notify.routes]]\nchannels = [\"ops\"]\ncontrols = [\"least-privilege\"]\nseverity = \"high\"\n"
        )
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn secret(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
        let own = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(self.path(name), own).unwrap();
    }

    pub(crate) fn configure(&self, notify: &str) {
        let policy = "[[rule]]\nid = \"all\"\napprovers = [\"cto\"]\n";
        std::fs::write(self.path("ours.toml"), policy).unwrap();
        let config = format!(
            "[store]\npath = \"plimsoll.db\"\n[approval]\npolicy = \"ours\"\npaths = [\"ours.toml\"]\nsources = [\"tracker\"]\n\
             [[sources]]\nname = \"estate\"\ncollector = \"file\"\nsettings.path = \"estate.jsonl\"\n\
             [[sources]]\nname = \"tracker\"\ncollector = \"file\"\nsettings.path = \"tracker.jsonl\"\n\
             [[people]]\nname = \"Kim\"\nroles = [\"cto\"]\naccounts = {{ any = \"kim\" }}\n\
             [[people]]\nname = \"Sam\"\naccounts = {{ any = \"sam\" }}\n{notify}"
        )
        .replace("\"estate.jsonl\"", &format!("{:?}", self.path("estate.jsonl")))
        .replace("\"tracker.jsonl\"", &format!("{:?}", self.path("tracker.jsonl")));
        std::fs::write(self.path("config.toml"), config).unwrap();
    }

    /// One system that people call so.
    pub(crate) fn called(&self, name: &str, restart: &str) {
        let asset = json!({"asset": {"id": "container:h/api", "kind": "container", "name": name,
            "labels": {"plimsoll.environment": "production", "plimsoll.role": "worker"},
            "facts": facts(restart)}});
        self.write("estate.jsonl", &[asset]);
    }

    /// The systems, each with this restart policy.
    pub(crate) fn estate(&self, names: &[&str], restart: &str) {
        let lines: Vec<Value> = names
            .iter()
            .map(|name| {
                json!({"asset": {"id": format!("container:h/{name}"), "kind": "container", "name": name,
                    "labels": {"plimsoll.environment": "production", "plimsoll.role": "worker", "team": "shop"},
                    "facts": facts(restart)}})
            })
            .collect();
        self.write("estate.jsonl", &lines);
    }

    pub(crate) fn tracker(&self, requests: &[Value]) {
        let lines: Vec<Value> = requests
            .iter()
            .map(|one| json!({ "request": one }))
            .collect();
        self.write("tracker.jsonl", &lines);
    }

    fn write(&self, name: &str, lines: &[Value]) {
        let mut text = format!("{{\"plimsoll\":\"findings/v1\",\"scope\":\"{name}\"}}\n");
        for line in lines {
            text.push_str(&format!("{line}\n"));
        }
        text.push_str("{\"scope\":{\"complete\":true}}\n");
        std::fs::write(self.path(name), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .arg("--quiet")
            .arg("--config")
            .arg(self.path("config.toml"))
            .args(arguments);
        command
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Program::start(&mut self.command(arguments))
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Program::run(&mut self.command(arguments), LIMIT)
    }

    /// Scans; the report, and what was said beside it.
    pub(crate) fn scan(&self) -> (Value, String) {
        let output = self.run(&["scan", "--format", "json"]);
        let report = serde_json::from_str(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", output.stdout, output.stderr));
        (report, output.stderr)
    }

    /// What the command line says of the outbox.
    pub(crate) fn outbox(&self) -> Value {
        let output = self
            .run(&["notify", "list", "--format", "json"])
            .success("list");
        serde_json::from_str(&output.stdout).unwrap()
    }

    /// The states of all messages, in order of their numbers.
    pub(crate) fn states(&self) -> Vec<String> {
        let outbox = self.outbox();
        let mut all: Vec<(i64, String)> = outbox["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                (
                    one["id"].as_i64().unwrap(),
                    one["state"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        all.sort();
        all.into_iter().map(|(_, state)| state).collect()
    }
}

/// All that `least-privilege` looks at, so that nothing of it is unknown.
fn facts(restart: &str) -> Value {
    json!({"restart-policy": restart, "privileged": restart == "no", "namespaces.host": [],
        "capabilities.added": [], "security.options": [], "mounts": {"value": {}}})
}

/// A ticket for the api that is good, once it is approved.
pub(crate) fn ticket(approved: bool) -> Value {
    let approvals = if approved {
        json!([{"by": {"account": "kim"}, "at": "2020-01-01T10:00:00Z"}])
    } else {
        json!([])
    };
    json!({"id": "CHG-1", "title": "Restart the api by itself", "opened": "2020-01-01T08:00:00Z",
        "requester": {"account": "sam"}, "environments": ["production"], "assets": ["container:h/api"],
        "window": ["2020-01-02T00:00:00Z", "2100-01-01T00:00:00Z"], "approvals": approvals})
}
