//! The daemon's mind: what is scanned now, what waits, and what comes of it. It waits for nothing itself and has no
//! clock: the loop around it tells it what happened, and when.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use plimsoll_kit::Clock;
use plimsoll_model::Text;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::asking::Asking;
use super::book::Book;
use super::crew::{self, Done, End, Errand};
use super::remember::remember;
use super::render::Rendering;
use super::say::say;
use super::{Answer, Duty, Event, metrics};
use crate::scan::Stop;
use crate::schedule::{LONGEST_WAIT, Plan, Timing};

/// How long after its deadline a scan may still take to be judged and stored before its place goes to another.
const GRACE: Duration = Duration::from_secs(120);
/// More scans than that are not kept waiting for who asks.
const MOST_ASKED: usize = 64;

const STOPPING: &str = "the daemon is stopping";

/// The daemon's mind.
pub(super) struct Keeper {
    duty: Arc<Duty>,
    clock: Clock,
    stop: Stop,
    events: UnboundedSender<Event>,
    plan: Plan,
    pub(super) book: Book,
    queue: VecDeque<Job>,
    running: Vec<Running>,
    number: u64,
    asking: Asking,
    stops: bool,
    ticked: Timestamp,
    pub(super) grace: Duration,
}

/// A scan that waits for its turn.
struct Job {
    sources: Vec<Text>,
    asked: Option<Asked>,
    /// Who asked for the same meanwhile.
    joined: Vec<oneshot::Sender<Answer>>,
    /// Whether it is for what another scan saw.
    asking: bool,
}

/// Who waits for a scan, and how they want its report.
pub(super) struct Asked {
    pub(super) rendering: Rendering,
    pub(super) reply: oneshot::Sender<Answer>,
}

/// A scan that runs.
struct Running {
    number: u64,
    sources: Vec<Text>,
    /// How long it has before it counts as hanging.
    left: Duration,
    hangs: bool,
    /// Whether it is for what another scan saw.
    asking: bool,
    replies: Vec<oneshot::Sender<Answer>>,
}

impl Job {
    /// Says to all who wait for it what becomes of it.
    fn answer(self, answer: &Answer) {
        let first = self.asked.map(|asked| asked.reply);
        tell(first.into_iter().chain(self.joined), answer);
    }
}

fn tell(replies: impl IntoIterator<Item = oneshot::Sender<Answer>>, answer: &Answer) {
    for reply in replies {
        // Who asked may have gone.
        let _ = reply.send(answer.clone());
    }
}

impl Keeper {
    pub(super) fn new(
        duty: Arc<Duty>,
        clock: Clock,
        stop: Stop,
        events: UnboundedSender<Event>,
    ) -> Self {
        let now = clock();
        let mut keeper = Self {
            book: Book::new(now),
            plan: Plan::default(),
            queue: VecDeque::new(),
            running: Vec::new(),
            number: 0,
            asking: Asking::default(),
            stops: false,
            ticked: now,
            grace: GRACE + duty.config.store.busy_timeout,
            duty,
            clock,
            stop,
            events,
        };
        let remembered = remember(&keeper.duty, &mut keeper.book);
        if let Err(error) = &remembered {
            tracing::warn!("what was scanned before is not known: {error}");
        }
        let remembered = remembered.unwrap_or_default();
        let sources = timings(&keeper.duty).map(|(name, timing)| {
            let tried = remembered.iter().find(|(known, _)| *known == name);
            let tried = tried.and_then(|(_, tried)| *tried);
            (name, timing, tried)
        });
        keeper.plan = Plan::new(sources);
        let names: Vec<Text> = keeper.plan.sources().cloned().collect();
        keeper.book.keep(&names);
        keeper
    }

    /// Begins what is due and has room.
    pub(super) fn tick(&mut self, now: Timestamp) {
        let due = self.plan.due(now);
        for source in due.skipped {
            tracing::warn!(%source, "still being scanned: this run of it is left out");
            self.book.page(&source).count("skipped");
        }
        self.line_up(due.now);
        if self.asking.tick(now) && !self.stops {
            self.ask_the_trackers();
        }
        self.mind_hangs(now);
        self.start(now);
    }

    /// Has every source scanned that is not being scanned already.
    pub(super) fn scan_all(&mut self) {
        let idle = self.plan.sources().filter(|one| !self.plan.is_running(one));
        let idle: Vec<Text> = idle.cloned().collect();
        self.line_up(idle);
    }

