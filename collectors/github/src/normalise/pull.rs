//! A pull request.

use plimsoll_model::{ChangeRequest, Merge, Text, request_kind};

use super::branch::Seen;
use super::heads::{self, Heads};
use super::history::{Of, history};
use super::party::party;
use super::reviews::Against;
use super::spoken::{Spoken, listen, listen_to_markdown};
use super::{
    ANYTHING, DESCRIPTION, Extra, Made, Notes, agreement, checks, commits, hash, labels, pushes,
    reviews, settle, text_edits, title, url, word,
};
use crate::settings::{AccountBy, Settings};
use crate::wire::{Activity, CheckRun, Commit, Event, Pull, Review, Status};

/// The most commits that the vendor lists for a pull request.
const MOST_COMMITS: usize = 250;

/// Everything that was read of a pull request.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) pull: Pull,
    pub(crate) reviews: Vec<Review>,
    pub(crate) events: Vec<Event>,
    pub(crate) commits: Vec<Commit>,
    /// What happened to its branch; none where that is not told.
    pub(crate) activities: Option<Vec<Activity>>,
    /// The tests of each commit that matters.
    pub(crate) tests: Vec<Tests>,
    /// Whether all that happened to it was read.
    pub(crate) whole: bool,
    /// Whether the merge kept the branch's rules.
    pub(crate) protected: Option<bool>,
    /// The commit that it became, where that is none of its own.
    pub(crate) became: Seen<Commit>,
    /// Whether the list of pull requests tells of it in another way.
    pub(crate) differs_from_list: bool,
}

/// The tests of a commit.
#[derive(Debug, Default)]
pub(crate) struct Tests {
    pub(crate) commit: Text,
    pub(crate) runs: Vec<CheckRun>,
    pub(crate) statuses: Vec<Status>,
}

impl Pull {
    /// The commits whose tests matter: the last one that is proposed, and what it became.
    pub(crate) fn tested(&self) -> Vec<Text> {
        let head = self.head.as_ref().and_then(|head| hash(head.sha.as_ref()));
        let mut all: Vec<Text> = head.into_iter().chain(self.merge_commit()).collect();
        all.dedup();
        all
    }

    /// What it became. Before it is merged the field holds a try that nobody asked for.
    pub(crate) fn merge_commit(&self) -> Option<Text> {
        self.merged_at.as_ref()?;
        hash(self.merge_commit_sha.as_ref())
    }

    pub(crate) fn base(&self) -> Option<&str> {
        self.base.as_ref()?.name.as_deref()
    }

    /// Whether two tellings of its one state differ. One of them may be older than the other: then nothing is said.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        fn names(pull: &Pull) -> Vec<Text> {
            let mut names: Vec<Text> = pull
                .labels
                .iter()
                .map(|label| label.name().clone())
                .collect();
            names.sort();
            names
        }
        let told = |pull: &Self| {
            let head = pull.head.as_ref().and_then(|head| hash(head.sha.as_ref()));
            let user = pull.user.as_ref().and_then(|user| user.id);
            let times = (pull.closed_at.clone(), pull.merged_at.clone());
            let texts = (pull.title.clone(), pull.body.clone().unwrap_or_default());
            let base = pull.base().map(str::to_owned);
            (
                head,
                user,
                times,
                texts,
                base,
                pull.merge_commit(),
                names(pull),
            )
        };
        self.updated_at.is_some()
            && self.updated_at == other.updated_at
            && told(self) != told(other)
    }
}

/// Who wrote the commit that it became: of one that took the place of all, and whomever its message names.
fn became(read: &Seen<Commit>, pull: &Pull, by: AccountBy, request: &mut ChangeRequest) {
    let commit = match read {
        Seen::Absent => return,
        Seen::Hidden(why) => {
            request.doubt(format!(
                "who wrote the commit that it became is not known: {why}"
            ));
            return;
        }
        Seen::Read(commit) => commit,
    };
    if hash(Some(&commit.sha)) != pull.merge_commit() {
        request.doubt("the commit that it became is told as another one");
    }
    if commits::is_by_more(commit) {
        request.doubt("the commit that it became may be by more people than are read");
    }
    for one in commits::landed_by(commit, by) {
        if !request
            .authors
            .iter()
            .any(|have| have.account == one.account)
        {
            request.authors.push(one);
        }
    }
}

