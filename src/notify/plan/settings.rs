//! To whom what is told, and when. Read and checked by `config::notify`.

use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;
use plimsoll_model::Text;

use super::When;
use super::occurrence::About;
use crate::baseline::Severity;

/// `[notify]`: to whom what is told, and when.
#[derive(Clone, Debug)]
pub struct Notify {
    /// Where messages go.
    pub channels: Vec<Channel>,
    /// What goes where; without any, everything goes everywhere.
    pub routes: Vec<Route>,
    /// The time zone of all times of day.
    pub zone: TimeZone,
    /// The base of links to the review pages.
    pub review_url: Option<Text>,
    /// How many messages one scan may send to one channel.
    pub per_scan: usize,
    /// How long a message is tried before it is given up.
    pub give_up: Duration,
    /// How long sending at the end of a one-off scan may take.
    pub patience: Duration,
    /// When only what is bad enough is sent.
    pub quiet: Option<Quiet>,
    /// When the rest is told.
    pub digest: Option<When>,
    /// When the daily word is said.
    pub heartbeat: Option<When>,
    /// What counts as coming and going again and again.
    pub flapping: Flapping,
    /// How long a source may go without a complete read.
    pub unread_after: Duration,
    /// The same for one source.
    pub unread: Vec<(Text, Duration)>,
    /// The labels that name a system's team, the first that is there.
    pub team_labels: Vec<Text>,
    /// The sources that are configured.
    pub sources: Vec<Text>,
}

/// How often is again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flapping {
    /// So many times.
    pub times: usize,
    /// Within this time.
    pub within: Duration,
}

/// When only what is bad enough is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// The time of day at which it begins, in minutes.
    pub from: u16,
    /// The time of day at which it ends, in minutes; before `from` where it goes over midnight.
    pub to: u16,
    /// Days that are quiet as a whole, Monday as 0.
    pub days: Vec<u8>,
    /// What is sent all the same: this bad or worse.
    pub unless: Severity,
}

/// Where messages go.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name.
    pub name: Text,
    /// What it is, with its settings.
    pub kind: Kind,
    /// Whether every production change is announced there.
    pub change_control: bool,
    /// How many messages one scan may send there.
    pub per_scan: usize,
}

/// Where a secret is. Never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file that its owner alone can read.
    File(PathBuf),
    /// In an environment variable.
    Variable(String),
}

/// What a channel is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A Slack channel, by a bot's token.
    Slack {
        /// The channel's id.
        channel: Text,
        /// The bot's token.
        token: Place,
        /// The Web API.
        api: String,
    },
    /// A Slack channel, by an incoming webhook.
    SlackWebhook {
        /// The webhook's address, which is a secret.
        url: Place,
    },
    /// E-mail.
    Email(Email),
    /// Any program that takes `CloudEvents`.
    Webhook {
        /// Where it listens, which may hold a secret.
        url: Place,
        /// What signs the events.
        secret: Option<Place>,
    },
    /// A Microsoft Teams channel, by a workflow.
    Teams {
        /// The workflow's address, which is a secret.
        url: Place,
    },
    /// A service of PagerDuty.
    PagerDuty {
        /// The integration's key.
        key: Place,
        /// The Events API.
        api: String,
    },
}

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct Email {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
    /// The user, where the server asks for one.
    pub user: Option<String>,
    /// The user's password.
    pub password: Option<Place>,
    /// Who it comes from.
    pub from: String,
    /// To whom it goes.
    pub to: Vec<String>,
    /// Certificates to trust besides the system's, a PEM file.
    pub ca_file: Option<PathBuf>,
}

/// How a connection to a mail server is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// By `STARTTLS`, without which nothing is sent.
    StartTls,
    /// By TLS from the first byte.
    Tls,
    /// Not at all; to this machine alone.
    Plain,
}

impl Kind {
    /// The word used in the configuration.
    pub fn as_str(&self) -> &'static str {
        match self {
            Kind::Slack { .. } => "slack",
            Kind::SlackWebhook { .. } => "slack-webhook",
            Kind::Email(_) => "email",
            Kind::Webhook { .. } => "webhook",
            Kind::Teams { .. } => "teams",
            Kind::PagerDuty { .. } => "pagerduty",
        }
    }

    /// Whether what was told there can be gone on with in one place, and be altered.
    pub fn threads(&self) -> bool {
        matches!(self, Kind::Slack { .. })
    }
}

/// Which occurrences go to which channels. Criteria that are empty fit everything.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// The channels.
    pub channels: Vec<Text>,
    /// What is done with what fits.
    pub mode: Mode,
    /// What it is about.
    pub about: Vec<About>,
    /// The environments; what nobody says the environment of counts as production.
    pub environments: Vec<Text>,
    /// This bad or worse.
    pub severity: Option<Severity>,
    /// Any of these controls.
    pub controls: Vec<Text>,
    /// The roles.
    pub roles: Vec<Text>,
    /// The teams.
    pub teams: Vec<Text>,
    /// The verdicts, of what has one.
    pub verdicts: Vec<crate::report::Verdict>,
}

/// What a route does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Tells it at once.
    #[default]
    Now,
    /// Tells it in the next digest.
    Digest,
    /// Does not tell it.
    Mute,
}

impl Notify {
    /// How long a source may go without a complete read.
    pub fn unread_limit(&self, source: &str) -> Duration {
        let own = self.unread.iter().find(|(name, _)| *name == source);
        own.map_or(self.unread_after, |(_, limit)| *limit)
    }

    /// A channel by its name.
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name == name)
    }
}
