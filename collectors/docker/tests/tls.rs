//! TLS: only the given authority is trusted, and the engine sees our certificate.
#![allow(
    clippy::unwrap_used,
    reason = "a panic is the message, in helpers of tests too"
)]

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use plimsoll_docker::REGISTRATION;
use plimsoll_kit::Harvest;
use plimsoll_kit::testkit::{FakeServer, build, context, harvest, run};
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

/// A server's side that asks for a certificate of the authority.
fn acceptor(authority: &Authority) -> TlsAcceptor {
    let (certificate, key) = signed(authority, "127.0.0.1");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![certificate.der().clone()],
            key.serialize_der().try_into().unwrap(),
        );
    TlsAcceptor::from(Arc::new(config.unwrap()))
}

/// Reads an engine behind TLS with the files of a folder.
fn read(acceptor: TlsAcceptor, folder: &Path, own: bool) -> Harvest {
    let engine = FakeServer::on_socket();
    engine.json("/version", r#"{"ApiVersion":"1.43"}"#);
    engine.json("/info", r#"{"Name":"web-1"}"#);
    for path in ["/containers/json", "/images/json", "/networks"] {
        engine.json(path, "[]");
    }
    engine.json("/volumes", r#"{"Volumes":[]}"#);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let file = |name: &str| folder.join(name).display().to_string();
    let mut settings = format!(
        "endpoint = \"tcp://127.0.0.1:{port}\"\n[tls]\nca = {:?}\n",
        file("ca.pem")
    );
    if own {
        settings += &format!(
            "cert = {:?}\nkey = {:?}\n",
            file("cert.pem"),
            file("key.pem")
        );
    }
    let collector = build(&REGISTRATION, &settings).unwrap();
    let socket = engine.socket().to_owned();
    run(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, socket) = (acceptor.clone(), socket.clone());
                tokio::spawn(async move {
                    let mut outside = acceptor.accept(stream).await?;
                    let mut inside = tokio::net::UnixStream::connect(socket).await?;
                    tokio::io::copy_bidirectional(&mut outside, &mut inside).await
                });
            }
        });
        harvest(&*collector, &context("docker")).await
    })
}

fn files(trusted: &Authority, ours: &Authority) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = signed(ours, "plimsoll");
    fs::write(folder.path().join("ca.pem"), trusted.pem()).unwrap();
    fs::write(folder.path().join("cert.pem"), certificate.pem()).unwrap();
    fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
    folder
}

#[test]
fn both_sides_know_each_other() {
    let authority = authority();
    let folder = files(&authority, &authority);
    let harvest = read(acceptor(&authority), folder.path(), true);
    assert!(harvest.scopes[0].complete, "{:?}", harvest.scopes);
    let engine = harvest
        .assets
        .iter()
        .find(|asset| asset.kind == "container-engine");
    let transport = engine.unwrap().value("api.endpoint").unwrap();
    assert_eq!(transport.as_str(), Some("tls"));
}

#[test]
fn a_stranger_on_either_side_is_refused() {
    let (authority, stranger) = (authority(), authority());
    for (folder, own) in [
        (files(&stranger, &authority), true),
        (files(&authority, &stranger), true),
        (files(&authority, &authority), false),
    ] {
        let harvest = read(acceptor(&authority), folder.path(), own);
        assert!(harvest.assets.is_empty());
        assert!(!harvest.scopes[0].complete);
        assert_eq!(harvest.scopes[0].troubles.len(), 1, "{:?}", harvest.scopes);
    }
}

#[test]
fn files_that_are_none_are_named() {
    let authority = authority();
    let folder = files(&authority, &authority);
    fs::write(folder.path().join("key.pem"), "hunter2").unwrap();
    let harvest = read(acceptor(&authority), folder.path(), true);
    let what = &harvest.scopes[0].troubles[0].what;
    assert!(
        what.contains("key.pem") && !what.contains("hunter2"),
        "{what}"
    );
}
