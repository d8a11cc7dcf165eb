//! The reading client over TLS: it trusts an authority that it was given, and nobody else's certificate.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::Arc;

use plimsoll_kit::http::{Client, Error, Retry};
use plimsoll_kit::testkit::run;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// Answers every connection with `{}` over TLS.
async fn serve(listener: TcpListener, identity: CertifiedKey<rcgen::KeyPair>) {
    let key = PrivatePkcs8KeyDer::from(identity.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.cert.der().clone()], key.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    while let Ok((stream, _)) = listener.accept().await {
        // A client that does not trust us breaks off here.
        let Ok(mut stream) = acceptor.accept(stream).await else {
            continue;
        };
        let _ = stream.read(&mut [0; 4096]).await;
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        let _ = stream.write_all(answer).await;
        let _ = stream.shutdown().await;
    }
}

#[test]
fn trusts_whom_it_is_told_to() {
    let names = || vec!["localhost".to_owned()];
    let ours = generate_simple_self_signed(names()).unwrap();
    let stranger = generate_simple_self_signed(names()).unwrap();
    let (ours_pem, stranger_pem) = (ours.cert.pem(), stranger.cert.pem());
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!(
            "https://localhost:{}",
            listener.local_addr().unwrap().port()
        );
        let server = tokio::spawn(serve(listener, ours));
        let client = |pem: &str| {
            let builder = Client::builder(&base)
                .root_certificates(pem)
                .retry(Retry::never());
            builder.build().unwrap()
        };
        let answer = client(&ours_pem).get("/x").await.unwrap();
        assert_eq!(answer.body().as_ref(), b"{}");
        let error = client(&stranger_pem).get("/x").await.unwrap_err();
        assert!(matches!(error, Error::Connection { .. }), "{error}");
        assert!(error.to_string().contains("certificate"), "{error}");
        server.abort();
    });
}
