//! TLS with the given authority and nothing else.

use std::path::Path;
use std::sync::Arc;

use plimsoll_kit::file;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::error::ClientError;
use crate::settings::Tls;

/// Whom to trust, and who we are.
pub(super) struct Trust {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Trust {
    /// Reads the certificates for a server of that name.
    pub(super) fn load(tls: &Tls, host: &str) -> Result<Self, ClientError> {
        let bad = |path: &Path, why: String| ClientError::Certificate {
            path: path.to_owned(),
            why,
        };
        let mut roots = RootCertStore::empty();
        for certificate in certificates(&tls.ca)? {
            roots
                .add(certificate)
                .map_err(|why| bad(&tls.ca, why.to_string()))?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|why| bad(&tls.ca, why.to_string()))?
            .with_root_certificates(roots);
        let config = match &tls.own {
            None => builder.with_no_client_auth(),
            Some((cert, key)) => {
                let chain = certificates(cert)?;
                let pem = file::read(key, file::MOST);
                let pem = pem.map_err(|why| bad(key, why.fault.to_string()))?;
                let secret = PrivateKeyDer::from_pem_slice(&pem);
                let secret = secret.map_err(|why| bad(key, why.to_string()))?;
                builder
                    .with_client_auth_cert(chain, secret)
                    .map_err(|why| bad(cert, why.to_string()))?
            }
        };
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            bad(
                &tls.ca,
                "the endpoint's host is no name that a certificate can hold".into(),
            )
        })?;
        let connector = TlsConnector::from(Arc::new(config));
        Ok(Self { connector, name })
    }

    /// Shakes hands on an open connection.
    pub(super) async fn connect(
        &self,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, std::io::Error> {
        self.connector.connect(self.name.clone(), stream).await
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    let bad = |why: String| ClientError::Certificate {
        path: path.to_owned(),
        why,
    };
    let pem = file::read(path, file::MOST).map_err(|why| bad(why.fault.to_string()))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let found = found.map_err(|why| bad(why.to_string()))?;
    if found.is_empty() {
        return Err(bad("there is no certificate in it".into()));
    }
    Ok(found)
}
