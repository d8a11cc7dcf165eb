//! The agreed words of change requests. A tracker's own words are kept where none fits.

/// What kinds of request there are.
pub mod request_kind {
    /// A ticket; an empty kind means it too.
    pub const TICKET: &str = "ticket";
    /// A pull or merge request.
    pub const PULL_REQUEST: &str = "pull-request";
    /// A commit with trailers.
    pub const COMMIT: &str = "commit";
    /// A signed tag.
    pub const TAG: &str = "tag";
    /// A message in a channel, with its thread.
    pub const MESSAGE: &str = "message";
    /// Those that propose code.
    pub const CODE: &[&str] = &[PULL_REQUEST, COMMIT, TAG];
}

/// What the state means into which a request went.
pub mod request_state {
    /// Somebody with the right said yes; the approval itself is in the approvals.
    pub const APPROVED: &str = "approved";
    /// It is open again: what was approved before is so no more.
    pub const REOPENED: &str = "reopened";
    /// It was refused.
    pub const REJECTED: &str = "rejected";
    /// It was given up.
    pub const CANCELLED: &str = "cancelled";
    /// Somebody carries it out.
    pub const IMPLEMENTING: &str = "implementing";
    /// It was carried out.
    pub const IMPLEMENTED: &str = "implemented";
    /// It is done with.
    pub const CLOSED: &str = "closed";
}

/// What a reviewer said.
pub mod review_said {
    /// Yes.
    pub const APPROVED: &str = "approved";
    /// Not so.
    pub const CHANGES_REQUESTED: &str = "changes-requested";
    /// Something that is neither.
    pub const COMMENTED: &str = "commented";
}

/// What is confirmed about a request besides its approval.
pub mod sign_off_kind {
    /// It was written up.
    pub const DOCUMENTED: &str = "documented";
    /// It was looked at afterwards.
    pub const REVIEWED: &str = "reviewed";
    /// It was accepted afterwards.
    pub const SIGNED_OFF: &str = "signed-off";
    /// It was tested by quality assurance.
    pub const QA: &str = "qa";
    /// The new system was inspected.
    pub const INSPECTED: &str = "inspected";
    /// The inventory and the diagrams were confirmed.
    pub const RECONCILED: &str = "reconciled";
    /// It was announced in the change-control channel.
    pub const ANNOUNCED: &str = "announced";
}

/// What was altered in a request.
pub mod edit_field {
    /// Its title.
    pub const TITLE: &str = "title";
    /// Its text.
    pub const DESCRIPTION: &str = "description";
    /// The assets, systems and facts that it names.
    pub const ASSETS: &str = "assets";
    /// The environments that it names.
    pub const ENVIRONMENTS: &str = "environments";
    /// The window.
    pub const WINDOW: &str = "window";
    /// What it is linked with.
    pub const LINKS: &str = "links";
    /// The mark of an emergency.
    pub const EMERGENCY: &str = "emergency";
    /// Labels.
    pub const LABELS: &str = "labels";
    /// Commits were pushed to what it proposes.
    pub const COMMITS: &str = "commits";
    /// A comment was added; what was approved is the same.
    pub const COMMENT: &str = "comment";
    /// Who carries it out.
    pub const IMPLEMENTERS: &str = "implementers";
    /// How urgent it is.
    pub const PRIORITY: &str = "priority";
    /// What came out, or why it happened: written afterwards.
    pub const OUTCOME: &str = "outcome";
    /// Edits that leave what was approved as it is. Labels are none of them: one may say that security is concerned.
    pub const HARMLESS: &[&str] = &[COMMENT, IMPLEMENTERS, PRIORITY, OUTCOME];
}