    /// Has some sources scanned together, all of them where none is named, for somebody who waits for the report.
    pub(super) fn ask(&mut self, names: &[String], asked: Asked) {
        let known: BTreeSet<&Text> = self.plan.sources().collect();
        let strange = names
            .iter()
            .find(|name| known.iter().all(|one| **one != ***name));
        let refused = if self.stops {
            Some(Answer::Failed(STOPPING.to_owned()))
        } else if let Some(name) = strange {
            let known: Vec<&str> = known.iter().map(|one| one.as_str()).collect();
            let known = known.join(", ");
            Some(Answer::NoSuchSource(format!(
                "no source is named {name:?}: configured are {known}"
            )))
        } else if known.is_empty() {
            Some(Answer::Failed("no source is configured".to_owned()))
        } else if self.queue.iter().filter(|job| job.asked.is_some()).count() >= MOST_ASKED {
            Some(Answer::Busy(
                "too many scans were asked for and wait".to_owned(),
            ))
        } else {
            None
        };
        if let Some(refused) = refused {
            let _ = asked.reply.send(refused);
            return;
        }
        let wanted = |one: &&&Text| names.is_empty() || names.iter().any(|name| ****one == **name);
        let sources = known.iter().filter(wanted).map(|one| (*one).clone());
        let sources: Vec<Text> = sources.collect();
        // One that has not begun sees all that this one would.
        let same = |job: &&mut Job| {
            let first = job.asked.as_ref();
            job.sources == sources && first.is_some_and(|one| one.rendering == asked.rendering)
        };
        if let Some(job) = self.queue.iter_mut().find(same) {
            job.joined.push(asked.reply);
            return;
        }
        let job = Job {
            sources,
            asked: Some(asked),
            joined: Vec::new(),
            asking: false,
        };
        // Somebody waits for it.
        self.queue.push_front(job);
    }

    /// A scan is over.
    pub(super) fn done(&mut self, done: Done) {
        for source in &done.sources {
            self.plan.ended(source);
        }
        self.book.enter(&done);
        say(&done);
        let at = self
            .running
            .iter()
            .position(|one| one.number == done.number);
        let over = at.map(|at| self.running.swap_remove(at));
        if matches!(&done.end, End::Scanned(told) if told.waits_for_requests) {
            self.asking
                .want(over.as_ref().is_some_and(|one| one.asking));
        }
        let replies = over.map_or(Vec::new(), |one| one.replies);
        if !replies.is_empty() {
            let answer = match done.end {
                End::Scanned(told) => Answer::Scanned {
                    scan: told.scan,
                    outcome: told.outcome,
                    page: told.page.unwrap_or_default(),
                },
                End::Busy(why) => Answer::Busy(why),
                End::Failed(why) => Answer::Failed(why),
                End::Stopped => Answer::Failed(STOPPING.to_owned()),
                End::Panicked => Answer::Failed(
                    "the scan failed by a fault of plimsoll itself; please report it".to_owned(),
                ),
            };
            tell(replies, &answer);
        }
    }

    /// Nothing begins any more, and nobody waits for what would have.
    pub(super) fn stop(&mut self) {
        self.stops = true;
        for job in self.queue.drain(..) {
            job.answer(&Answer::Failed(STOPPING.to_owned()));
        }
    }

    /// Another configuration from now on. Scans that run go on with the one they began with.
    pub(super) fn take(&mut self, duty: Arc<Duty>) {
        self.duty = duty;
        // One that comes is scanned at once.
        self.plan.replace(timings(&self.duty), |_| None);
        let names: Vec<Text> = self.plan.sources().cloned().collect();
        self.book.keep(&names);
        for job in &mut self.queue {
            job.sources.retain(|source| names.contains(source));
        }
        self.queue.retain(|job| !job.sources.is_empty());
    }

    /// How long to wait where nothing happens.
    pub(super) fn wait(&self, now: Timestamp) -> Duration {
        let queued = !self.queue.is_empty();
        let wait = self.plan.wait(now);
        let wait = wait.min(self.asking.wait(now).unwrap_or(wait));
        match wait {
            // What is due and lined up waits for a scan to end, which is an event.
            wait if queued && wait < Duration::from_secs(1) => Duration::from_secs(1),
            wait => wait,
        }
    }

    /// How many scans run, those that hang left out.
    pub(super) fn busy(&self) -> usize {
        self.running.iter().filter(|one| !one.hangs).count()
    }

    pub(super) fn duty(&self) -> &Arc<Duty> {
        &self.duty
    }

    /// Why the daemon is not ready; nothing where it is.
    pub(super) fn unready(&self, now: Timestamp) -> Vec<String> {
        let mut reasons = Vec::new();
        if let Some(why) = &self.book.failing {
            reasons.push(format!("the last scan could not be stored: {why}"));
        }
        for (source, page) in &self.book.sources {
            if page.hangs {
                reasons.push(format!("source {source} hangs beyond its deadline"));
            }
            let since = page.complete.unwrap_or(self.book.started);
            let timing = self.plan.timing(source);
            let stale_at = timing.and_then(|timing| timing.stale_at(since));
            if stale_at.is_some_and(|at| at <= now) {
                reasons.push(match page.complete {
                    Some(at) => format!("source {source} was last read completely at {at}"),
                    None => format!("source {source} has not been read completely"),
                });
            }
        }
        reasons
    }

    pub(super) fn metrics(&self, now: Timestamp) -> String {
        metrics::write(&self.book, &self.plan, now)
    }

    /// Has the sources of change requests read for what a scan saw, since nobody is told of it before.
    fn ask_the_trackers(&mut self) {
        let config = &self.duty.config;
        let trackers = config.sources.iter();
        let trackers = trackers.filter(|source| config.holds_requests(source));
        let names = trackers.map(|source| source.name.clone()).collect();
        self.line_up_for(names, true);
    }

