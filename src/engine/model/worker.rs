//! The worker of the model: it carries out what `executor::next` says, with a journal that obeys the same conditions as the real one.

use serde_json::json;

use super::okta::{Fate, Okta, Reply, assignment};
use crate::domain::account::{AccountState, Problem, ProblemCode};
use crate::domain::link::{Candidate, LinkReason};
use crate::domain::mapping::{LOGIN, OktaProfile};
use crate::domain::okta_role::RoleType;
use crate::domain::plan::{
    AppOptions, AssignmentWish, Desired, DirectoryStatus, GrantedRole, Known, KnownAccount, Lookup,
    NeedsRead, Now, Operation, OperationKind, Plan, Refusal, RoleKnowledge, Settings, Step,
};
use crate::domain::resolve::{
    Applied, Read, Reading, ResolutionTimes, Seen, SeenUser, late, read_for,
};
use crate::engine::execute::record_proof;
use crate::engine::executor::{Moment, Next, Open, next};
use crate::engine::frozen::Frozen;
use crate::engine::lag;
use crate::engine::pass::Memory;
use crate::engine::recheck::{differs, is_telling, note};
use crate::store::account_links::{Link, StoredCandidate};

/// Pause after a failure that may pass, milliseconds.
const BACKOFF_MS: i64 = 1_500;
/// As in `recheck`.
const SLACK_MS: i64 = 60_000;

/// A change of what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    Title(u8),
    Login(u8),
    Active(bool),
    Assigned(bool),
    Role(Option<RoleType>),
    /// Somebody makes an account in Okta under the wanted login.
    Stranger,
}

/// Where the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crash {
    BeforeIntent,
    AfterIntent,
    Sent,
    Answered,
    Recorded,
}

/// One step of a schedule.
#[derive(Debug, Clone)]
pub(super) struct Beat {
    /// Before the step.
    pub(super) edit: Option<Edit>,
    /// Between plan and intent.
    pub(super) edit_meanwhile: Option<Edit>,
    /// What becomes of the request, should one be sent.
    pub(super) fate: Fate,
    /// Whether a read fails, and how far behind it is, milliseconds.
    pub(super) read_fails: bool,
    pub(super) lag_ms: i64,
    pub(super) crash: Option<Crash>,
    /// What passes before the step, milliseconds.
    pub(super) pause_ms: i64,
}

#[derive(Debug)]
pub(super) struct Wish {
    pub(super) active: bool,
    pub(super) assigned: bool,
    pub(super) role: Option<RoleType>,
    title: u8,
    login: u8,
    stamp: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Sent,
    Done,
    Refused,
    NoEffect,
}

#[derive(Debug)]
struct Row {
    frozen: Frozen,
    generation: i64,
    status: Status,
    sent_at: i64,
    attempt: u32,
    epoch: i64,
    readings: Vec<Reading>,
    resolved_at: i64,
}

pub(super) struct Worker {
    pub(super) okta: Okta,
    pub(super) wish: Wish,
    pub(super) link: Link,
    pub(super) state: AccountState,
    pub(super) edits: usize,
    times: ResolutionTimes,
    with_mail: bool,
    generation: i64,
    due: Option<i64>,
    rows: Vec<Row>,
    memory: Memory,
    epoch: i64,
}

/// Whether the pass goes on.
type Done = bool;

impl Worker {
    pub(super) fn new(with_mail: bool) -> Self {
        Self {
            okta: Okta::at(1_000_000),
            wish: Wish {
                active: true,
                assigned: true,
                role: None,
                title: 0,
                login: 0,
                stamp: 1,
            },
            link: Link {
                account: None,
                candidate: None,
                confirmation: None,
                refusals: Vec::new(),
                recheck_at: None,
            },
            state: AccountState::Pending,
            edits: 1,
            times: ResolutionTimes {
                // One clock here; and the schedules are quicker than any Okta.
                clock_tolerance_ms: 0,
                ..ResolutionTimes::default()
            },
            with_mail,
            generation: 1,
            due: Some(0),
            rows: Vec::new(),
            memory: Memory::default(),
            epoch: 1,
        }
    }

    pub(super) fn profile(&self) -> OktaProfile {
        let login = format!("ann{}@x.org", self.wish.login);
        let json = json!({ "login": login, "email": login, "firstName": "Ann", "lastName": "Lee",
            "title": format!("t{}", self.wish.title) });
        json.as_object().cloned().unwrap_or_default()
    }

