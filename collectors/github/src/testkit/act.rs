//! What people do to it.

use serde_json::{Value, json};

use super::state::{Branch, Event, Hub, Pull, Review};
use super::{code, rules, shapes, time};
use plimsoll_kit::testkit::MARKER;

impl Hub {
    /// Opens a pull request with one commit, and gives its number.
    pub fn open(&mut self, author: &str, title: &str, body: &str, head: &str, base: &str) -> u64 {
        let number = self.next();
        let pull = Pull {
            number,
            author: author.to_owned(),
            title: title.to_owned(),
            body: body.to_owned(),
            head: head.to_owned(),
            base: base.to_owned(),
            created: self.now,
            updated: self.now,
            ..Pull::default()
        };
        self.repo.pulls.insert(number, pull);
        // Committed before it was opened.
        let before = self.now - 60;
        self.commit(number, author, before, "First");
        number
    }

    /// Opens an issue, and gives its number.
    pub fn ask(&mut self, author: &str, title: &str, body: &str) -> u64 {
        let number = self.next();
        let issue = Pull {
            number,
            issue: true,
            author: author.to_owned(),
            title: title.to_owned(),
            body: body.to_owned(),
            created: self.now,
            updated: self.now,
            ..Pull::default()
        };
        self.repo.pulls.insert(number, issue);
        number
    }

    /// Pushes a commit, which says that it was made now.
    pub fn push(&mut self, number: u64, author: &str) -> String {
        self.wait(1);
        self.commit(number, author, self.now, "More")
    }

    /// Pushes a commit that says that it was made at another time, with a message.
    pub fn commit(&mut self, number: u64, author: &str, at: i64, message: &str) -> String {
        let hash = self.hash();
        let commit = code::commit(&self.name, &hash, author, at, message);
        let moves = self.moves_reviews;
        let pull = self.pull(number);
        pull.commits.push(commit);
        for review in pull.reviews.iter_mut().filter(|_| moves) {
            review.commit = hash.clone();
        }
        self.activity(number, author, "push", &hash);
        self.touch(number);
        hash
    }

    /// Somebody pushes a commit that says that another wrote it, at another time.
    pub fn forge(&mut self, number: u64, author: &str, at: i64, pusher: &str) -> String {
        self.wait(1);
        let hash = self.commit(number, author, at, "Forged");
        if let Some(last) = self.repo.activities.last_mut() {
            last["actor"] = shapes::account(pusher);
        }
        hash
    }

    fn activity(&mut self, number: u64, actor: &str, kind: &str, after: &str) {
        let (id, now) = (self.id(), self.now);
        let branch = self.pull(number).head.clone();
        // What a branch has before it is opened was pushed before.
        let at = if self.pull(number).created == now {
            now - 30
        } else {
            now
        };
        let name = format!("refs/heads/{branch}");
        let mut others = self.repo.activities.iter().rev();
        let before = others.find(|one| one["ref"] == name.as_str());
        let before = before.and_then(|one| one["after"].as_str());
        let kind = before.map_or("branch_creation", |_| kind);
        let before = before.map_or("0".repeat(40), str::to_owned);
        let activity = json!({"id": id, "node_id": format!("A_{id}"), "before": before, "after": after, "ref": format!("refs/heads/{branch}"),
            "timestamp": time(at), "activity_type": kind, "actor": shapes::account(actor)});
        self.repo.activities.push(activity);
    }

    /// Puts another commit in the place of all.
    pub fn force_push(&mut self, number: u64, author: &str) -> String {
        self.wait(1);
        self.pull(number).commits.clear();
        let hash = self.commit(number, author, self.now, "Anew");
        self.event(
            number,
            "head_ref_force_pushed",
            author,
            json!({"commit_id": hash}),
        );
        hash
    }

    /// The last commit.
    pub fn head(&mut self, number: u64) -> String {
        let commits = &self.pull(number).commits;
        let last = commits.last().and_then(|commit| commit["sha"].as_str());
        last.unwrap_or_default().to_owned()
    }

    /// Reviews the last commit, and gives the review's number.
    pub fn review(&mut self, number: u64, user: &str, state: &str) -> u64 {
        self.wait(10);
        let (id, commit) = (self.id(), self.head(number));
        let review = Review {
            id,
            user: user.to_owned(),
            state: state.to_owned(),
            commit,
            at: self.now,
        };
        self.pull(number).reviews.push(review);
        self.touch(number);
        id
    }

    /// Dismisses a review.
    pub fn dismiss(&mut self, number: u64, review: u64, by: &str) {
        self.wait(5);
        let found = self
            .pull(number)
            .reviews
            .iter_mut()
            .find(|one| one.id == review);
        let found = found.expect("a review that was made");
        let before = std::mem::replace(&mut found.state, "DISMISSED".to_owned());
        let dismissed = json!({"state": before.to_lowercase(), "review_id": review, "dismissal_message": format!("{MARKER}-dismissal")});
        self.event(
            number,
            "review_dismissed",
            by,
            json!({"dismissed_review": dismissed}),
        );
    }

    /// A check of a commit comes out.
    pub fn check(&mut self, commit: &str, name: &str, conclusion: &str) {
        self.wait(2);
        let id = self.id();
        let run = code::check_run(id, commit, name, conclusion, self.now);
        self.repo
            .runs
            .entry(commit.to_owned())
            .or_default()
            .push(run);
    }