/// The id of a pull request or an issue.
pub(crate) fn id(repository: &str, number: i64) -> Text {
    Text::from(format!("{repository}#{number}"))
}

/// A pull request with all that happened to it. None where it does not say when it was opened.
pub(crate) fn request(
    repository: &str,
    read: &Read,
    extra: Extra<'_>,
    settings: &Settings,
) -> Result<Made, String> {
    let mut notes = Notes::default();
    let (mut request, spoken) = base(repository, &read.pull, settings, &mut notes)?;
    let mut remarks = spoken.oddities;
    let (pull, by) = (&read.pull, settings.account);
    let opened = request.opened;
    let merged = notes.time(pull.merged_at.as_ref(), "the time of merging");

    let branch = pull.head.as_ref().and_then(|head| head.name.as_deref());
    let branch = branch.unwrap_or_default();
    let ended = notes.time(pull.closed_at.as_ref(), "the time of closing");
    let ended = merged.or(ended);
    let own: Vec<Text> = read
        .commits
        .iter()
        .filter_map(|commit| hash(Some(&commit.sha)))
        .collect();
    let told = heads::Told {
        activities: read.activities.as_deref(),
        events: &read.events,
        branch,
        commits: &own,
        head: request.head.as_ref(),
        ended,
    };
    let heads = Heads::of(&told, &mut notes);
    let all = agreement::reviews(&read.reviews, &read.events, &mut request);
    let against = Against {
        events: &read.events,
        heads: &heads,
        commits: &own,
        last: [request.head.clone(), pull.merge_commit()],
    };
    request.reviews = reviews::reviews(&all, &against, by, &mut notes);
    agreement::pull(pull, &read.events, &own, extra, &mut request, &mut notes);
    agreement::labels(&read.events, settings, &mut request);
    if read.differs_from_list {
        request.doubt("it and the list of pull requests tell of it in two ways");
    }
    agreement::counts(extra, &read.reviews, &read.events, &mut request);
    history(
        &read.events,
        Of::Pull(merged),
        settings,
        &mut request,
        &mut notes,
    );
    let pushes = pushes::pushes(
        read.activities.as_deref().unwrap_or_default(),
        branch,
        &read.commits,
        opened,
        ended,
        by,
        &mut notes,
    );
    let pushed = commits::edits(
        &read.commits,
        &pushes,
        &request.reviews,
        opened,
        merged,
        by,
        &mut notes,
    );
    request.edits.extend(pushed);
    request.authors = commits::authors(&read.commits, &pushes, by);
    // Who put other commits in the place of those that were there had a part in them too.
    let forced = read.events.iter();
    let forced = forced.filter(|one| one.event.as_deref() == Some("head_ref_force_pushed"));
    for by in forced.map(|one| party(one.actor.as_ref(), by)) {
        if !request
            .authors
            .iter()
            .any(|have| have.account == by.account)
        {
            request.authors.push(by);
        }
    }
    became(&read.became, pull, by, &mut request);
    request.authors.sort_by(|a, b| a.account.cmp(&b.account));
    if read.commits.iter().any(commits::is_by_more) {
        request.doubt("its commits may be by more people than are read");
    }
    for commit in &read.commits {
        let hash = hash(Some(&commit.sha)).filter(|hash| !request.links.commits.contains(hash));
        request.links.commits.extend(hash);
    }
    request.links.commits.sort();

    let field = if spoken.says_what {
        ANYTHING
    } else {
        DESCRIPTION
    };
    let (edits, all) = text_edits(extra, opened, field, by, &mut notes);
    request.edits.extend(edits);
    let mut whole = read.whole && (all || !spoken.says_what);
    if let Extra::Read(edits) = extra
        && let Some(list) = &edits.closing_issues_references
    {
        for one in list.nodes() {
            let place = one.repository.as_ref();
            let place = place.map_or(repository, |place| place.name_with_owner.as_str());
            let issue = id(&own_spelling(place, repository), one.number);
            if !request.links.requests.contains(&issue) {
                request.links.requests.push(issue);
            }
        }
        if list.is_cut() {
            remarks.push("not every issue that it closes could be read".to_owned());
        }
    }
    request.links.requests.sort();

    if let Some(merge) = &mut request.merge {
        merge.protected = read.protected;
        if merge.by.is_none() {
            let mut events = read.events.iter().rev();
            let event = events.find(|one| one.event.as_deref() == Some("merged"));
            merge.by = event.map(|one| party(one.actor.as_ref(), by));
        }
        if merge.commit.is_none()
            && let Extra::Read(edits) = extra
        {
            merge.commit = hash(edits.merge_commit.as_ref().map(|commit| &commit.oid));
        }
        if merge.commit.is_none() {
            remarks.push("what it became when it was merged is not told".to_owned());
        }
    }
    for tests in &read.tests {
        let runs = checks::runs(&tests.runs, &tests.commit, &mut notes);
        let statuses = checks::statuses(&tests.statuses, &tests.commit, &mut notes);
        request.checks.extend(runs.into_iter().chain(statuses));
    }
    request
        .checks
        .sort_by(|a, b| (&a.name, &a.commit, a.at).cmp(&(&b.name, &b.commit, b.at)));

    let count = pull.commits.and_then(|count| usize::try_from(count).ok());
    let listed = read.commits.len();
    if read.whole && (listed >= MOST_COMMITS || count.is_some_and(|count| count > listed)) {
        let text = "it has more commits than are listed: who wrote the rest is not known";
        remarks.push(text.to_owned());
        whole = false;
    }
    if !whole {
        request.whole_history = Some(false);
    }
    settle(&mut request);
    Ok(Made {
        request,
        troubles: notes.troubles,
        remarks,
    })
}

