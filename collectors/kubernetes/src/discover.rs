//! Finding a cluster without configuration: variables and files, no connection.

use std::path::{Path, PathBuf};

use kube::config::Kubeconfig;
use plimsoll_kit::{Found, Surroundings};

use crate::settings::{Server, Settings};

/// Where a pod finds its service account's token.
const POD_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// How a cluster is come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By kubeconfig files, merged in their order; one context of them.
    Kubeconfig {
        /// The files; of several, those that are not there are left out.
        files: Vec<PathBuf>,
        /// The context; the current one where none is named.
        context: Option<String>,
    },
    /// As the service account of the pod that we run in.
    InCluster,
    /// By an address.
    Server(Server),
}

/// Why there is no cluster to read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoWay {
    #[error(
        "no cluster found: KUBECONFIG is not set, there is no ~/.kube/config, and this is no pod with a service account; set `kubeconfig`"
    )]
    Nothing,
}

/// The cluster that is read: that of the settings, else as kubectl chooses it.
pub(crate) fn way(settings: &Settings, here: &Surroundings) -> Result<Way, NoWay> {
    if let Some(server) = &settings.server {
        let mut server = server.clone();
        for path in [&mut server.token_file, &mut server.ca] {
            *path = path.take().map(|path| from_home(path, here));
        }
        return Ok(Way::Server(server));
    }
    let context = settings.context.clone();
    if let Some(file) = &settings.kubeconfig {
        let files = vec![from_home(file.clone(), here)];
        return Ok(Way::Kubeconfig { files, context });
    }
    match files(here) {
        Some(files) => Ok(Way::Kubeconfig { files, context }),
        None if is_pod(here) => Ok(Way::InCluster),
        None => Err(NoWay::Nothing),
    }
}

/// The current context of the usual kubeconfig, or the cluster that we run in.
///
/// Contexts that are not current are left alone: many of a working day's are of clusters that are gone. The context is named
/// in the settings and in the source's name, so that another choice of `kubectl config use-context` is another source and
/// not one whose cluster has been removed.
pub(crate) fn find(here: &Surroundings) -> Vec<Found> {
    if let Some(files) = files(here) {
        let Some(context) = current(&files) else {
            return Vec::new();
        };
        return vec![Found {
            source: source_name(&context),
            // A debug string is a TOML basic string for all that a name without control characters can hold.
            settings: format!("context = {context:?}\n"),
            because: format!("the current context {context} of the kubeconfig"),
        }];
    }
    if is_pod(here) {
        return vec![Found {
            source: "kubernetes".into(),
            settings: String::new(),
            because: "this is a pod with a service account".into(),
        }];
    }
    Vec::new()
}

/// A path, in the home folder where it starts with `~/`.
fn from_home(path: PathBuf, here: &Surroundings) -> PathBuf {
    match (path.strip_prefix("~"), here.home()) {
        (Ok(inside), Some(home)) => here.path(home.join(inside)),
        _ => path,
    }
}

/// The kubeconfig files: those of `KUBECONFIG` that are there, else the one in the home folder.
fn files(here: &Surroundings) -> Option<Vec<PathBuf>> {
    if let Some(list) = here.variable("KUBECONFIG") {
        let files: Vec<PathBuf> = list
            .split(':')
            .filter(|part| !part.is_empty())
            .map(PathBuf::from)
            .collect();
        return (!files.is_empty()).then_some(files);
    }
    let file = here.path(here.home()?.join(".kube/config"));
    file.is_file().then(|| vec![file])
}

fn is_pod(here: &Surroundings) -> bool {
    here.variable("KUBERNETES_SERVICE_HOST").is_some() && here.exists(POD_TOKEN)
}

/// The current context, where a file can be read and names one that can stand in TOML.
fn current(files: &[PathBuf]) -> Option<String> {
    let mut there = files.iter().filter(|file| file.is_file());
    let context = there.find_map(|file| {
        let config = Kubeconfig::read_from(Path::new(file)).ok()?;
        config.current_context.filter(|context| !context.is_empty())
    })?;
    (context.len() <= 255 && !context.chars().any(char::is_control)).then_some(context)
}

/// `kubernetes-NAME`, of a-z, 0-9, - and _: the last part of an ARN or path, which is the name that people know.
fn source_name(context: &str) -> String {
    let last = context.rsplit(['/', '@']).next().unwrap_or(context);
    let mut name = String::from("kubernetes");
    let mut gap = true;
    for c in last.chars().take(40) {
        if c.is_ascii_alphanumeric() || c == '_' {
            if gap {
                name.push('-');
            }
            gap = false;
            name.push(c.to_ascii_lowercase());
        } else {
            gap = true;
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(root: &Path, variables: &[(&str, &str)]) -> Surroundings {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        let get = move |name: &str| {
            let mut all = variables.iter();
            all.find(|(have, _)| have == name)
                .map(|(_, value)| value.clone())
        };
        Surroundings::new(get, root)
    }

    fn settings() -> Settings {
        plimsoll_kit::settings::Document::new("s.toml", "")
            .read(Settings::read)
            .unwrap()
            .unwrap()
    }

    #[test]
    fn finds_the_current_context_of_the_home_folder() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("home/anna/.kube");
        std::fs::create_dir_all(&folder).unwrap();
        let text = "apiVersion: v1\nkind: Config\ncurrent-context: arn:aws:eks:eu-west-1:1:cluster/Shop.Prod\ncontexts: []\n";
        std::fs::write(folder.join("config"), text).unwrap();
        let here = here(root.path(), &[("HOME", "/home/anna")]);
        let found = find(&here);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].source, "kubernetes-shop-prod");
        assert_eq!(
            found[0].settings,
            "context = \"arn:aws:eks:eu-west-1:1:cluster/Shop.Prod\"\n"
        );
        assert!(matches!(
            way(&settings(), &here),
            Ok(Way::Kubeconfig { .. })
        ));
    }

    #[test]
    fn a_pod_is_found_and_nothing_is_nothing() {
        let root = tempfile::tempdir().unwrap();
        let nothing = here(root.path(), &[]);
        assert_eq!(find(&nothing), []);
        assert_eq!(way(&settings(), &nothing), Err(NoWay::Nothing));
        let token = root.path().join(POD_TOKEN.trim_start_matches('/'));
        std::fs::create_dir_all(token.parent().unwrap()).unwrap();
        std::fs::write(token, "t").unwrap();
        let pod = here(root.path(), &[("KUBERNETES_SERVICE_HOST", "10.96.0.1")]);
        assert_eq!(find(&pod)[0].source, "kubernetes");
        assert_eq!(way(&settings(), &pod), Ok(Way::InCluster));
    }

    #[test]
    fn a_path_may_start_in_the_home_folder() {
        let root = tempfile::tempdir().unwrap();
        let here = here(root.path(), &[("HOME", "/home/anna")]);
        let mut settings = settings();
        settings.kubeconfig = Some("~/.kube/prod".into());
        let Ok(Way::Kubeconfig { files, .. }) = way(&settings, &here) else {
            panic!("no kubeconfig");
        };
        assert_eq!(files, [root.path().join("home/anna/.kube/prod")]);
    }

    #[test]
    fn the_variable_is_a_list() {
        let root = tempfile::tempdir().unwrap();
        let here = here(root.path(), &[("KUBECONFIG", "/a::/b"), ("HOME", "/h")]);
        let Ok(Way::Kubeconfig { files, .. }) = way(&settings(), &here) else {
            panic!("no kubeconfig");
        };
        assert_eq!(files, [PathBuf::from("/a"), PathBuf::from("/b")]);
    }
}
