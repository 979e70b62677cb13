//! An Okta that loses answers, lets effects land late and shows the past, and remembers who caused what.

use chrono::DateTime;
use okta_client::{AssignmentType, RoleAssignment};
use serde_json::Value as Json;

use crate::domain::account::OktaStatus;
use crate::domain::directory::match_key;
use crate::domain::mapping::{LOGIN, OktaProfile, diff};
use crate::domain::plan::{ListedRole, OperationKind};
use crate::domain::resolve::{Read, Seen, SeenUser};
use crate::engine::frozen::Frozen;

/// How long Okta's past is kept, milliseconds: longer than any reading lags.
const PAST_MS: i64 = 15_000;

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Fine,
    /// It has its effect, and the answer is lost.
    LostAfter,
    /// It never arrives, and nobody knows.
    LostBefore,
    /// It has its effect so much later, and nobody knows.
    Late(i64),
    /// Okta was not reached, and that is known.
    NotSent,
}

/// What comes back.
#[derive(Debug)]
pub(super) enum Reply {
    User(SeenUser),
    Role(ListedRole),
    Done,
    LoginTaken,
    Stale,
    AlreadySo,
    Gone,
    Rejected,
    NotSent,
    Unknown,
}

#[derive(Debug, Clone)]
pub(super) struct OktaUser {
    pub(super) id: String,
    pub(super) status: OktaStatus,
    pub(super) profile: OktaProfile,
    pub(super) roles: Vec<ListedRole>,
    pub(super) created: i64,
    /// The last change.
    changed: i64,
    /// Whether our requests made it.
    pub(super) ours: bool,
}

/// A change that took place.
#[derive(Debug)]
pub(super) struct Effect {
    pub(super) kind: OperationKind,
    /// The row of the journal that caused it.
    pub(super) row: usize,
}

#[derive(Debug, Default)]
pub(super) struct Okta {
    pub(super) now: i64,
    pub(super) users: Vec<OktaUser>,
    past: Vec<(i64, Vec<OktaUser>)>,
    /// Requests that have yet to land.
    pending: Vec<(i64, usize, Frozen)>,
    pub(super) effects: Vec<Effect>,
    made: usize,
    /// What must never happen.
    pub(super) crimes: Vec<String>,
}

impl Okta {
    pub(super) fn at(now: i64) -> Self {
        Self {
            now,
            ..Self::default()
        }
    }

    pub(super) fn advance(&mut self, to: i64) {
        self.pending.sort_by_key(|(at, ..)| *at);
        while self.pending.first().is_some_and(|(at, ..)| *at <= to) {
            let (at, row, frozen) = self.pending.remove(0);
            self.now = self.now.max(at);
            self.apply(row, &frozen);
        }
        self.now = self.now.max(to);
        let oldest = self.now - PAST_MS;
        while self.past.get(1).is_some_and(|(at, _)| *at <= oldest) {
            self.past.remove(0);
        }
    }

    /// When the next request lands.
    pub(super) fn next_landing(&self) -> Option<i64> {
        self.pending.iter().map(|(at, ..)| *at).min()
    }

    /// Whether a row of the journal has had an effect or may still have one.
    pub(super) fn has_landed_or_may(&self, row: usize) -> bool {
        self.effects.iter().any(|effect| effect.row == row)
            || self.pending.iter().any(|(_, pending, _)| *pending == row)
    }

    pub(super) fn send(&mut self, row: usize, frozen: &Frozen, fate: Fate) -> Reply {
        match fate {
            Fate::NotSent => Reply::NotSent,
            Fate::LostBefore => Reply::Unknown,
            Fate::Late(ms) => {
                self.pending.push((self.now + ms, row, frozen.clone()));
                Reply::Unknown
            }
            Fate::LostAfter => {
                self.apply(row, frozen);
                Reply::Unknown
            }
            Fate::Fine => self.apply(row, frozen),
        }
    }

    fn apply(&mut self, row: usize, frozen: &Frozen) -> Reply {
        self.past.push((self.now, self.users.clone()));
        let effects = self.effects.len();
        let reply = match frozen.kind {
            OperationKind::Create => self.create(row, frozen),
            _ => self.change(row, frozen),
        };
        if self.effects.len() == effects {
            self.past.pop();
        }
        reply
    }

    fn create(&mut self, row: usize, frozen: &Frozen) -> Reply {
        let profile = frozen.profile();
        if self.holds(&profile).is_some() {
            return Reply::LoginTaken;
        }
        let status = match frozen.activate {
            Some(true) => OktaStatus::Provisioned,
            _ => OktaStatus::Staged,
        };
        let id = self.add(profile, status, true);
        self.effect(OperationKind::Create, row);
        self.find(&id)
            .map_or(Reply::Gone, |user| Reply::User(shown(user)))
    }

    /// Somebody else makes an account, unless the login is taken.
    pub(super) fn stranger(&mut self, profile: OktaProfile) {
        if self.holds(&profile).is_none() {
            self.past.push((self.now, self.users.clone()));
            self.add(profile, OktaStatus::Provisioned, false);
        }
    }

