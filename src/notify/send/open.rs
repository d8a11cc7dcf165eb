//! From a channel's settings to what sends there.

use jiff::Timestamp;
use plimsoll_kit::http::Secret;

use super::Sender;
use super::cloudevents::Webhook;
use super::email::Mail;
use super::http::{Http, address};
use super::pagerduty::PagerDuty;
use super::slack_api::{Bot, Hook};
use super::teams::Teams;
use crate::notify::plan::{Channel, Kind, Place};

/// Why a channel cannot be sent to. Holds no secret.
#[derive(Debug, thiserror::Error)]
#[error("the channel {channel}: {why}")]
pub struct SetupError {
    /// The channel's name.
    pub channel: String,
    /// What is wrong.
    pub why: String,
}

/// What sends to a channel. Its secrets are read here; nothing is connected to.
///
/// # Errors
/// When a secret cannot be read, or is not what it should be.
pub fn open(channel: &Channel) -> Result<Box<dyn Sender>, SetupError> {
    opened(&channel.kind).map_err(|why| SetupError {
        channel: channel.name.to_string(),
        why,
    })
}

fn opened(kind: &Kind) -> Result<Box<dyn Sender>, String> {
    Ok(match kind {
        Kind::Slack {
            channel,
            token,
            api,
        } => Box::new(Bot::new(address(api)?, &secret(token)?, channel)?),
        Kind::SlackWebhook { url } => Box::new(Hook::new(address(secret(url)?.expose())?)?),
        Kind::Email(email) => {
            let password = email.password.as_ref().map(secret).transpose()?;
            Box::new(Mail::new(email, password.as_ref())?)
        }
        Kind::Webhook { url, secret: place } => {
            let url = address(secret(url)?.expose())?;
            Box::new(Webhook {
                http: Http::new(&url)?,
                url,
                secret: place.as_ref().map(secret).transpose()?,
                clock: Timestamp::now,
            })
        }
        Kind::Teams { url } => {
            let url = address(secret(url)?.expose())?;
            Box::new(Teams {
                http: Http::new(&url)?,
                url,
            })
        }
        Kind::PagerDuty { key, api } => {
            let mut url = address(api)?;
            let base = url.path().trim_end_matches('/').to_owned();
            url.set_path(&format!("{base}/v2/enqueue"));
            Box::new(PagerDuty {
                http: Http::new(&url)?,
                url,
                key: secret(key)?,
            })
        }
    })
}

fn secret(place: &Place) -> Result<Secret, String> {
    let read = match place {
        Place::File(path) => Secret::from_file(path),
        Place::Variable(name) => Secret::from_variable(name),
    };
    read.map_err(|error| error.to_string())
}