    pub(super) fn desired(&self) -> Desired {
        let user = match self.wish.active {
            true => DirectoryStatus::Active,
            false => DirectoryStatus::Inactive,
        };
        let role = self.wish.role;
        Desired {
            user,
            assignment: self.wish.assigned.then_some(AssignmentWish { role }),
            profile: Ok(self.profile()),
            settings: Settings {
                create_users: true,
                update_user_profile: true,
                delete_users: true,
                activate_and_deactivate_users: true,
            },
            options: AppOptions {
                send_activation_email: self.with_mail,
                deletion_delay_ms: 0,
            },
            activation_stamp: self.wish.stamp,
            release_only: false,
        }
    }

    pub(super) fn known(&self) -> Known {
        Known {
            account: self.link.account.clone(),
            lookup: Lookup::NotLookedUp,
            confirmation: None,
            refusals: self.link.refusals.clone(),
            denied: Default::default(),
            now: Now::at(self.okta.now),
        }
    }

    /// Whether nothing is left to do.
    pub(super) fn is_quiet(&self) -> bool {
        self.due.is_none() && self.okta.next_landing().is_none()
    }

    /// Lets time pass until something is to be done.
    pub(super) fn skip(&mut self) {
        let next = [self.due, self.okta.next_landing()].into_iter().flatten();
        if let Some(next) = next.min() {
            self.okta.advance(next);
        }
    }

    pub(super) fn edit(&mut self, edit: Edit) {
        let wish = &mut self.wish;
        match edit {
            Edit::Title(title) => wish.title = title,
            Edit::Login(login) => wish.login = login,
            Edit::Active(active) => {
                wish.stamp += i64::from(active && !wish.active);
                wish.active = active;
            }
            Edit::Assigned(assigned) => {
                wish.stamp += i64::from(assigned && !wish.assigned);
                wish.assigned = assigned;
            }
            Edit::Role(role) => wish.role = role,
            Edit::Stranger => {
                let mut profile = self.profile();
                profile.insert("email".into(), json!("else@x.org"));
                self.okta.stranger(profile);
                return;
            }
        }
        self.edits += 1;
        self.raise();
    }

    fn raise(&mut self) {
        self.generation += 1;
        self.link.refusals.clear();
        self.due = Some(self.okta.now);
    }

    /// One step of the worker.
    pub(super) fn step(&mut self, beat: &Beat) {
        self.okta.advance(self.okta.now + 1 + beat.pause_ms);
        if let Some(edit) = beat.edit {
            self.edit(edit);
        }
        if self.due.is_none_or(|due| due > self.okta.now) {
            return;
        }
        if self.carry_on(beat) {
            self.memory = Memory::default();
        }
        if let Some(account) = &mut self.link.account {
            account.age();
        }
    }

    fn crash(&mut self) -> Done {
        self.epoch += 1;
        self.due = Some(self.okta.now);
        true
    }

    fn carry_on(&mut self, beat: &Beat) -> Done {
        let (desired, mut known) = (self.desired(), self.known());
        self.memory.remember(&desired, &self.link, &mut known);
        let open = self.rows.iter().rposition(|row| row.status == Status::Sent);
        let request = open
            .and_then(|row| self.rows.get(row))
            .map(|row| row.frozen.request(row.sent_at));
        let moment = Moment {
            desired: &desired,
            known: &known,
            generation: self.generation,
            open: match (open.and_then(|row| self.rows.get(row)), &request) {
                (Some(row), Some(request)) => Some(Open {
                    request,
                    readings: &row.readings,
                    generation: row.generation,
                }),
                _ => None,
            },
            recheck_at: self.link.recheck_at,
            now: self.okta.now,
            okta_now: Some(self.okta.now),
            times: &self.times,
        };
        let step = next(&moment);
        if let Some(edit) = beat.edit_meanwhile {
            self.edit(edit);
        }
        let planned = self.generation - i64::from(is_raised(beat.edit_meanwhile));
        match (step, open) {
            (Next::KeepChecking { at, .. }, _) => self.stand(planned, AccountState::Checking, at),
            (Next::Look(read), Some(row)) => self.look(row, &read, beat),
            (Next::Applied(proof), Some(row)) => self.applied(row, proof),
            (Next::UserGone, Some(row)) => self.gone(row),
            (Next::Suspect(user), Some(row)) => self.suspect(row, *user),
            (
                Next::SendAgain {
                    without_email,
                    recheck_at,
                },
                Some(row),
            ) => self.send_again(row, planned, without_email, recheck_at, beat),
            (Next::PlanAgain { recheck_at }, Some(row)) => self.plan_again(row, recheck_at),
            (Next::Recheck, _) => self.recheck(beat),
            (Next::Plan(plan), _) => self.follow(&plan, planned, beat),
            (step, None) => unreachable!("{step:?} without an open row"),
        }
    }

