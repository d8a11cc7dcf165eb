//! A connection: a socket, TLS where it is asked for, and HTTP/1.1 on it.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinHandle;

use super::error::ClientError;
use super::tls::Trust;
use crate::endpoint::Endpoint;

/// One connection, closed when it is dropped, also in the middle of an answer.
pub(crate) struct Link {
    sender: SendRequest<Empty<Bytes>>,
    driver: JoinHandle<()>,
}

impl Link {
    /// Whether it is open and free for a request.
    pub(super) async fn ready(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }

    pub(super) async fn send(
        &mut self,
        request: Request<Empty<Bytes>>,
    ) -> hyper::Result<Response<Incoming>> {
        self.sender.send_request(request).await
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Connects to an endpoint.
pub(super) async fn connect(
    endpoint: &Endpoint,
    trust: Option<&Trust>,
) -> Result<Link, ClientError> {
    let failed = |source| ClientError::Connect {
        endpoint: endpoint.to_string(),
        source,
    };
    match endpoint {
        Endpoint::Unix(path) => {
            let stream = UnixStream::connect(path).await.map_err(failed)?;
            speak_http(stream).await
        }
        Endpoint::Tcp { host, port, .. } => {
            let address = (host.as_str(), *port);
            let stream = TcpStream::connect(address).await.map_err(failed)?;
            stream.set_nodelay(true).map_err(failed)?;
            match trust {
                None => speak_http(stream).await,
                Some(trust) => {
                    let stream = trust.connect(stream).await.map_err(|source| {
                        let endpoint = endpoint.to_string();
                        ClientError::Handshake { endpoint, source }
                    })?;
                    speak_http(stream).await
                }
            }
        }
    }
}

async fn speak_http(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> Result<Link, ClientError> {
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(ClientError::lost)?;
    let driver = tokio::spawn(async move {
        // How a connection ends is told to the request that was on it.
        let _ = connection.await;
    });
    Ok(Link { sender, driver })
}
