//! What the configuration says to leave out, why, and until when.

use globset::GlobMatcher;
use jiff::Timestamp;
use plimsoll_model::Text;
use plimsoll_settings::{Mistake, Section};

use super::rule::pattern;
use super::types::Finding;

/// A row of `[[ignore]]`: findings that are counted apart, for a stated reason, until a date.
#[derive(Clone, Debug)]
pub struct Ignore {
    /// The assets, by id; none for all.
    asset: Option<GlobMatcher>,
    /// The control; none for all.
    control: Option<Text>,
    /// Where the control stands, for when there is none of that id.
    control_place: Mistake,
    /// The expectation's id; none for all.
    expectation: Option<Text>,
    /// Why they are left out.
    pub reason: Text,
    /// Until when, exclusive.
    pub until: Timestamp,
}

impl Ignore {
    /// Reads one `[[ignore]]` of a configuration. Mistakes are noted on the section.
    ///
    /// `until` is a time with zone, or a date: then it is midnight UTC at that day's start.
    pub fn read(section: &Section<'_>) -> Option<Self> {
        if !section.has("asset") && !section.has("control") {
            let hint = Some("give `asset`, `control` or both".to_owned());
            section.mistake(
                section.place(),
                "an ignore must say what it leaves out",
                hint,
            );
        }
        let asset = pattern(section, "asset");
        let control = section.text("control").map(Text::from);
        let expectation = section.text("expectation").map(Text::from);
        let reason = section.required_text("reason", "say why it is left out");
        let until = until(section);
        // After a mistake it leaves nothing out, and is only looked at for others.
        Some(Self {
            asset,
            control,
            control_place: section.draft(section.place_of("control"), "", None),
            expectation,
            reason: reason.unwrap_or_default().into(),
            until: until.unwrap_or(Timestamp::MIN),
        })
    }

    /// Whether its time is over: it leaves nothing out any more, and should be removed or renewed.
    pub fn expired(&self, now: Timestamp) -> bool {
        now >= self.until
    }

    /// What it leaves out, for a person: `ports-allowed of container:web-1/*`.
    pub fn what(&self) -> String {
        let mut what = match (&self.control, &self.expectation) {
            (_, Some(expectation)) => expectation.to_string(),
            (Some(control), None) => control.to_string(),
            (None, None) => "everything".to_owned(),
        };
        if let Some(asset) = &self.asset {
            what.push_str(" of ");
            what.push_str(asset.glob().glob());
        }
        what
    }

    /// Whether a finding of an asset is one that it leaves out. The caller sees to the time.
    pub(crate) fn covers(&self, id: &str, finding: &Finding) -> bool {
        self.control
            .as_ref()
            .is_none_or(|control| *control == finding.control)
            && self
                .expectation
                .as_ref()
                .is_none_or(|expectation| *expectation == finding.expectation)
            && self.asset.as_ref().is_none_or(|asset| asset.is_match(id))
    }

    pub(crate) fn control(&self) -> Option<&Text> {
        self.control.as_ref()
    }

    /// A mistake about its control.
    pub(crate) fn control_mistake(&self, message: String, hint: String) -> Mistake {
        let place = self.control_place.clone();
        Mistake { message, ..place }.hint(hint)
    }
}

/// The end that must be given: a time with zone, or a date, which is midnight UTC at its start.
pub(super) fn until(section: &Section<'_>) -> Option<Timestamp> {
    if !section.has("until") {
        section.missing("until", "give a date, as 2027-03-31");
    }
    let text = section.date("until")?;
    let time = text.parse::<Timestamp>().ok();
    let time = time.or_else(|| {
        let date: jiff::civil::Date = text.parse().ok()?;
        Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    });
    if time.is_none() {
        let hint = Some("write 2027-03-31 or 2027-03-31T12:00:00Z".to_owned());
        let message = format!("`until`: {text:?} is no date");
        section.mistake(section.place_of("until"), message, hint);
    }
    time
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_settings::Document;

    fn read(text: &str) -> Result<Option<Ignore>, String> {
        let read = Document::new("config.toml", text).read(Ignore::read);
        read.map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn an_ignore_ends() {
        let ignore = read("control = 'ports-allowed'\nreason = 'moving'\nuntil = 2027-03-31")
            .unwrap()
            .unwrap();
        let at = |time: &str| time.parse::<Timestamp>().unwrap();
        assert!(!ignore.expired(at("2027-03-30T23:59:59Z")));
        assert!(ignore.expired(at("2027-03-31T00:00:00Z")));
        assert_eq!(ignore.what(), "ports-allowed");
    }

    #[test]
    fn a_time_without_a_zone_is_refused() {
        for until in [
            "2027-12-01T18:30:00",
            "'2027-12-01T18:30:00'",
            "2027-12-01 18:30:00",
        ] {
            let text = format!("control = 'x'\nreason = 'y'\nuntil = {until}");
            let mistakes = read(&text).unwrap_err();
            assert!(mistakes.contains("has no zone"), "{mistakes}");
        }
        let with = "control = 'x'\nreason = 'y'\nuntil = 2027-12-01T18:30:00+01:00";
        let until = read(with).unwrap().unwrap().until;
        assert_eq!(until.to_string(), "2027-12-01T17:30:00Z");
    }

    #[test]
    fn it_says_what_why_and_until_when() {
        let mistakes = read("expectation = 'x'").unwrap_err();
        for part in [
            "what it leaves out",
            "`reason` is missing",
            "`until` is missing",
        ] {
            assert!(mistakes.contains(part), "{mistakes}");
        }
        let mistakes = read("control = 'x'\nreason = 'y'\nuntil = 'soon'").unwrap_err();
        assert!(mistakes.contains("config.toml:3:9"), "{mistakes}");
        assert!(read("asset = '['\nreason = 'y'\nuntil = 2027-01-01").is_err());
    }
}
