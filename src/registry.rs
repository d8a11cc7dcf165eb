//! The collectors that there are: the one list of them.

use plimsoll_kit::Registration;

/// Every collector, in order of its name.
pub const COLLECTORS: &[Registration] = &[
    plimsoll_aptible::REGISTRATION,
    plimsoll_asana::REGISTRATION,
    plimsoll_docker::REGISTRATION,
    plimsoll_exec::REGISTRATION,
    plimsoll_file::REGISTRATION,
    plimsoll_fly::REGISTRATION,
    plimsoll_git::REGISTRATION,
    plimsoll_github::REGISTRATION,
    plimsoll_gitlab::REGISTRATION,
    plimsoll_host::REGISTRATION,
    plimsoll_jira::REGISTRATION,
    plimsoll_kubernetes::REGISTRATION,
    plimsoll_slack::REGISTRATION,
    plimsoll_youtrack::REGISTRATION,
];
