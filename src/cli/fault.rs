//! What is told of a panic.

use std::panic::PanicHookInfo;

/// From now on a panic tells its place and nothing else: its message may hold a value that was read.
pub fn tell_places_only() {
    std::panic::set_hook(Box::new(|panic| {
        super::log::say("ERROR", &told(panic));
    }));
}

/// The same in the log, where a line of its own form would be out of place.
pub fn log_places_only() {
    std::panic::set_hook(Box::new(|panic| tracing::error!("{}", told(panic))));
}

fn told(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location();
    let place = place.map(|place| format!(" at {}:{}", place.file(), place.line()));
    format!("plimsoll: a fault in plimsoll{}", place.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_panic_tells_its_place_and_no_value() {
        let (tell, heard) = mpsc::channel();
        let here = std::thread::current().id();
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().id() == here {
                let _ = tell.send(told(panic));
            } else {
                usual(panic);
            }
        }));
        let caught = std::panic::catch_unwind(|| panic!("hunter2"));
        let _ = std::panic::take_hook();
        assert!(caught.is_err());
        let told = heard.recv().unwrap();
        assert!(
            told.starts_with("plimsoll: a fault in plimsoll at src/cli/fault.rs:"),
            "{told}"
        );
        assert!(!told.contains("hunter2"));
    }
}
