//! Collectors for this room's tests: they build, and are never run.

use async_trait::async_trait;
use plimsoll_kit::{Access, Collector, Context, Found, Harvester, Registration, Surroundings};
use plimsoll_settings::Section;

struct Idle;

#[async_trait]
impl Collector for Idle {
    async fn collect(&self, _context: &Context, _harvest: &mut Harvester) {}

    async fn check(&self, _context: &Context) -> Vec<Access> {
        Vec::new()
    }
}

/// Takes `socket` and a table `tls` with `ca`.
fn build_docker(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    let socket = section.text("socket");
    let tls = section.table_or_empty("tls");
    tls.text("ca");
    tls.finish();
    section.finish();
    if let Some(socket) = socket.filter(|socket| !socket.starts_with('/')) {
        section.mistake_at("socket", format!("`socket`: {socket:?} is no whole path"));
        return None;
    }
    Some(Box::new(Idle))
}

/// Takes anything.
fn build_any(section: &Section<'_>) -> Option<Box<dyn Collector>> {
    for key in section.keys() {
        section.any(&key);
    }
    section.finish();
    Some(Box::new(Idle))
}

struct Tracker;

#[async_trait]
impl Collector for Tracker {
    async fn collect(&self, _context: &Context, _harvest: &mut Harvester) {}

    async fn check(&self, _context: &Context) -> Vec<Access> {
        Vec::new()
    }

    fn holds_requests(&self) -> bool {
        true
    }
}

/// One of change requests, which none of the others is.
pub(crate) fn tracker() -> Registration {
    Registration {
        name: "tracker",
        summary: "change requests",
        sample: "",
        build: |section| {
            section.finish();
            Some(Box::new(Tracker))
        },
        discover: |_| Vec::new(),
    }
}

/// Two engines: one by its socket, one by a variable.
fn discover_docker(surroundings: &Surroundings) -> Vec<Found> {
    let mut found = Vec::new();
    if surroundings.exists("/run/docker.sock") {
        found.push(Found {
            source: "docker".to_owned(),
            settings: "# the default\nsocket = \"/run/docker.sock\"\n".to_owned(),
            because: "socket /run/docker.sock".to_owned(),
        });
    }
    if let Some(socket) = surroundings.variable("DOCKER_HOST") {
        found.push(Found {
            source: "docker".to_owned(),
            settings: format!("socket = {socket:?}\n[tls]\nca = \"/ca.pem\"\n"),
            because: "DOCKER_HOST\nis set".to_owned(),
        });
    }
    found
}

fn discover_host(_surroundings: &Surroundings) -> Vec<Found> {
    vec![Found {
        source: "This Machine".to_owned(),
        settings: String::new(),
        because: "this machine".to_owned(),
    }]
}

/// Collectors by the names of those that come first, with the settings of none of them.
pub(crate) fn registrations() -> Vec<Registration> {
    let one = |name, summary| Registration {
        name,
        summary,
        sample: "",
        build: build_any,
        discover: |_| Vec::new(),
    };
    vec![
        Registration {
            build: build_docker,
            discover: discover_docker,
            ..one("docker", "containers of a Docker engine")
        },
        Registration {
            discover: discover_host,
            ..one("host", "the machine that it runs on")
        },
        one("file", "findings in a file"),
        one("exec", "findings that a program prints"),
    ]
}

/// The same and all others that there are, and every one takes any settings.
pub(crate) fn lenient() -> Vec<Registration> {
    let any = |one: Registration| Registration {
        build: build_any,
        ..one
    };
    let mut all: Vec<Registration> = registrations().into_iter().map(any).collect();
    for real in crate::registry::COLLECTORS {
        if !all.iter().any(|one| one.name == real.name) {
            all.push(Registration {
                discover: |_| Vec::new(),
                ..any(*real)
            });
        }
    }
    all
}

/// Surroundings below `root` with a home folder and, where one is given, a `DOCKER_HOST`.
pub(crate) fn surroundings(
    root: &std::path::Path,
    docker_host: Option<&'static str>,
) -> Surroundings {
    let variables = move |name: &str| match name {
        "HOME" => Some("/home/me".to_owned()),
        "XDG_DATA_HOME" => Some("/data".to_owned()),
        "DOCKER_HOST" => docker_host.map(str::to_owned),
        _ => None,
    };
    Surroundings::new(variables, root)
}
