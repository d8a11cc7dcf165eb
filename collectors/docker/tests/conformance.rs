//! What every collector holds to.

use plimsoll_docker::REGISTRATION;
use plimsoll_kit::testkit::conformance::Subject;
use plimsoll_kit::testkit::{FakeServer, Gate, Held, Input, Reply};
use plimsoll_kit::{Limits, Registration};

struct Docker;

const INFO: &str = r#"{"ID":"ENGINE","Name":"web-1","OperatingSystem":"Debian","KernelVersion":"6.1","Architecture":"x86_64","SystemTime":"2026-01-02T03:04:05Z","SecurityOptions":["name=seccomp,profile=default"],"Warnings":null,"HttpProxy":"http://PLIMSOLL-MARKER-proxy@proxy:3128"}"#;

/// A container with a marker wherever a secret may stand.
fn container(id: &str, name: &str) -> String {
    format!(
        r#"{{"Id":"{id}","Created":"2026-01-01T00:00:00Z","Name":"/{name}","Path":"PLIMSOLL-MARKER-path","Args":["PLIMSOLL-MARKER-args"],"Image":"sha256:aa",
        "State":{{"Status":"running","Error":"PLIMSOLL-MARKER-error","Health":{{"Status":"healthy","Log":[{{"Output":"PLIMSOLL-MARKER-log"}}]}}}},
        "HostConfig":{{"NetworkMode":"front","Privileged":false,"PortBindings":{{"80/tcp":[{{"HostIp":"","HostPort":"80"}}]}},"CapAdd":["SYS_TIME","NET_ADMIN"],"LogConfig":{{"Type":"splunk","Config":{{"splunk-token":"PLIMSOLL-MARKER-token"}}}},"SecurityOpt":["seccomp={{\"x\":\"PLIMSOLL-MARKER-profile\"}}"]}},
        "Config":{{"User":"","Image":"nginx:1","Env":["PASSWORD=PLIMSOLL-MARKER-env","PLIMSOLL-MARKER-odd variable"],"Cmd":["PLIMSOLL-MARKER-cmd"],"Entrypoint":["PLIMSOLL-MARKER-entrypoint"],"Healthcheck":{{"Test":["CMD","PLIMSOLL-MARKER-test"]}},"Labels":{{"custom":"PLIMSOLL-MARKER-label","org.opencontainers.image.source":"https://PLIMSOLL-MARKER-user@git.example/x?PLIMSOLL-MARKER-query"}}}},
        "Mounts":[{{"Type":"volume","Name":"data","Destination":"/data","RW":true}},{{"Type":"bind","Source":"/etc","Destination":"/etc","RW":false}}],
        "NetworkSettings":{{"Ports":{{"80/tcp":[{{"HostIp":"0.0.0.0","HostPort":"80"}},{{"HostIp":"::","HostPort":"80"}}]}},"Networks":{{"front":{{"NetworkID":"n1","DriverOpts":{{"x":"PLIMSOLL-MARKER-driver"}}}}}}}}}}"#
    )
}

fn listed(id: &str, name: &str) -> String {
    format!(
        r#"{{"Id":"{id}","Names":["/{name}"],"Image":"nginx:1","ImageID":"sha256:aa","Command":"PLIMSOLL-MARKER-command","State":"running","Labels":{{"custom":"PLIMSOLL-MARKER-label"}},"HostConfig":{{"NetworkMode":"front"}}}}"#
    )
}

fn input(server: FakeServer) -> Input {
    let settings = format!("endpoint = \"{}\"\n", server.url());
    Input::new(settings).with_server(server)
}

fn server(turned: bool) -> FakeServer {
    let list = |items: &[String]| {
        let mut items = items.to_vec();
        if turned {
            items.reverse();
        }
        format!("[{}]", items.join(","))
    };
    let server = FakeServer::on_socket();
    server.json(
        "/version",
        r#"{"Version":"24.0.7","ApiVersion":"1.43","MinAPIVersion":"1.12"}"#,
    );
    server.json("/info", INFO);
    server.json(
        "/containers/json",
        &list(&[listed("c1", "web"), listed("c2", "db")]),
    );
    server.json("/containers/c1/json", &container("c1", "web"));
    server.json("/containers/c2/json", &container("c2", "db"));
    server.json(
        "/images/json",
        &list(&[
            r#"{"Id":"sha256:aa","RepoTags":["nginx:1"],"RepoDigests":["nginx@sha256:01"],"Created":1,"Labels":{"custom":"PLIMSOLL-MARKER-label"}}"#.into(),
            r#"{"Id":"sha256:bb","RepoTags":null,"RepoDigests":null,"Created":1}"#.into(),
        ]),
    );
    server.json("/images/sha256:aa/json", r#"{"Id":"sha256:aa","Os":"linux","Architecture":"amd64","Config":{"Env":["A=PLIMSOLL-MARKER-image"],"User":"1000"}}"#);
    server.json("/images/sha256:bb/json", r#"{"Id":"sha256:bb"}"#);
    server.json(
        "/networks",
        &list(&[
            r#"{"Id":"n1","Name":"front","Driver":"plugin","Options":{"key":"PLIMSOLL-MARKER-option"}}"#.into(),
            r#"{"Id":"n2","Name":"front","Driver":"bridge"}"#.into(),
        ]),
    );
    let volumes = list(&[
        r#"{"Name":"data","Driver":"local","Mountpoint":"/d","Options":{"type":"cifs","o":"password=PLIMSOLL-MARKER-o","device":"//PLIMSOLL-MARKER-device"}}"#.into(),
        r#"{"Name":"more","Driver":"local","Mountpoint":"/m","Labels":{"custom":"PLIMSOLL-MARKER-label"}}"#.into(),
    ]);
    server.json(
        "/volumes",
        &format!(r#"{{"Volumes":{volumes},"Warnings":["PLIMSOLL-MARKER-warning"]}}"#),
    );
    server
}

impl Subject for Docker {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn healthy(&self) -> Input {
        input(server(false))
    }

    fn shuffled(&self) -> Input {
        input(server(true))
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let server = server(false);
        let broken = container("c2", "db").replace(
            "\"Privileged\":false",
            "\"Privileged\":\"PLIMSOLL-MARKER-type\"",
        );
        server.json("/containers/c2/json", &broken);
        (input(server), vec!["container:web-1/db".into()])
    }

    fn hanging(&self) -> Option<Held> {
        let (server, gate) = (server(false), Gate::new());
        let reply = Reply::json(container("c2", "db")).stalled(100, &gate);
        server.route("GET", "/containers/c2/json", reply);
        let input = input(server);
        Some(Held { input, gate })
    }

    fn endless(&self) -> Input {
        let server = server(false);
        let reply = Reply::json(r#"{"Id":"PLIMSOLL-MARKER-endless"},"#).endless();
        server.route("GET", "/containers/json", reply);
        input(server)
    }

    fn absent(&self) -> Input {
        Input::new("endpoint = \"unix:///nonexistent/docker.sock\"\n")
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "endpoint = 5",
            "endpoint = \"tcp://joe:PLIMSOLL-MARKER@there\"",
            "endpoint = \"https://there\"",
            "concurrency = 0",
            "timeout = \"1ms\"",
            "endpoint = \"tcp://there\"\n[tls]\nca = \"a\"\nkey = \"b\"",
            "endpoint = \"unix:///run/docker.sock\"\n[tls]\nca = \"a\"",
        ]
    }

    fn tight(&self) -> Limits {
        Limits {
            bytes: 64 << 10,
            ..Limits::default()
        }
    }
}

plimsoll_kit::conformance!(Docker);