    /// A status of a commit is set.
    pub fn status(&mut self, commit: &str, context: &str, state: &str) {
        let id = self.id();
        let status = code::status(id, context, state, self.now);
        self.repo
            .statuses
            .entry(commit.to_owned())
            .or_default()
            .push(status);
    }

    /// Gives a label.
    pub fn label(&mut self, number: u64, by: &str, label: &str) {
        self.wait(1);
        self.pull(number).labels.push(label.to_owned());
        let more = json!({"label": {"name": label, "color": "d73a4a"}});
        self.event(number, "labeled", by, more);
    }

    /// Takes a label off.
    pub fn unlabel(&mut self, number: u64, by: &str, label: &str) {
        self.wait(1);
        self.pull(number).labels.retain(|have| have != label);
        let more = json!({"label": {"name": label, "color": "d73a4a"}});
        self.event(number, "unlabeled", by, more);
    }

    /// Renames it.
    pub fn rename(&mut self, number: u64, by: &str, title: &str) {
        self.wait(1);
        let from = std::mem::replace(&mut self.pull(number).title, title.to_owned());
        self.event(
            number,
            "renamed",
            by,
            json!({"rename": {"from": from, "to": title}}),
        );
    }

    /// Edits its text.
    pub fn edit(&mut self, number: u64, by: &str, body: &str) {
        self.wait(1);
        let now = self.now;
        let pull = self.pull(number);
        if pull.edits.is_empty() {
            // The first writing is among them, once there are others.
            pull.edits.push((pull.created, pull.author.clone()));
        }
        pull.edits.push((now, by.to_owned()));
        pull.body = body.to_owned();
        self.touch(number);
    }

    /// Merges it by squashing, and gives what it became. `result` is what the rules said: `pass`, `bypass`.
    pub fn merge(&mut self, number: u64, by: &str, result: &str) -> String {
        self.wait(3);
        let (hash, now) = (self.hash(), self.now);
        let pull = self.pull(number);
        pull.merged = Some((now, by.to_owned(), hash.clone()));
        pull.closed = Some(now);
        let base = pull.base.clone();
        let (author, message) = (pull.author.clone(), format!("{} (#{number})", pull.title));
        let mut commit = code::commit(&self.name, &hash, &author, now, &message);
        commit["parents"] = json!([{"sha": "0".repeat(40), "url": "https://api.github.com/x", "html_url": "https://github.com/x"}]);
        self.repo.landed.insert(hash.clone(), commit);
        self.event(number, "merged", by, json!({"commit_id": hash}));
        self.event(number, "closed", by, json!({"state_reason": null}));
        let id = self.id();
        let suite = rules::suite(&self.name, id, &hash, &base, by, result, now);
        self.repo.suites.push(suite);
        hash
    }

    /// Closes it; of an issue with a reason.
    pub fn close(&mut self, number: u64, by: &str, reason: Option<&str>) {
        self.wait(1);
        self.pull(number).closed = Some(self.now);
        self.event(number, "closed", by, json!({"state_reason": reason}));
    }

    /// Opens it again.
    pub fn reopen(&mut self, number: u64, by: &str) {
        self.wait(1);
        self.pull(number).closed = None;
        self.event(number, "reopened", by, json!({"state_reason": null}));
    }

    /// Something else happens.
    pub fn event(&mut self, number: u64, kind: &str, actor: &str, more: Value) {
        let event = Event {
            at: self.now,
            kind: kind.to_owned(),
            actor: actor.to_owned(),
            more,
        };
        self.pull(number).events.push(event);
        self.touch(number);
    }

    /// An account is deleted: nobody is named in its place.
    pub fn delete(&mut self, login: &str) {
        self.gone.push(login.to_owned());
    }

    /// Protects a branch in the older way.
    pub fn protect(&mut self, branch: &str, approvals: i64, checks: &[&str]) {
        let classic = rules::protection(&self.name, branch, approvals, checks);
        self.branch(branch).classic = Some(classic);
    }

    /// Protects a branch by a set of rules.
    pub fn rule(&mut self, branch: &str, approvals: i64, checks: &[&str]) {
        let all = rules::rules(&self.name, approvals, checks);
        self.branch(branch).rules = all;
    }

    /// A branch, made where it is not there.
    pub fn branch(&mut self, branch: &str) -> &mut Branch {
        self.repo.branches.entry(branch.to_owned()).or_default()
    }

    fn next(&mut self) -> u64 {
        self.wait(60);
        let last = self.repo.pulls.keys().next_back();
        last.copied().unwrap_or(0) + 1
    }

    fn touch(&mut self, number: u64) {
        let now = self.now;
        self.pull(number).updated = now;
    }
}

impl Event {
    /// As the API has it.
    pub(super) fn json(&self, hub: &Hub, id: u64) -> Value {
        let mut event = json!({
            "id": id, "node_id": format!("EV_{id}"), "url": format!("https://api.github.com/repos/{}/issues/events/{id}", hub.name),
            "actor": shapes::user(hub, &self.actor), "event": self.kind, "commit_id": null, "commit_url": null,
            "created_at": time(self.at), "performed_via_github_app": null,
        });
        if let (Some(all), Some(more)) = (event.as_object_mut(), self.more.as_object()) {
            all.extend(more.clone());
        }
        event
    }
}
