//! The environments that there are, and the words for them.

use plimsoll_model::Text;

/// What a system serves, what most is asked of first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Environment {
    Production,
    Staging,
    Development,
}

impl Environment {
    pub(crate) const ALL: [Environment; 3] = [
        Environment::Production,
        Environment::Staging,
        Environment::Development,
    ];

    /// The environment that a word names, in any case: the three words themselves, and `prod`, `stage` and `dev`.
    /// Anything else is no environment, however alike it looks: a wrong guess would hide what the control is for.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let is = |known: &str| word.trim().eq_ignore_ascii_case(known);
        match () {
            () if is("production") || is("prod") => Some(Environment::Production),
            () if is("staging") || is("stage") => Some(Environment::Staging),
            () if is("development") || is("dev") => Some(Environment::Development),
            () => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Environment::Production => "production",
            Environment::Staging => "staging",
            Environment::Development => "development",
        }
    }

    /// Of two words for one system the one that more is asked of.
    pub(crate) fn stricter(self, other: Self) -> Self {
        if (self as u8) <= (other as u8) {
            self
        } else {
            other
        }
    }

    pub(crate) fn text(self) -> Text {
        Text::const_new(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_the_strictest() {
        use Environment::*;
        assert_eq!(Staging.stricter(Production), Production);
        assert_eq!(Staging.stricter(Development), Staging);
        assert_eq!(Production.stricter(Production), Production);
    }

    #[test]
    fn only_exact_words_count() {
        assert_eq!(Environment::parse("Prod"), Some(Environment::Production));
        assert_eq!(Environment::parse("stage"), Some(Environment::Staging));
        assert_eq!(Environment::parse("dev"), Some(Environment::Development));
        for word in ["", "qa", "production-2", "preprod", "prd"] {
            assert_eq!(Environment::parse(word), None, "{word}");
        }
    }
}
