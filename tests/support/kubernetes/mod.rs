//! A real etcd and a real API server, without kubelets and controllers.

// Not every program that has a copy of this module uses all of it.
#![allow(dead_code, unused_imports)]

mod api;
mod audit;
mod certificates;
mod controllers;
mod node;
mod owners;
mod pods;
mod servers;
mod statuses;
mod volumes;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::support::{Program, until};
use certificates::{Authority, Identity};
use servers::Server;

pub(crate) use api::Api;
pub(crate) use audit::Request;
pub(crate) use controllers::Controllers;
pub(crate) use node::Node;
pub(crate) use pods::{Owner, digest, pod, running};

/// An API server starts within this, on a busy machine.
const READY: Duration = Duration::from_secs(120);
/// No call of kubectl takes this long, unless it hangs.
const LIMIT: Duration = Duration::from_secs(120);

/// A cluster's etcd and API server on loopback; both end when this is dropped, and when the test program ends.
pub(crate) struct Kubernetes {
    // Dropped in this order.
    api_server: Server,
    etcd: Server,
    port: u16,
    kubectl: PathBuf,
    authority: Authority,
    admin: Identity,
    folder: tempfile::TempDir,
}

impl Kubernetes {
    /// Starts one; panics, and says what to do, where there are no programs for it.
    pub(crate) fn start() -> Self {
        let parts = parts();
        let folder = folder();
        let path = folder.path();
        let authority = Authority::in_folder(path);
        let admin = authority.client("kubernetes-admin", &["system:masters"]);
        let (etcd, store) = servers::etcd(&parts.join("etcd"), path);
        let program = parts.join("kube-apiserver");
        let (api_server, port) = servers::api_server(&program, path, &store, &authority);
        let kubernetes = Self {
            api_server,
            etcd,
            port,
            kubectl: parts.join("kubectl"),
            authority,
            admin,
            folder,
        };
        kubernetes.wait();
        kubernetes.kubeconfig("kubernetes-admin", &certificate(&kubernetes.admin));
        kubernetes
    }

    /// Until it answers, and its own namespaces are there.
    fn wait(&self) {
        let mut admin = self.admin_api();
        until("the API server is ready", READY, || {
            self.etcd.assert_running();
            self.api_server.assert_running();
            let answer = admin.try_send("GET", "/readyz", None).ok()?;
            (answer.status == 200).then_some(())
        });
        for namespace in ["default", "kube-system", "kube-public", "kube-node-lease"] {
            until("it has made its own namespaces", READY, || {
                self.api_server.assert_running();
                let path = format!("/api/v1/namespaces/{namespace}");
                (admin.send("GET", &path, None).status == 200).then_some(())
            });
        }
    }

    /// A connection of who may do everything.
    pub(crate) fn admin_api(&self) -> Api {
        Api::new(self.port, &self.authority, &self.admin)
    }

    /// A kubeconfig of a user with a client certificate, who may do what the roles say.
    pub(crate) fn user(&self, name: &str, groups: &[&str]) -> PathBuf {
        let identity = self.authority.client(name, groups);
        self.kubeconfig(name, &certificate(&identity))
    }

    /// A connection of such a user.
    pub(crate) fn user_api(&self, name: &str, groups: &[&str]) -> Api {
        let identity = self.authority.client(name, groups);
        Api::new(self.port, &self.authority, &identity)
    }

    /// A kubeconfig of a service account, whose token is in a file, and the token.
    pub(crate) fn account(&self, namespace: &str, name: &str) -> (PathBuf, String) {
        let token = self.kubectl(&["create", "token", name, "--namespace", namespace]);
        let file = self.folder.path().join(format!("{namespace}-{name}.token"));
        std::fs::write(&file, &token).unwrap();
        let name = format!("{namespace}-{name}");
        let config = self.kubeconfig(&name, &format!("tokenFile: {}", file.display()));
        (config, token)
    }

    fn kubeconfig(&self, name: &str, user: &str) -> PathBuf {
        let file = self.config_of(name);
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: estate\n\
             clusters:\n- name: estate\n  cluster:\n    server: https://127.0.0.1:{}\n    certificate-authority: {}\n\
             users:\n- name: {name}\n  user:\n    {user}\n\
             contexts:\n- name: estate\n  context:\n    cluster: estate\n    user: {name}\n",
            self.port,
            self.authority.certificate().display()
        );
        std::fs::write(&file, text).unwrap();
        file
    }

    fn config_of(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.kubeconfig"))
    }

    /// What kubectl prints, as who may do everything, without white space around it; panics when it fails.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> String {
        let output = Program::run(self.command().args(arguments), LIMIT);
        let output = output.success(&format!("kubectl {}", arguments.join(" ")));
        output.stdout.trim().to_owned()
    }

    /// `kubectl edit`, as a person does it: `from` becomes `to` in the editor.
    pub(crate) fn edit(&self, object: &[&str], from: &str, to: &str) {
        let mut command = self.command();
        command.arg("edit").args(object);
        command.env("KUBE_EDITOR", format!("sed -i 's|{from}|{to}|'"));
        Program::run(&mut command, LIMIT).success("kubectl edit");
    }

    /// Applies manifests, a file or a folder of them, as `kubectl apply` does.
    pub(crate) fn apply(&self, manifests: &Path) {
        self.kubectl(&["apply", "--filename", manifests.to_str().unwrap()]);
    }

    /// Applies a manifest in a namespace, as far as the server takes it.
    pub(crate) fn try_apply(&self, namespace: &str, manifest: &Path) {
        let mut command = self.command();
        let file = manifest.to_str().unwrap();
        command.args(["apply", "--namespace", namespace, "--filename", file]);
        Program::run(&mut command, LIMIT);
    }

    /// Applies a manifest that is a text.
    pub(crate) fn apply_text(&self, manifest: &str) {
        let file = self.folder.path().join("manifest.yaml");
        std::fs::write(&file, manifest).unwrap();
        self.apply(&file);
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.kubectl);
        command.env_clear().env("HOME", self.folder.path());
        command.env("KUBECONFIG", self.config_of("kubernetes-admin"));
        // An editor is started through a shell.
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
    }

    /// What was asked of the API server so far, as its own audit log has it.
    pub(crate) fn requests(&self) -> Vec<Request> {
        audit::read(&self.folder.path().join("audit.log"))
    }
}

/// What a kubeconfig says of a user with a certificate.
fn certificate(identity: &Identity) -> String {
    format!(
        "client-certificate: {}\n    client-key: {}",
        identity.certificate.display(),
        identity.key.display()
    )
}

/// The folder with the programs.
fn parts() -> PathBuf {
    let named = ["PLIMSOLL_TEST_KUBERNETES", "KUBEBUILDER_ASSETS"]
        .into_iter()
        .filter_map(std::env::var_os)
        .find(|folder| !folder.is_empty());
    let Some(folder) = named else {
        panic!(
            "this test needs etcd, kube-apiserver and kubectl, and neither PLIMSOLL_TEST_KUBERNETES nor KUBEBUILDER_ASSETS \
             names a folder with them: run it with `tests/run`, or `tests/run -- --test NAME` for one test program"
        );
    };
    PathBuf::from(folder)
}

/// A folder that goes away with the run of `tests/run`, where there is one, even if nothing is left to remove it.
fn folder() -> tempfile::TempDir {
    let mut builder = tempfile::Builder::new();
    builder.prefix("kubernetes-");
    match std::env::var_os("PLIMSOLL_TEST_STATE") {
        Some(state) => builder.tempdir_in(state).unwrap(),
        None => builder.tempdir().unwrap(),
    }
}
