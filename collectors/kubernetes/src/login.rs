//! From settings to a connection's configuration: kubeconfig, service account or address, as kubectl has them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::Config;
use kube::config::{Cluster, KubeConfigOptions, Kubeconfig, KubeconfigError};
use plimsoll_kit::file::{self, FileError};

use crate::discover::Way;
use crate::plugin::{self, PluginError};
use crate::settings::{Server, Settings, is_name};

/// How a cluster is spoken to, and what it is called.
#[derive(Clone)]
pub(crate) struct Login {
    /// kube's configuration, with the credential in it.
    pub(crate) config: Config,
    /// The cluster's name in ids.
    pub(crate) cluster: String,
    /// Where its API server is, to be shown.
    pub(crate) endpoint: String,
}

/// Why there is no way in. Holds no credential, and nothing of a file's content.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    #[error("cannot read {0}; check what the settings, KUBECONFIG and the kubeconfig name")]
    Unreadable(#[from] FileError),
    #[error("{} is no kubeconfig that is understood; try `kubectl config view` with it", .0.display())]
    NotUnderstood(PathBuf),
    #[error("the kubeconfigs contradict each other; name one as `kubeconfig`")]
    Mismatch,
    #[error("none of the kubeconfigs exists; check `kubeconfig`, or KUBECONFIG")]
    NoFile,
    #[error("the kubeconfig has no current context; name one as `context`")]
    NoContext,
    #[error("the kubeconfig has no context {0:?}; `kubectl config get-contexts` lists them")]
    UnknownContext(String),
    #[error("the context {0:?} names a cluster or user that the kubeconfig does not have")]
    Incomplete(String),
    #[error(
        "the kubeconfig's user has the auth provider {0:?}, which kubectl no longer has either; replace it by a credential plugin"
    )]
    Provider(String),
    #[error(transparent)]
    Plugin(#[from] PluginError),
    #[error("the {0} of the kubeconfig cannot be read or is none; check the file that it names")]
    Certificate(&'static str),
    #[error("the address of the API server is no URL")]
    Address,
    #[error("the service account of this pod cannot be read; mount its token, or set `kubeconfig`")]
    Pod,
    #[error("a token would go to {0} in plain text: use https")]
    PlainText(String),
    #[error("the cluster has no name that can be a part of an id; set `name`")]
    Name,
}

/// Reads what is needed to connect. Runs a credential plugin if there is one; connects nowhere itself.
pub(crate) async fn login(way: Way, settings: &Settings) -> Result<Login, LoginError> {
    let (mut config, known_as) = match way {
        Way::Kubeconfig { files, context } => kubeconfig(&files, context, settings.timeout).await?,
        Way::InCluster => {
            let config = Config::incluster_env().map_err(|_| LoginError::Pod)?;
            (config, Some("in-cluster".to_owned()))
        }
        Way::Server(server) => by_address(&server)?,
    };
    config.connect_timeout = Some(settings.timeout.min(Duration::from_secs(30)));
    config.read_timeout = Some(settings.timeout);
    config.write_timeout = Some(settings.timeout);
    config.reset_reader_on_write = true;
    // We ask again ourselves: only where it makes sense, and only as often.
    config.default_retry = false;
    let endpoint = endpoint(&config.cluster_url).ok_or(LoginError::Address)?;
    let name = settings.name.clone().or(known_as);
    let name = name.or_else(|| config.cluster_url.host().map(str::to_owned));
    // The names of EKS are ARNs: `arn:aws:eks:REGION:ACCOUNT:cluster/NAME`.
    let cluster = name.map(|name| name.replace('/', ":"));
    let cluster = cluster.filter(|name| is_name(name));
    Ok(Login {
        cluster: cluster.ok_or(LoginError::Name)?,
        endpoint,
        config,
    })
}

/// Scheme, host and port: what may be shown of an address.
fn endpoint(url: &http::Uri) -> Option<String> {
    let authority = url.authority()?.as_str();
    let host = authority.rsplit('@').next().unwrap_or(authority);
    Some(format!("{}://{host}", url.scheme_str()?))
}

async fn kubeconfig(
    files: &[PathBuf],
    context: Option<String>,
    timeout: Duration,
) -> Result<(Config, Option<String>), LoginError> {
    let mut merged = merged(files)?;
    let context = context
        .or_else(|| merged.current_context.clone())
        .filter(|context| !context.is_empty())
        .ok_or(LoginError::NoContext)?;
    let found = merged.contexts.iter().find(|one| one.name == context);
    let found = found.and_then(|one| one.context.clone());
    let found = found.ok_or_else(|| LoginError::UnknownContext(context.clone()))?;
    let cluster = cluster(&merged, &found.cluster);
    let plain = cluster
        .as_ref()
        .and_then(|cluster| cluster.server.as_deref())
        .is_some_and(|server| server.starts_with("http://"));
    if let Some(user) = &found.user {
        let mut users = merged.auth_infos.iter_mut();
        let user = users
            .find(|one| &one.name == user)
            .and_then(|one| one.auth_info.as_mut())
            .ok_or_else(|| LoginError::Incomplete(context.clone()))?;
        if let Some(provider) = user.auth_provider.as_ref().filter(|one| one.name != "oidc") {
            return Err(LoginError::Provider(provider.name.clone()));
        }
        if let Some(exec) = user.exec.take() {
            let given = plugin::run(&exec, cluster.as_ref(), timeout).await?;
            user.token = given.token;
            user.token_file = None;
            if given.client_certificate_data.is_some() {
                user.client_certificate_data = given.client_certificate_data;
                user.client_key_data = given.client_key_data;
            }
        }
        let has_token = user.token.is_some() || user.token_file.is_some();
        if plain && (has_token || user.password.is_some()) && !is_local(cluster.as_ref()) {
            return Err(LoginError::PlainText(found.cluster.clone()));
        }
    }
    for named in files_of(&merged, &found.cluster, found.user.as_deref()) {
        file::check(&named)?;
    }
    let options = KubeConfigOptions {
        context: Some(context.clone()),
        ..KubeConfigOptions::default()
    };
    let config = Config::from_custom_kubeconfig(merged, &options).await;
    let config = config.map_err(|error| refused(error, context))?;
    Ok((config, Some(found.cluster)))
}

/// The files that a cluster and a user of a kubeconfig name, which kube opens itself.
fn files_of(config: &Kubeconfig, cluster_name: &str, user: Option<&str>) -> Vec<PathBuf> {
    let cluster = cluster(config, cluster_name);
    let user = config
        .auth_infos
        .iter()
        .find(|one| Some(one.name.as_str()) == user);
    let user = user.and_then(|one| one.auth_info.clone());
    let mut named: Vec<Option<String>> = Vec::new();
    // What stands in the kubeconfig itself counts for more than a file.
    if let Some(cluster) = cluster.filter(|one| one.certificate_authority_data.is_none()) {
        named.push(cluster.certificate_authority);
    }
    if let Some(user) = user {
        if user.token.is_none() {
            named.push(user.token_file);
        }
        if user.client_certificate_data.is_none() {
            named.push(user.client_certificate);
        }
        if user.client_key_data.is_none() {
            named.push(user.client_key);
        }
    }
    named.into_iter().flatten().map(PathBuf::from).collect()
}

fn cluster(config: &Kubeconfig, name: &str) -> Option<Cluster> {
    let mut clusters = config.clusters.iter();
    clusters
        .find(|one| one.name == name)
        .and_then(|one| one.cluster.clone())
}

fn is_local(cluster: Option<&Cluster>) -> bool {
    let server = cluster.and_then(|cluster| cluster.server.as_deref());
    let url: Option<http::Uri> = server.and_then(|server| server.parse().ok());
    url.and_then(|url| url.host().map(str::to_owned))
        .is_some_and(|host| {
            let bare = host.trim_matches(['[', ']']);
            host == "localhost"
                || bare
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        })
}

/// The files in one, the first word on a thing winning, as kubectl does.
fn merged(files: &[PathBuf]) -> Result<Kubeconfig, LoginError> {
    let mut merged: Option<Kubeconfig> = None;
    for file in files {
        if files.len() > 1 && !file.exists() {
            continue;
        }
        let next = read(file)?;
        merged = Some(match merged {
            None => next,
            Some(first) => first.merge(next).map_err(|_| LoginError::Mismatch)?,
        });
    }
    merged.ok_or(LoginError::NoFile)
}

fn read(file: &Path) -> Result<Kubeconfig, LoginError> {
    // kube opens it itself, and would wait for a pipe.
    file::read(file, file::MOST)?;
    let config = Kubeconfig::read_from(file);
    // What a parser says may quote the file.
    config.map_err(|_| LoginError::NotUnderstood(file.to_owned()))
}

fn refused(error: KubeconfigError, context: String) -> LoginError {
    match error {
        KubeconfigError::LoadCertificateAuthority(_) | KubeconfigError::ParseCertificates(_) => {
            LoginError::Certificate("certificate authority")
        }
        KubeconfigError::LoadClientCertificate(_) => LoginError::Certificate("client certificate"),
        KubeconfigError::LoadClientKey(_) => LoginError::Certificate("client key"),
        KubeconfigError::ParseClusterUrl(_)
        | KubeconfigError::MissingClusterUrl
        | KubeconfigError::ParseProxyUrl(_) => LoginError::Address,
        _ => LoginError::Incomplete(context),
    }
}

fn by_address(server: &Server) -> Result<(Config, Option<String>), LoginError> {
    let url = server.url.parse().map_err(|_| LoginError::Address)?;
    let mut config = Config::new(url);
    if let Some(ca) = &server.ca {
        let pem = file::read(ca, file::MOST)?;
        let made = pem_certificates(&pem);
        if made.is_empty() {
            return Err(LoginError::Certificate("certificate authority"));
        }
        config.root_cert = Some(made);
    }
    if let Some(token) = &server.token_file {
        file::check(token)?;
    }
    config.auth_info.token_file = server
        .token_file
        .as_ref()
        .map(|file| file.to_string_lossy().into_owned());
    Ok((config, None))
}

/// The certificates in a PEM text, in DER.
fn pem_certificates(pem: &[u8]) -> Vec<Vec<u8>> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    CertificateDer::pem_slice_iter(pem)
        .filter_map(Result::ok)
        .map(|der| der.as_ref().to_vec())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_kit::settings::Document;
    use plimsoll_kit::testkit::run;

    fn settings(text: &str) -> Settings {
        Document::new("s.toml", text)
            .read(Settings::read)
            .unwrap()
            .unwrap()
    }

    fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn try_login(files: Vec<PathBuf>, context: Option<&str>) -> Result<Login, LoginError> {
        let context = context.map(str::to_owned);
        run(login(Way::Kubeconfig { files, context }, &settings("")))
    }

    const ONE: &str = "apiVersion: v1\nkind: Config\ncurrent-context: one\nclusters:\n- name: arn:aws:eks:eu-west-1:1:cluster/one\n  cluster: {server: 'https://one.example:6443'}\ncontexts:\n- name: one\n  context: {cluster: 'arn:aws:eks:eu-west-1:1:cluster/one', user: anna}\nusers:\n- name: anna\n  user: {token: hunter2}\n";

    #[test]
    fn several_files_are_one_and_a_missing_one_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let one = file(folder.path(), "one", ONE);
        let two = file(
            folder.path(),
            "two",
            "apiVersion: v1\nkind: Config\ncurrent-context: two\nclusters:\n- name: two\n  cluster: {server: 'https://joe:hunter2@two.example:6443/x'}\ncontexts:\n- name: two\n  context: {cluster: two, user: anna}\n",
        );
        let files = vec![one, folder.path().join("none"), two];
        let login = try_login(files.clone(), None).unwrap();
        assert_eq!(login.endpoint, "https://one.example:6443");
        assert_eq!(login.cluster, "arn:aws:eks:eu-west-1:1:cluster:one");
        let login = try_login(files, Some("two")).unwrap();
        assert_eq!(login.endpoint, "https://two.example:6443");
        assert!(login.config.read_timeout.is_some() && !login.config.default_retry);
    }

    #[test]
    fn a_plugin_gives_the_token() {
        let folder = tempfile::tempdir().unwrap();
        let text = ONE.replace(
            "{token: hunter2}",
            "{exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/echo, args: ['{\"status\":{\"token\":\"given\"}}']}}",
        );
        let login = try_login(vec![file(folder.path(), "one", &text)], None).unwrap();
        let user = serde_json::to_value(&login.config.auth_info).unwrap();
        assert_eq!(user["token"], "given");
        assert!(
            login.config.auth_info.exec.is_none(),
            "kube must not run it again"
        );
    }

    #[test]
    fn what_is_wrong_is_said_without_the_files_content() {
        let folder = tempfile::tempdir().unwrap();
        let cases: &[(&str, &str, Option<&str>)] = &[
            ("current-context: [hunter2", "is no kubeconfig", None),
            (ONE, "no context", Some("three")),
            ("apiVersion: v1\nkind: Config\n", "no current context", None),
            (
                "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts:\n- name: a\n  context: {cluster: c, user: u}\n",
                "cluster or user",
                None,
            ),
        ];
        for (text, says, context) in cases {
            let error = try_login(vec![file(folder.path(), "c", text)], *context).err();
            let error = error.expect("it is wrong").to_string();
            assert!(error.contains(says), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        let provider = ONE.replace("{token: hunter2}", "{auth-provider: {name: gcp}}");
        let error = try_login(vec![file(folder.path(), "p", &provider)], None).err();
        assert!(matches!(error, Some(LoginError::Provider(_))));
        let plain = ONE.replace("https://one.example", "http://one.example");
        let error = try_login(vec![file(folder.path(), "h", &plain)], None).err();
        assert!(matches!(error, Some(LoginError::PlainText(_))));
        let error = try_login(vec![folder.path().join("absent")], None).err();
        assert!(matches!(error, Some(LoginError::Unreadable { .. })));
    }
}
