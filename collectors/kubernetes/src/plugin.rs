//! Credential plugins: the program that a kubeconfig names for its user (`aws`, `gke-gcloud-auth-plugin`, `kubelogin`).
//!
//! Run here and not by kube, which gives a plugin no end and our own standard input. What it prints is a credential, and
//! is neither kept nor shown.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::config::{AuthInfo, Cluster, ExecAuthCluster, ExecConfig};
use plimsoll_kit::program::{Group, find, search_path, talk};
use serde::Deserialize;
use serde_json::json;
use tokio::process::Command;

/// The most that a plugin may print.
const MOST: usize = 1 << 20;

/// Why a plugin gave no credential. Holds nothing that it printed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PluginError {
    #[error("the kubeconfig asks for a credential plugin and names no command")]
    NoCommand,
    #[error(
        "the credential plugin {name} cannot be started: {source}; install it, or put it into PATH"
    )]
    Start {
        name: String,
        source: std::io::Error,
    },
    #[error(
        "the credential plugin {name} did not end within {} s, and was stopped; it may wait for an answer, which it cannot get here: log in by hand first, or raise `timeout`",
        .after.as_secs_f64()
    )]
    Late { name: String, after: Duration },
    #[error(
        "the credential plugin {name} ended with {status}; run any kubectl command with this context to see what it says"
    )]
    Failed { name: String, status: String },
    #[error("the credential plugin {0} printed no credential that is understood")]
    Output(String),
}

#[derive(Deserialize)]
struct Credential {
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Runs a plugin, and gives what it says as a user of a kubeconfig.
pub(crate) async fn run(
    exec: &ExecConfig,
    cluster: Option<&Cluster>,
    timeout: Duration,
) -> Result<AuthInfo, PluginError> {
    let program = exec.command.as_deref().unwrap_or_default();
    if program.is_empty() {
        return Err(PluginError::NoCommand);
    }
    let name = program.rsplit('/').next().unwrap_or(program).to_owned();
    let path = find(Path::new(program)).ok_or_else(|| PluginError::Start {
        name: name.clone(),
        source: std::io::ErrorKind::NotFound.into(),
    })?;
    let mut command = Command::new(path);
    command
        .args(exec.args.iter().flatten())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .env("PATH", search_path())
        .process_group(0)
        .kill_on_drop(true);
    for variable in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
            command.env(name, value);
        }
    }
    command.env("KUBERNETES_EXEC_INFO", info(exec, cluster));
    let done = tokio::time::timeout(timeout, output(&mut command, &name)).await;
    let late = |_| PluginError::Late {
        name: name.clone(),
        after: timeout,
    };
    let output = done.map_err(late)??;
    credential(&output).ok_or(PluginError::Output(name))
}

async fn output(command: &mut Command, name: &str) -> Result<Vec<u8>, PluginError> {
    let start = |source| PluginError::Start {
        name: name.to_owned(),
        source,
    };
    let mut child = command.spawn().map_err(start)?;
    // What it started ends with it, and does not make it late by holding its pipe.
    let mut group = Group::of(&child);
    let said = talk(&mut child, &mut group, Vec::new(), MOST).await;
    match said.map_err(start)? {
        Some((output, status)) if status.success() => Ok(output),
        Some((_, status)) => {
            let (name, status) = (name.to_owned(), status.to_string());
            Err(PluginError::Failed { name, status })
        }
        None => Err(PluginError::Output(name.to_owned())),
    }
}

/// What a plugin is told: that nobody is there to answer it, and of the cluster where it wants to know.
fn info(exec: &ExecConfig, cluster: Option<&Cluster>) -> String {
    let version = exec.api_version.as_deref();
    let mut spec = json!({"interactive": false});
    let cluster = cluster
        .filter(|_| exec.provide_cluster_info)
        .and_then(|cluster| ExecAuthCluster::try_from(cluster).ok())
        .and_then(|cluster| serde_json::to_value(cluster).ok());
    if let Some(cluster) = cluster {
        spec["cluster"] = cluster;
    }
    json!({
        "apiVersion": version.unwrap_or("client.authentication.k8s.io/v1"),
        "kind": "ExecCredential",
        "spec": spec,
    })
    .to_string()
}

fn credential(output: &[u8]) -> Option<AuthInfo> {
    let credential: Credential = plimsoll_kit::json::read(output).ok()?;
    let status = credential.status?;
    let mut user = json!({});
    if let Some(token) = status.token.filter(|token| !token.is_empty()) {
        user["token"] = token.into();
    }
    if let (Some(certificate), Some(key)) = (status.client_certificate_data, status.client_key_data)
    {
        user["client-certificate-data"] = STANDARD.encode(certificate).into();
        user["client-key-data"] = STANDARD.encode(key).into();
    }
    if user.as_object().is_some_and(serde_json::Map::is_empty) {
        return None;
    }
    serde_json::from_value(user).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exec(script: &str) -> ExecConfig {
        serde_json::from_value(json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "/bin/sh",
            "args": ["-c", script],
            "env": [{"name": "PLACE", "value": "here"}],
            "interactiveMode": "Always",
        }))
        .unwrap()
    }

    fn run_it(script: &str, timeout: Duration) -> Result<AuthInfo, PluginError> {
        plimsoll_kit::testkit::run(run(&exec(script), None, timeout))
    }

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn a_token_comes_from_what_it_prints() {
        // Its input is empty and not ours, it sees its variables, and is told that nobody answers it.
        let script = r#"read line && exit 3
            case "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*) ;; *) exit 4;; esac
            printf '{"kind":"ExecCredential","status":{"token":"from-%s"}}' "$PLACE""#;
        let user = run_it(script, LONG).unwrap();
        let user = serde_json::to_value(user).unwrap();
        assert_eq!(user["token"], "from-here");
    }

    #[test]
    fn a_certificate_comes_too() {
        let script =
            r#"printf '{"status":{"clientCertificateData":"CERT","clientKeyData":"KEY"}}'"#;
        let user = serde_json::to_value(run_it(script, LONG).unwrap()).unwrap();
        assert_eq!(user["client-certificate-data"], STANDARD.encode("CERT"));
    }

    #[test]
    fn one_that_hangs_is_stopped() {
        let error = run_it("exec sleep 600", Duration::from_millis(100)).unwrap_err();
        assert!(matches!(error, PluginError::Late { .. }), "{error}");
    }

    #[test]
    fn what_it_prints_is_not_repeated() {
        for script in [
            "echo hunter2; echo hunter2 >&2; exit 1",
            "echo hunter2",
            r#"echo '{"status":{"token":5,"hunter2":1}}'"#,
            r#"echo '{"status":{}}'"#,
        ] {
            let error = run_it(script, LONG).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn one_that_is_not_there_is_named() {
        let mut exec = exec("");
        exec.command = Some("/nonexistent/aws".into());
        let error = plimsoll_kit::testkit::run(run(&exec, None, LONG)).unwrap_err();
        assert!(error.to_string().contains("plugin aws cannot"), "{error}");
    }
}