/// A pull request of which only the list is known: it names its commits, and nobody's yes.
pub(crate) fn outline(repository: &str, pull: &Pull, settings: &Settings) -> Result<Made, String> {
    let mut notes = Notes::default();
    let (mut request, spoken) = base(repository, pull, settings, &mut notes)?;
    request.whole_history = Some(false);
    Ok(Made {
        request,
        troubles: notes.troubles,
        remarks: spoken.oddities,
    })
}

fn base(
    repository: &str,
    pull: &Pull,
    settings: &Settings,
    notes: &mut Notes,
) -> Result<(ChangeRequest, Spoken), String> {
    let Some(opened) = notes.time(Some(&pull.created_at), "when it was opened") else {
        return Err("it does not say when it was opened, and is left out".to_owned());
    };
    let name = title(pull.title.as_deref());
    let mut request = ChangeRequest::new(id(repository, pull.number), name, opened);
    request.kind = Text::const_new(request_kind::PULL_REQUEST);
    request.requester = Some(party(pull.user.as_ref(), settings.account));
    request.labels = labels(&pull.labels);
    request.url = url(pull.html_url.as_deref());
    request.head = pull.head.as_ref().and_then(|head| hash(head.sha.as_ref()));
    if pull.merged_at.is_some() {
        request.merge = Some(Merge {
            at: notes.time(pull.merged_at.as_ref(), "the time of merging"),
            by: pull
                .merged_by
                .as_ref()
                .map(|user| party(Some(user), settings.account)),
            commit: pull.merge_commit(),
            branch: pull.base().map(word),
            protected: None,
        });
    }
    let mut spoken = Spoken::default();
    let branch = pull.head.as_ref().and_then(|head| head.name.as_deref());
    for text in [pull.title.as_deref(), branch].into_iter().flatten() {
        listen(text, repository, settings, &mut request, &mut spoken);
    }
    if let Some(text) = pull.body.as_deref() {
        listen_to_markdown(text, repository, settings, &mut request, &mut spoken);
    }
    let deploys_to = pull.base().and_then(|base| settings.environments.get(base));
    if request.environments.is_empty() {
        request.environments.extend(deploys_to.cloned());
    }
    Ok((request, spoken))
}

/// A repository as the settings spell it: the vendor does not tell upper from lower case.
fn own_spelling(place: &str, repository: &str) -> String {
    match place.eq_ignore_ascii_case(repository) {
        true => repository.to_owned(),
        false => word(place).into_string(),
    }
}
