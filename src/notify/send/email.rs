//! E-mail: plain text over SMTP, with TLS or to this machine.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Mailboxes};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use plimsoll_kit::file;
use plimsoll_kit::http::Secret;

use super::{Found, Post, Sender, Sent};
use crate::inert::{Inert, Plain, Subject};
use crate::notify::plan::{Email, Message, Security};
use crate::store::Remote;

/// The time for connecting.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The time for the whole conversation.
const CONVERSATION: Duration = Duration::from_secs(60);

/// A mail server.
pub(super) struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
    /// How long a conversation may take.
    pub(super) patience: Duration,
}

impl Mail {
    pub(super) fn new(email: &Email, password: Option<&Secret>) -> Result<Self, String> {
        // Fails when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&email.host);
        let tls = match email.security {
            Security::Plain => Tls::None,
            Security::StartTls => Tls::Required(tls(email)?),
            Security::Tls => Tls::Wrapper(tls(email)?),
        };
        let mut builder = builder.port(email.port).tls(tls).timeout(Some(TIMEOUT));
        if let (Some(user), Some(password)) = (&email.user, password) {
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            builder = builder.credentials(credentials);
        }
        let mailbox = |text: &str| {
            text.parse::<Mailbox>()
                .map_err(|_| format!("{text:?} is no address"))
        };
        let to: Result<Vec<Mailbox>, String> = email.to.iter().map(|one| mailbox(one)).collect();
        Ok(Self {
            transport: builder.build(),
            from: mailbox(&email.from)?,
            to: to?,
            patience: CONVERSATION,
        })
    }

    fn letter(&self, post: &Post<'_>) -> Result<lettre::Message, String> {
        let domain = self.from.email.domain();
        let to: Mailboxes = self.to.iter().cloned().collect();
        let mut builder = lettre::Message::builder()
            .from(self.from.clone())
            .mailbox(lettre::message::header::To::from(to))
            .subject(subject(post.message).as_str())
            .date(std::time::SystemTime::from(post.at))
            .message_id(Some(format!("<{}@{domain}>", post.key)))
            // A mail program shows what has the same reference in one thread.
            .references(format!("<{}@{domain}>", thread_id(post.subject)))
            .header(Automatic);
        builder = builder.header(ContentType::TEXT_PLAIN);
        builder
            .body(body(post.message).as_str().to_owned())
            .map_err(|_| "the message makes no mail".to_owned())
    }
}

fn tls(email: &Email) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(email.host.clone());
    if let Some(path) = &email.ca_file {
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(certificate(path)?);
    }
    builder.build_rustls().map_err(|_| {
        "cannot speak TLS; install the system's root certificates (ca-certificates)".to_owned()
    })
}

fn certificate(path: &Path) -> Result<Certificate, String> {
    let pem = file::read(path, file::MOST).map_err(|error| error.to_string())?;
    Certificate::from_pem(&pem)
        .map_err(|_| format!("{}: holds no certificate in PEM", path.display()))
}

/// Nobody answers this, and no program should.
#[derive(Clone)]
struct Automatic;

impl Header for Automatic {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn thread_id(subject: &str) -> String {
    blake3::hash(subject.as_bytes()).to_hex()[..32].to_owned()
}

/// The subject line.
pub fn subject(message: &Message) -> Inert<Subject> {
    Inert::own("[plimsoll] ").and(&Inert::line(&message.title, 180))
}

/// The text.
pub fn body(message: &Message) -> Inert<Plain> {
    let line = Inert::<Plain>::line;
    let mut text = line(&message.title, 300)
        .and_own("\n")
        .and(&line(&message.headline, 300))
        .and_own("\n");
    if !message.fields.is_empty() {
        text = text.and_own("\n");
    }
    for (name, value) in &message.fields {
        text = text.and(&line(name, 200)).and_own(": ");
        text = text.and(&line(value, 300)).and_own("\n");
    }
    for part in &message.parts {
        text = text.and_own("\n");
        if !part.heading.is_empty() {
            text = text.and(&line(&part.heading, 200)).and_own(":\n");
        }
        let lines = part.lines.iter();
        let lines = lines.map(|one| Inert::own("  ").and(&line(one, 3_990)));
        text = text.and(&Inert::lines(lines, 4_000)).and_own("\n");
    }
    if !message.lines.is_empty() {
        text = text.and_own("\n");
    }
    for one in &message.lines {
        text = text.and_own("- ");
        if !one.mark.is_empty() {
            text = text.and(&line(&one.mark, 100)).and_own(": ");
        }
        text = text.and(&line(&one.text, 500)).and_own("\n");
    }
    if let Some((name, url)) = &message.link {
        text = text.and_own("\n").and(&line(name, 200)).and_own(": ");
        text = text.and(&line(url, 2_000)).and_own("\n");
    }
    if !message.footer.is_empty() {
        text = text.and_own("\n-- \n").and(&line(&message.footer, 500));
        text = text.and_own("\n");
    }
    text
}

#[async_trait]
impl Sender for Mail {
    async fn send(&self, post: &Post<'_>) -> Sent {
        let letter = match self.letter(post) {
            Ok(letter) => letter,
            Err(why) => return Sent::Refused { why },
        };
        // The transport's own time is that of connecting: a server that says nothing then would be waited for without end.
        let Ok(sent) = tokio::time::timeout(self.patience, self.transport.send(letter)).await
        else {
            let why = format!("no answer within {} s", self.patience.as_secs());
            return Sent::Unsure { why };
        };
        match sent {
            Ok(_) => Sent::Arrived {
                remote: Some(Remote {
                    id: post.key.into(),
                    place: Default::default(),
                }),
                note: None,
            },
            // What a server says is not repeated: it may say anything.
            Err(error) => {
                let code = error.status().map(|code| code.to_string());
                let why = code.map_or_else(
                    || "the conversation with the mail server broke".to_owned(),
                    |code| format!("the mail server said {code}"),
                );
                if error.is_permanent() {
                    // Rights and addresses can be set right.
                    let after = Some(Duration::from_secs(900));
                    Sent::Later { after, why }
                } else if error.is_transient() {
                    Sent::Later { after: None, why }
                } else if error.is_timeout() || error.is_response() {
                    Sent::Unsure { why }
                } else if error.is_tls() {
                    let why = "no TLS with the mail server: its certificate or its version is not trusted".to_owned();
                    Sent::Later { after: None, why }
                } else {
                    Sent::Unsure { why }
                }
            }
        }
    }

    /// A mail that came twice has one `Message-ID`: servers and programs that look at it show one.
    async fn find(&self, _: &Post<'_>, _: Timestamp) -> Found {
        Found::NoTelling("it may have come twice, under one Message-ID")
    }
}