    fn follow(&mut self, plan: &Plan, planned: i64, beat: &Beat) -> Done {
        match plan.next() {
            Some(Step::Read(read)) => self.read(read, beat),
            Some(Step::Do(operation)) => self.operate(operation, planned, beat),
            None => {
                let applied = plan.settlement.activation_applied;
                if let (Some(account), Some(stamp)) = (&mut self.link.account, applied) {
                    account.activation_applied = account.activation_applied.max(stamp);
                }
                self.settle(planned, plan.settlement.state)
            }
        }
    }

    fn stand(&mut self, planned: i64, state: AccountState, due: i64) -> Done {
        if planned != self.generation {
            return false;
        }
        self.state = state;
        self.due = Some(due);
        true
    }

    fn settle(&mut self, planned: i64, state: AccountState) -> Done {
        if state == AccountState::Waiting {
            return self.stand(planned, state, self.okta.now + BACKOFF_MS);
        }
        if planned != self.generation {
            return false;
        }
        self.state = state;
        self.due = self.link.recheck_at;
        true
    }

    fn fails(&mut self) -> Done {
        self.due = Some(self.okta.now + BACKOFF_MS);
        true
    }

    fn look(&mut self, row: usize, read: &Read, beat: &Beat) -> Done {
        if beat.read_fails {
            return self.fails();
        }
        let seen = self.okta.read(read, beat.lag_ms);
        if beat.crash.is_some() {
            return self.crash();
        }
        let at = self.okta.now;
        self.rows[row].readings.push(Reading { at, seen });
        false
    }

    fn close(&mut self, row: usize, status: Status) -> Frozen {
        let row = &mut self.rows[row];
        row.status = status;
        row.resolved_at = self.okta.now;
        self.memory.forget_what_changed(row.frozen.kind);
        row.frozen.clone()
    }

    fn applied(&mut self, row: usize, proof: Applied) -> Done {
        let taken_over = self.rows[row].epoch != self.epoch;
        let frozen = self.close(row, Status::Done);
        record_proof(&mut self.link, &frozen, proof);
        if taken_over {
            self.link.recheck_at = Some(self.times.recheck_at(self.okta.now));
        }
        false
    }

    fn gone(&mut self, row: usize) -> Done {
        self.close(row, Status::NoEffect);
        self.record_gone();
        false
    }

    fn record_gone(&mut self) {
        self.memory.listed = None;
        if let Some(account) = &mut self.link.account {
            account.record_gone();
        }
    }

    fn suspect(&mut self, row: usize, user: SeenUser) -> Done {
        let login = self.rows[row].frozen.login.clone().unwrap_or_default();
        self.found(&login, user, vec![LinkReason::MadeByOthers]);
        self.close(row, Status::NoEffect);
        false
    }

    fn plan_again(&mut self, row: usize, recheck_at: i64) -> Done {
        self.close(row, Status::NoEffect);
        self.link.recheck_at = Some(recheck_at);
        let last = self.rows[row].readings.last().cloned();
        if let (Some(account), Some(last)) = (&mut self.link.account, last) {
            match last.seen {
                Seen::User(user) if user.okta_id == account.okta_id => {
                    account.see_user(user.status, false, user.profile);
                }
                Seen::Roles(roles) => account.see_roles(&roles),
                _ => {}
            }
        }
        false
    }

    fn send_again(
        &mut self,
        row: usize,
        planned: i64,
        without_email: bool,
        recheck_at: i64,
        beat: &Beat,
    ) -> Done {
        if planned != self.generation {
            return false;
        }
        if self.okta.has_landed_or_may(row) {
            let kind = self.rows[row].frozen.kind;
            self.okta
                .crimes
                .push(format!("{kind} was repeated blindly"));
        }
        let (now, epoch) = (self.okta.now, self.epoch);
        let open = &mut self.rows[row];
        open.frozen.first_sent_okta.get_or_insert(open.sent_at);
        if without_email {
            open.frozen.send_email = Some(false);
        }
        open.attempt += 1;
        open.epoch = epoch;
        open.sent_at = now;
        open.readings.clear();
        self.link.recheck_at = Some(recheck_at);
        self.transmit(row, beat)
    }