    fn line_up(&mut self, sources: Vec<Text>) {
        self.line_up_for(sources, false);
    }

    fn line_up_for(&mut self, mut sources: Vec<Text>, asking: bool) {
        let waits: BTreeSet<Text> = self
            .queue
            .iter()
            .filter(|job| job.asked.is_none())
            .flat_map(|job| job.sources.iter().cloned())
            .collect();
        sources.retain(|source| !waits.contains(source));
        // Requests last, so that a change of the same moment meets its approval.
        let config = &self.duty.config;
        let holds_requests = |name: &Text| {
            let mut all = config.sources.iter();
            all.any(|one| one.name == *name && config.holds_requests(one))
        };
        sources.sort_by_cached_key(holds_requests);
        let job = |source| Job {
            sources: vec![source],
            asked: None,
            joined: Vec::new(),
            asking,
        };
        self.queue.extend(sources.into_iter().map(job));
    }

    /// Begins as many as there is room for. Those whose sources are being scanned stay where they are, and what came later
    /// does not get ahead of them at a source.
    fn start(&mut self, now: Timestamp) {
        let mut claimed = BTreeSet::new();
        let mut at = 0;
        while self.busy() < self.duty.config.scan.concurrency {
            let Some(job) = self.queue.get(at) else {
                return;
            };
            let taken = |one: &Text| self.plan.is_running(one) || claimed.contains(one);
            if job.sources.iter().any(taken) {
                claimed.extend(job.sources.iter().cloned());
                at += 1;
            } else if let Some(job) = self.queue.remove(at) {
                self.begin(job, now);
            }
        }
    }

    fn begin(&mut self, job: Job, now: Timestamp) {
        self.number += 1;
        let number = self.number;
        for source in &job.sources {
            self.plan.begun(source, now);
        }
        let mut replies = job.joined;
        let rendering = job.asked.map(|asked| {
            replies.push(asked.reply);
            asked.rendering
        });
        self.running.push(Running {
            number,
            sources: job.sources.clone(),
            left: self.longest(&job.sources),
            hangs: false,
            asking: job.asking,
            replies,
        });
        tracing::debug!(sources = ?job.sources, "scanning");
        let errand = Errand {
            number,
            sources: job.sources.clone(),
            rendering,
        };
        let (duty, clock) = (Arc::clone(&self.duty), Arc::clone(&self.clock));
        let sent = crew::send(errand, duty, clock, self.stop.clone(), self.events.clone());
        if let Err(error) = sent {
            self.done(Done {
                number,
                sources: job.sources,
                took: Duration::ZERO,
                calls: Default::default(),
                end: End::Failed(format!("the system has no thread for a scan: {error}")),
            });
        }
    }

    /// How long a scan of some sources may take in all.
    fn longest(&self, sources: &[Text]) -> Duration {
        let deadlines = sources.iter().filter_map(|source| self.plan.timing(source));
        let deadlines = deadlines.map(|timing| timing.deadline);
        deadlines.sum::<Duration>() + self.grace
    }

    /// Gives the places of scans that hang to others. Their sources stay taken.
    fn mind_hangs(&mut self, now: Timestamp) {
        // What the clock says beyond the longest wait between two looks is of its being set, or of a machine that slept.
        let passed = Duration::try_from(now.duration_since(self.ticked)).unwrap_or(Duration::ZERO);
        let passed = passed.min(LONGEST_WAIT);
        self.ticked = now;
        for one in self.running.iter_mut().filter(|one| !one.hangs) {
            one.left = one.left.saturating_sub(passed);
            if !one.left.is_zero() {
                continue;
            }
            one.hangs = true;
            for source in &one.sources {
                tracing::error!(%source, "the scan hangs beyond its deadline and cannot be ended; other sources go on, and a restart frees this one");
                if let Some(page) = self.book.sources.get_mut(source) {
                    page.hangs = true;
                    page.count("hung");
                }
            }
            let why = "the scan hangs beyond its deadline".to_owned();
            tell(std::mem::take(&mut one.replies), &Answer::Failed(why));
        }
        // Nobody is kept waiting for what will not come.
        let book = &self.book;
        let hangs = |source: &Text| book.sources.get(source).is_some_and(|page| page.hangs);
        let (kept, lost): (VecDeque<Job>, VecDeque<Job>) = std::mem::take(&mut self.queue)
            .into_iter()
            .partition(|job| job.asked.is_none() || !job.sources.iter().any(hangs));
        self.queue = kept;
        for job in lost {
            let which = job.sources.iter().find(|one| hangs(one));
            let which = which.map_or("", Text::as_str);
            let why = format!(
                "a scan of source {which} hangs beyond its deadline: name the other sources, or restart the daemon"
            );
            job.answer(&Answer::Busy(why));
        }
    }
}

fn timings(duty: &Duty) -> impl Iterator<Item = (Text, Timing)> {
    let sources = duty.config.sources.iter();
    sources.map(|source| (source.name.clone(), source.timing.clone()))
}
