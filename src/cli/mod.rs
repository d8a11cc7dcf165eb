//! The command line: one thin door for each command.

/// `plimsoll init`: a configuration of what was found here.
pub mod init;