    fn read(&mut self, read: &NeedsRead, beat: &Beat) -> Done {
        if beat.read_fails {
            return self.fails();
        }
        match read {
            NeedsRead::User { okta_id } => self.read_user(okta_id, beat),
            NeedsRead::Roles { okta_id } => self.read_roles(okta_id, beat),
            NeedsRead::LoginLookup { login } => {
                match self
                    .okta
                    .read(&Read::UserByLogin(login.clone()), beat.lag_ms)
                {
                    Seen::User(user) => self.found(login, *user, Vec::new()),
                    _ => {
                        let refused = self.memory.refused_create.take();
                        let lookup = match refused {
                            Some(_) => Lookup::TakenButNoneFound,
                            None => Lookup::NoneFound,
                        };
                        self.memory.lookup = Some((login.clone(), lookup));
                        self.link.candidate = None;
                    }
                }
                false
            }
        }
    }

    /// As `lag::caught_up_at`; the account waits when it is behind.
    fn is_behind(&mut self, seen: &Seen) -> bool {
        let since = self.okta.now - self.times.negative_gap_ms;
        let done: Vec<lag::Done> = self
            .rows
            .iter()
            .rev()
            .filter(|row| row.status == Status::Done && row.resolved_at > since)
            .map(|row| lag::Done {
                frozen: row.frozen.clone(),
                sent_at: row.sent_at,
                known_at: row.resolved_at,
            })
            .collect();
        let caught_up = lag::behind(&done, self.granted(), seen, &self.times);
        self.due = caught_up.or(self.due);
        caught_up.is_some()
    }

    fn read_user(&mut self, id: &str, beat: &Beat) -> Done {
        let seen = self.okta.read(&Read::UserById(id.to_owned()), beat.lag_ms);
        if self.is_behind(&seen) {
            return true;
        }
        match seen {
            Seen::User(user) => {
                self.memory.status_fresh = true;
                if let Some(account) = &mut self.link.account {
                    account.see_user(user.status, false, user.profile);
                }
            }
            _ => self.record_gone(),
        }
        false
    }

    fn read_roles(&mut self, id: &str, beat: &Beat) -> Done {
        let is_linked = self
            .link
            .account
            .as_ref()
            .is_some_and(|account| account.okta_id == id);
        let seen = self.okta.read(&Read::Roles(id.to_owned()), beat.lag_ms);
        if is_linked && self.is_behind(&seen) {
            return true;
        }
        match seen {
            Seen::Roles(roles) => {
                let listed = roles.iter().map(assignment).collect();
                self.memory.listed = Some((id.to_owned(), listed));
                if let (true, Some(account)) = (is_linked, &mut self.link.account) {
                    account.see_roles(&roles);
                } else if let Some((_, Lookup::Found(candidate))) = &mut self.memory.lookup {
                    candidate.roles = Some(roles);
                }
            }
            _ if is_linked => self.record_gone(),
            _ => {
                self.memory.lookup = None;
                self.link.candidate = None;
            }
        }
        false
    }

    fn found(&mut self, login: &str, user: SeenUser, mut suspicions: Vec<LinkReason>) {
        if let Some(earlier) = &self.link.candidate
            && earlier.okta_id == user.okta_id
        {
            suspicions.extend(earlier.suspicions.iter().copied());
        }
        self.link.candidate = Some(StoredCandidate {
            login: login.to_owned(),
            okta_id: user.okta_id.clone(),
            suspicions: suspicions.clone(),
        });
        let candidate = Candidate {
            okta_id: user.okta_id,
            status: user.status,
            profile: user.profile,
            roles: None,
            known_elsewhere: None,
            suspicions,
        };
        self.memory.lookup = Some((login.to_owned(), Lookup::Found(Box::new(candidate))));
    }

