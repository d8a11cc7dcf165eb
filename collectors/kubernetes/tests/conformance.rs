//! What every collector holds to.

mod common;

use common::Cluster;
use plimsoll_kit::testkit::conformance::Subject;
use plimsoll_kit::testkit::{FakeServer, Gate, Held, Input, Reply};
use plimsoll_kit::{Limits, Registration};
use plimsoll_kubernetes::REGISTRATION;

struct Kubernetes;

fn input(server: FakeServer) -> Input {
    let settings = format!("server = \"{}\"\nname = \"c\"\n", server.url());
    Input::new(settings).with_server(server)
}

impl Subject for Kubernetes {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn healthy(&self) -> Input {
        input(Cluster::shop().serve())
    }

    fn shuffled(&self) -> Input {
        let mut cluster = Cluster::shop();
        cluster.turn();
        input(cluster.serve())
    }

    fn broken_item(&self) -> (Input, Vec<String>) {
        let mut cluster = Cluster::shop();
        cluster.edit("apis/apps/v1/deployments", "worker", |text| {
            text.replace("\"replicas\":2", "\"replicas\":\"PLIMSOLL-MARKER-type\"")
        });
        let touched = vec!["workload:c/shop/deployment/worker".into()];
        (input(cluster.serve()), touched)
    }

    fn hanging(&self) -> Option<Held> {
        let (server, gate) = (Cluster::shop().serve(), Gate::new());
        let reply = Reply::json(Cluster::shop().list("api/v1/pods")).stalled(100, &gate);
        server.route("GET", "/api/v1/pods", reply);
        let input = input(server);
        Some(Held { input, gate })
    }

    fn endless(&self) -> Input {
        let server = Cluster::shop().serve();
        let reply = Reply::json(r#"{"metadata":{"name":"PLIMSOLL-MARKER-endless"}},"#).endless();
        server.route("GET", "/api/v1/pods", reply);
        input(server)
    }

    fn absent(&self) -> Input {
        Input::new("kubeconfig = \"/nonexistent/kubeconfig\"\n")
    }

    fn bad_settings(&self) -> Vec<&'static str> {
        vec![
            "server = 5",
            "server = \"https://joe:PLIMSOLL-MARKER@there\"",
            "server = \"https://there\"\ncontext = \"x\"",
            "token_file = \"t\"",
            "namespaces = [\"Not One\"]",
            "concurrency = 0",
            "timeout = \"1ms\"",
            "name = \"a/b\"",
        ]
    }

    fn tight(&self) -> Limits {
        Limits {
            bytes: 64 << 10,
            ..Limits::default()
        }
    }
}

plimsoll_kit::conformance!(Kubernetes);
