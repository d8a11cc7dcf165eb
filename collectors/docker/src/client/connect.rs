//! A connection: a socket, TLS where it is asked for, and HTTP/1.1 on it.

use std::future;
use std::pin::{Pin, pin};
use std::task::Poll;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use super::error::ClientError;
use super::tls::Trust;
use crate::endpoint::Endpoint;

/// One connection, closed when it is dropped, also in the middle of an answer.
///
/// It works while something on it is waited for, in the task that waits: as a task of its own every answer would be handed from
/// one thread to another, which costs as much as reading it.
pub(crate) struct Link {
    sender: SendRequest<Empty<Bytes>>,
    connection: Connection,
}

/// The connection's own work. None when it is closed.
type Connection = Option<Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>>;

impl Link {
    /// Whether it is open and free for a request.
    pub(super) async fn ready(&mut self) -> bool {
        let ready = self.sender.ready();
        beside(&mut self.connection, ready).await.is_ok()
    }

    pub(super) async fn send(
        &mut self,
        request: Request<Empty<Bytes>>,
    ) -> hyper::Result<Response<Incoming>> {
        let answer = self.sender.send_request(request);
        beside(&mut self.connection, answer).await
    }

    /// Lets an answer that has begun come in.
    pub(super) async fn receive<T>(&mut self, wanted: impl Future<Output = T>) -> T {
        beside(&mut self.connection, wanted).await
    }
}

/// Waits for something that the connection's work brings.
async fn beside<T>(connection: &mut Connection, wanted: impl Future<Output = T>) -> T {
    let mut wanted = pin!(wanted);
    future::poll_fn(|context| {
        // Before, so that there is something to do; and after, for what was done.
        if let Poll::Ready(done) = wanted.as_mut().poll(context) {
            return Poll::Ready(done);
        }
        if let Some(working) = connection
            && working.as_mut().poll(context).is_ready()
        {
            // How a connection ends is told to the request that was on it.
            *connection = None;
        }
        wanted.as_mut().poll(context)
    })
    .await
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
    let connection: Connection = Some(Box::pin(connection));
    Ok(Link { sender, connection })
}
