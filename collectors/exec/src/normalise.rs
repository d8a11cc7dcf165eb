//! What the end of a program says of its findings.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use crate::client::{End, Ending};

/// Why the findings are not to be taken for complete, if so. What the program wrote to standard error is not in it.
pub(crate) fn trouble(name: &str, timeout: Duration, end: &End) -> Option<String> {
    let what = match &end.ending {
        Ending::NotStarted(why) => return Some(why.clone()),
        Ending::Late => format!(
            "was killed after {timeout:?}, its `timeout`; raise it, or split the work over several sources"
        ),
        // Why it was stopped is a trouble already.
        Ending::Stopped => return None,
        Ending::Lost(error) => format!("could not be waited for: {error}"),
        Ending::Exited(status) if status.success() => return None,
        Ending::Exited(status) => match (status.code(), status.signal()) {
            (Some(code), _) => format!("ended with status {code}; run it by hand to see why"),
            (None, Some(signal)) => {
                format!("was ended by signal {signal}; run it by hand to see why")
            }
            (None, None) => "ended without a status; run it by hand to see why".to_owned(),
        },
    };
    let silent = match end.stderr_bytes {
        0 => String::new(),
        bytes => format!(
            " (it wrote {bytes} bytes to standard error, not shown as they may hold secrets)"
        ),
    };
    Some(format!("{name} {what}{silent}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::ExitStatus;

    fn said(ending: Ending) -> Option<String> {
        let end = End {
            ending,
            stderr_bytes: 7,
        };
        trouble("prog", Duration::from_secs(60), &end)
    }

    #[test]
    fn only_a_clean_end_is_complete() {
        let exited = |raw| said(Ending::Exited(ExitStatus::from_raw(raw)));
        assert_eq!(exited(0), None);
        assert!(
            exited(3 << 8)
                .unwrap()
                .starts_with("prog ended with status 3;")
        );
        assert!(exited(9).unwrap().contains("signal 9"));
        let late = said(Ending::Late).unwrap();
        assert!(
            late.contains("after 60s") && late.contains("7 bytes"),
            "{late}"
        );
    }
}