    fn operate(&mut self, operation: &Operation, planned: i64, beat: &Beat) -> Done {
        let okta_id = self
            .link
            .account
            .as_ref()
            .map(|account| account.okta_id.clone());
        if !operation.kind().calls_okta() {
            return self.without_call(operation, planned);
        }
        let mut assigned = None;
        if let (Operation::RevokeRole { role }, Some(id)) = (operation, &okta_id) {
            let Some((_, listed)) = self.memory.listed.as_ref().filter(|(of, _)| of == id) else {
                return self.read_roles(id, beat);
            };
            let granted = self
                .link
                .account
                .as_ref()
                .and_then(|account| account.roles.granted);
            assigned = listed
                .iter()
                .find(|held| {
                    held.kind == role.as_str()
                        && granted.is_some_and(|given| given.is(&crate::engine::seen::role(held)))
                })
                .map(|held| held.id.clone());
            if assigned.is_none() {
                if let Some(account) = &mut self.link.account {
                    account.roles.granted = None;
                }
                return false;
            }
        }
        let okta_id = okta_id.filter(|_| operation.kind() != OperationKind::Create);
        let frozen = Frozen::of(operation, okta_id.as_deref(), assigned.as_deref());
        if beat.crash == Some(Crash::BeforeIntent) {
            return self.crash();
        }
        if planned != self.generation {
            return false;
        }
        assert!(self.rows.iter().all(|row| row.status != Status::Sent));
        self.rows.push(Row {
            frozen,
            generation: planned,
            status: Status::Sent,
            sent_at: self.okta.now,
            attempt: 1,
            epoch: self.epoch,
            readings: Vec::new(),
            resolved_at: 0,
        });
        self.transmit(self.rows.len() - 1, beat)
    }

    fn without_call(&mut self, operation: &Operation, planned: i64) -> Done {
        if planned != self.generation {
            return false;
        }
        if let Operation::Link { .. } = operation {
            if let Some((_, Lookup::Found(candidate))) = self.memory.lookup.take() {
                self.link.account = Some(KnownAccount::linked(&candidate, false, false));
                self.link.candidate = None;
            }
        } else if let Some(account) = &mut self.link.account {
            account.record(operation);
        }
        false
    }

    /// Sends the committed request.
    fn transmit(&mut self, row: usize, beat: &Beat) -> Done {
        if beat.crash == Some(Crash::AfterIntent) {
            return self.crash();
        }
        let frozen = self.rows[row].frozen.clone();
        let reply = self.okta.send(row, &frozen, beat.fate);
        if matches!(beat.crash, Some(Crash::Sent | Crash::Answered)) {
            return self.crash();
        }
        let done = self.conclude(row, &frozen, reply, beat);
        match beat.crash {
            Some(Crash::Recorded) => self.crash(),
            _ => done,
        }
    }

    /// As `outcome::conclude`.
    fn conclude(&mut self, row: usize, frozen: &Frozen, reply: Reply, beat: &Beat) -> Done {
        let kind = frozen.kind;
        let again = self.rows[row].attempt > 1;
        match reply {
            Reply::Unknown => {
                self.memory.forget_what_changed(kind);
                false
            }
            Reply::LoginTaken if again => {
                self.memory.forget_what_changed(kind);
                false
            }
            Reply::Stale if self.rows[row].attempt == 2 && is_done_once(kind) => {
                self.memory.forget_what_changed(kind);
                false
            }
            Reply::User(user) => {
                self.close(row, Status::Done);
                record_proof(&mut self.link, frozen, Applied::User(Box::new(user)));
                false
            }
            Reply::Role(role) => {
                self.close(row, Status::Done);
                record_proof(&mut self.link, frozen, Applied::RoleGranted(role));
                false
            }
            Reply::Done | Reply::AlreadySo => {
                self.close(row, Status::Done);
                if let (Some(account), Some(operation)) =
                    (&mut self.link.account, frozen.operation())
                {
                    account.record(&operation);
                }
                false
            }
            Reply::NotSent => {
                self.close(row, Status::Refused);
                self.fails()
            }
            Reply::Gone => {
                let status = match kind {
                    OperationKind::Delete => Status::Done,
                    _ => Status::Refused,
                };
                self.close(row, status);
                self.record_gone();
                false
            }
            Reply::LoginTaken => {
                let problem = Problem::new(ProblemCode::RejectedByOkta);
                self.close(row, Status::Refused);
                self.memory.refused_create = Some((true, problem));
                let login = frozen.login.clone().unwrap_or_default();
                self.memory.lookup = Some((login, Lookup::LoginTaken));
                false
            }
            Reply::Stale if self.memory.read_after.insert(kind) => self.stale(row, kind, beat),
            Reply::Stale | Reply::Rejected => {
                self.close(row, Status::Refused);
                let problem = Problem::new(ProblemCode::RejectedByOkta);
                if self.rows[row].generation == self.generation {
                    self.link.refusals.push(Refusal { kind, problem });
                }
                false
            }
        }
    }