    fn add(&mut self, profile: OktaProfile, status: OktaStatus, ours: bool) -> String {
        self.made += 1;
        let id = format!("00u{}", self.made);
        self.users.push(OktaUser {
            id: id.clone(),
            status,
            profile,
            roles: Vec::new(),
            created: self.now,
            changed: self.now,
            ours,
        });
        id
    }

    fn change(&mut self, row: usize, frozen: &Frozen) -> Reply {
        let (now, wanted) = (self.now, frozen.profile());
        let taken = self.holds(&wanted);
        let id = frozen.okta_id.clone().unwrap_or_default();
        let Some(index) = self.users.iter().position(|user| user.id == id) else {
            return Reply::Gone;
        };
        let Some(user) = self.users.get_mut(index) else {
            return Reply::Gone;
        };
        if !user.ours {
            self.crimes.push(format!("{} of a stranger", frozen.kind));
        }
        let deprovisioned = user.status == OktaStatus::Deprovisioned;
        let role = frozen.role.map(|role| role.as_str()).unwrap_or_default();
        let place = user.roles.iter().position(|held| held.role_type == role);
        let reply = match frozen.kind {
            OperationKind::Update if deprovisioned => return Reply::Stale,
            OperationKind::Update if taken.is_some_and(|holder| holder != id) => {
                return Reply::Rejected;
            }
            OperationKind::Update if diff(&wanted, &user.profile).is_empty() => {
                return Reply::User(shown(user));
            }
            OperationKind::Update => {
                user.profile.extend(wanted);
                user.changed = now;
                Reply::User(shown(user))
            }
            OperationKind::Activate if deprovisioned || user.status == OktaStatus::Staged => {
                user.status = OktaStatus::Provisioned;
                Reply::Done
            }
            OperationKind::Activate => return Reply::AlreadySo,
            OperationKind::Deactivate if deprovisioned => return Reply::Stale,
            OperationKind::Deactivate => {
                user.status = OktaStatus::Deprovisioned;
                user.roles.clear();
                Reply::Done
            }
            OperationKind::Delete if deprovisioned => {
                self.users.remove(index);
                self.effect(frozen.kind, row);
                return Reply::Done;
            }
            OperationKind::Delete => {
                self.crimes
                    .push("DELETE of an account that is alive".to_owned());
                return Reply::Done;
            }
            OperationKind::GrantRole if place.is_some() => return Reply::Stale,
            OperationKind::GrantRole => {
                let role = ListedRole {
                    role_type: role.to_owned(),
                    inherited: false,
                    created: Some(now),
                };
                user.roles.push(role.clone());
                Reply::Role(role)
            }
            OperationKind::RevokeRole => match place {
                Some(place) => {
                    user.roles.remove(place);
                    Reply::Done
                }
                None => return Reply::Stale,
            },
            _ => return Reply::Rejected,
        };
        user.changed = now;
        self.effect(frozen.kind, row);
        reply
    }

    fn effect(&mut self, kind: OperationKind, row: usize) {
        self.effects.push(Effect { kind, row });
    }

    /// Who has the login of a profile.
    fn holds(&self, profile: &OktaProfile) -> Option<String> {
        let login = login(profile)?;
        let holder = self
            .users
            .iter()
            .find(|user| self::login(&user.profile).as_ref() == Some(&login));
        holder.map(|user| user.id.clone())
    }

    pub(super) fn find(&self, id: &str) -> Option<&OktaUser> {
        self.users.iter().find(|user| user.id == id)
    }

    /// Reads as Okta was `lag` milliseconds ago.
    pub(super) fn read(&self, read: &Read, lag: i64) -> Seen {
        let then = self.now - lag;
        // Each entry is what there was until then.
        let past = self.past.iter().find(|(until, _)| *until > then);
        let users = past.map_or(&self.users, |(_, users)| users);
        let found = users.iter().find(|user| match read {
            Read::UserByLogin(name) => login(&user.profile) == Some(match_key(name)),
            Read::UserById(id) | Read::Roles(id) => user.id == *id,
        });
        match (found, read) {
            (None, _) => Seen::NoUser,
            (Some(user), Read::Roles(_)) => Seen::Roles(user.roles.clone()),
            (Some(user), _) => Seen::User(Box::new(shown(user))),
        }
    }
}

fn login(profile: &OktaProfile) -> Option<String> {
    profile.get(LOGIN).and_then(Json::as_str).map(match_key)
}

fn shown(user: &OktaUser) -> SeenUser {
    SeenUser {
        okta_id: user.id.clone(),
        status: user.status.clone(),
        transitioning_to: None,
        created: user.created,
        signed_in: false,
        profile: user.profile.clone(),
    }
}

/// A listed role in Okta's words.
pub(super) fn assignment(role: &ListedRole) -> RoleAssignment {
    RoleAssignment {
        id: role.role_type.clone(),
        label: None,
        kind: role.role_type.clone(),
        status: None,
        created: role.created.and_then(DateTime::from_timestamp_millis),
        last_updated: None,
        assignment_type: AssignmentType::User,
        role: None,
        resource_set: None,
    }
}
