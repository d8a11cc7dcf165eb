//! Getting in as kubectl does: TLS with a cluster's own authority, client certificates, tokens, credential plugins.
#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

mod common;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use common::Cluster;
use plimsoll_kit::Harvest;
use plimsoll_kit::testkit::{FakeServer, Logs, build, context, harvest, run};
use plimsoll_kubernetes::REGISTRATION;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn signed(authority: &Authority, name: &str) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    (params.signed_by(&key, authority).unwrap(), key)
}

/// A server's side that asks for a certificate of an authority, if it is told of one.
fn acceptor(authority: &Authority, clients: Option<&Authority>) -> TlsAcceptor {
    let (certificate, key) = signed(authority, "127.0.0.1");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let config = match clients {
        Some(clients) => {
            let mut roots = RootCertStore::empty();
            roots.add(clients.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            config.with_client_cert_verifier(verifier.build().unwrap())
        }
        None => config.with_no_client_auth(),
    };
    let config = config.with_single_cert(
        vec![certificate.der().clone()],
        key.serialize_der().try_into().unwrap(),
    );
    TlsAcceptor::from(Arc::new(config.unwrap()))
}

/// Reads a cluster behind TLS with a kubeconfig, in which `PORT` stands for the server's.
fn read(acceptor: TlsAcceptor, folder: &Path, kubeconfig: &str) -> (Harvest, FakeServer) {
    let server = Cluster::shop().serve();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let path = folder.join("config");
    fs::write(&path, kubeconfig.replace("PORT", &port.to_string())).unwrap();
    let settings = format!("kubeconfig = {:?}\n", path.display().to_string());
    let collector = build(&REGISTRATION, &settings).unwrap();
    let inside = server.url().trim_start_matches("http://").to_owned();
    let harvest = run(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, inside) = (acceptor.clone(), inside.clone());
                tokio::spawn(async move {
                    let mut outside = acceptor.accept(stream).await?;
                    let mut inside = tokio::net::TcpStream::connect(inside).await?;
                    tokio::io::copy_bidirectional(&mut outside, &mut inside).await
                });
            }
        });
        harvest(&*collector, &context("kubernetes")).await
    });
    (harvest, server)
}

fn config(user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: prod\nclusters:\n- name: c\n  cluster:\n    server: https://127.0.0.1:PORT\n    certificate-authority: ca.pem\ncontexts:\n- name: prod\n  context: {{cluster: c, user: anna}}\nusers:\n- name: anna\n  user: {user}\n"
    )
}

fn files(trusted: &Authority, ours: &Authority) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = signed(ours, "plimsoll");
    fs::write(folder.path().join("ca.pem"), trusted.pem()).unwrap();
    fs::write(folder.path().join("cert.pem"), certificate.pem()).unwrap();
    fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
    folder
}

fn is_whole(harvest: &Harvest) -> bool {
    harvest.scopes.iter().all(|scope| scope.complete)
}

fn trouble(harvest: &Harvest) -> String {
    harvest.scopes[0].troubles[0].what.to_string()
}

const CERTIFICATE: &str = "{client-certificate: cert.pem, client-key: key.pem}";

#[test]
fn a_client_certificate_gets_in() {
    let authority = authority();
    let folder = files(&authority, &authority);
    let acceptor = acceptor(&authority, Some(&authority));
    let (harvest, _) = read(acceptor, folder.path(), &config(CERTIFICATE));
    assert!(is_whole(&harvest), "{:?}", harvest.scopes);
    let cluster = harvest.assets.iter().find(|asset| asset.kind == "cluster");
    assert_eq!(cluster.unwrap().name, "c");
}

#[test]
fn a_stranger_on_either_side_is_refused() {
    let (authority, stranger) = (authority(), authority());
    let folder = files(&stranger, &authority);
    let (harvest, server) = read(
        acceptor(&authority, Some(&authority)),
        folder.path(),
        &config(CERTIFICATE),
    );
    assert!(harvest.assets.is_empty());
    assert!(
        trouble(&harvest).contains("invalid peer certificate"),
        "{}",
        trouble(&harvest)
    );
    assert!(
        server.requests().is_empty(),
        "nothing was sent to a stranger"
    );
    let folder = files(&authority, &stranger);
    let (harvest, server) = read(
        acceptor(&authority, Some(&authority)),
        folder.path(),
        &config(CERTIFICATE),
    );
    assert!(harvest.assets.is_empty() && server.requests().is_empty());
}

#[test]
fn a_plugins_token_is_sent_and_shown_nowhere() {
    let logs = Logs::capture();
    let authority = authority();
    let folder = files(&authority, &authority);
    let script = r#"printf '{"status":{"token":"PLIMSOLL-MARKER-token","expirationTimestamp":"2000-01-01T00:00:00Z"}}'; echo PLIMSOLL-MARKER-stderr >&2"#;
    fs::write(
        folder.path().join("plugin"),
        format!("#!/bin/sh\n{script}\n"),
    )
    .unwrap();
    let user = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: [FOLDER/plugin], interactiveMode: IfAvailable}}";
    let user = user.replace("FOLDER", &folder.path().display().to_string());
    let (harvest, server) = read(acceptor(&authority, None), folder.path(), &config(&user));
    assert!(is_whole(&harvest), "{:?}", harvest.scopes);
    for request in server.requests() {
        let sent = request.header("authorization");
        assert_eq!(sent, Some("Bearer PLIMSOLL-MARKER-token"));
    }
    assert!(!format!("{harvest:?}").contains("PLIMSOLL-MARKER"));
    assert!(!logs.text().contains("PLIMSOLL-MARKER"));
}

#[test]
fn a_token_in_the_kubeconfig_or_its_file_is_sent() {
    let authority = authority();
    let folder = files(&authority, &authority);
    fs::write(folder.path().join("token"), "from-file").unwrap();
    let file = folder.path().join("token").display().to_string();
    for (user, token) in [
        ("{token: from-config}".to_owned(), "from-config"),
        (format!("{{tokenFile: {file}}}"), "from-file"),
    ] {
        let (harvest, server) = read(acceptor(&authority, None), folder.path(), &config(&user));
        assert!(is_whole(&harvest), "{:?}", harvest.scopes);
        let expected = format!("Bearer {token}");
        let requests = server.requests();
        assert!(
            requests
                .iter()
                .all(|one| one.header("authorization") == Some(&expected))
        );
    }
}

#[test]
fn a_plugin_that_fails_is_a_trouble_without_its_words() {
    let authority = authority();
    let folder = files(&authority, &authority);
    let user = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: [-c, 'echo PLIMSOLL-MARKER; exit 3']}}";
    let (harvest, server) = read(acceptor(&authority, None), folder.path(), &config(user));
    assert!(
        trouble(&harvest).contains("plugin sh ended with"),
        "{}",
        trouble(&harvest)
    );
    assert!(!format!("{harvest:?}").contains("PLIMSOLL-MARKER"));
    assert!(server.requests().is_empty());
}