    fn stale(&mut self, row: usize, kind: OperationKind, beat: &Beat) -> Done {
        self.close(row, Status::Refused);
        let about_roles = matches!(kind, OperationKind::GrantRole | OperationKind::RevokeRole);
        let Some(account) = &mut self.link.account else {
            return false;
        };
        let id = account.okta_id.clone();
        if about_roles {
            account.roles.knowledge = RoleKnowledge::Unknown;
        }
        if beat.read_fails {
            return self.fails();
        }
        match about_roles {
            true => self.read_roles(&id, beat),
            false => self.read_user(&id, beat),
        }
    }

    /// As `recheck`.
    fn recheck(&mut self, beat: &Beat) -> Done {
        if beat.read_fails {
            return self.fails();
        }
        let at = self.link.recheck_at.unwrap_or(self.okta.now);
        let since = at - self.times.recheck_after_ms - SLACK_MS;
        let landed = self
            .rows
            .iter()
            .rev()
            .filter(|row| row.status == Status::NoEffect && row.resolved_at >= since)
            .take(5)
            .filter(|row| is_telling(&row.frozen, self.link.account.as_ref()))
            .find_map(|row| {
                let request = row.frozen.request(row.sent_at);
                let seen = self.okta.read(&read_for(&request), beat.lag_ms);
                let proof = late(&request, &seen, &self.times)?;
                Some((row.frozen.clone(), proof))
            });
        let linked = self.link.account.clone();
        match linked.filter(|account| account.status.as_str() != "DELETED") {
            Some(known) => self.recheck_linked(&known, landed, beat),
            None => self.recheck_unlinked(landed, beat),
        }
    }

    fn recheck_linked(
        &mut self,
        known: &KnownAccount,
        landed: Option<(Frozen, Applied)>,
        beat: &Beat,
    ) -> Done {
        let read = Read::UserById(known.okta_id.clone());
        let seen = self.okta.read(&read, beat.lag_ms);
        if self.is_behind(&seen) {
            return true;
        }
        self.link.recheck_at = None;
        let user = match seen {
            Seen::User(user) => Some(*user),
            _ => None,
        };
        let landed = landed.filter(|(frozen, _)| frozen.kind != OperationKind::Create);
        let differs = landed.is_some() || user.as_ref().is_none_or(|user| differs(known, user));
        self.memory.status_fresh = true;
        if let Some(account) = &mut self.link.account {
            note(account, user, differs);
        }
        if let Some((frozen, proof)) = landed {
            record_proof(&mut self.link, &frozen, proof);
        }
        if differs {
            self.raise();
        }
        false
    }

    fn recheck_unlinked(&mut self, landed: Option<(Frozen, Applied)>, beat: &Beat) -> Done {
        self.link.recheck_at = None;
        if let Some((frozen, proof @ Applied::User(_))) = landed {
            self.memory.lookup = None;
            self.memory.forget_what_changed(OperationKind::Create);
            record_proof(&mut self.link, &frozen, proof);
            self.raise();
            return false;
        }
        let login = self
            .profile()
            .get(LOGIN)
            .and_then(|login| login.as_str().map(str::to_owned));
        let login = login.unwrap_or_default();
        if let Seen::User(user) = self
            .okta
            .read(&Read::UserByLogin(login.clone()), beat.lag_ms)
        {
            self.found(&login, *user, Vec::new());
            self.raise();
        }
        false
    }

    /// The role that we believe to have given.
    pub(super) fn granted(&self) -> Option<GrantedRole> {
        self.link
            .account
            .as_ref()
            .and_then(|account| account.roles.granted)
    }

    /// The journal, for somebody who wonders.
    pub(super) fn journal(&self) -> Vec<String> {
        let line = |row: &Row| {
            format!(
                "{} g{} {:?} sent {} x{} reads {:?}",
                row.frozen.kind,
                row.generation,
                row.status,
                row.sent_at,
                row.attempt,
                row.readings
                    .iter()
                    .map(|reading| reading.at)
                    .collect::<Vec<_>>()
            )
        };
        self.rows.iter().map(line).collect()
    }
}

fn is_raised(edit: Option<Edit>) -> bool {
    edit.is_some_and(|edit| edit != Edit::Stranger)
}

/// As in `outcome`.
fn is_done_once(kind: OperationKind) -> bool {
    matches!(kind, OperationKind::GrantRole | OperationKind::Deactivate)
}
