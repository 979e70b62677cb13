//! One pass over one account: what was loaded, what was learnt since it began, and how both are committed.

use std::collections::BTreeSet;
use std::sync::Arc;

use okta_client::RoleAssignment;
use serde_json::Value as Json;
use uuid::Uuid;

use super::context::{AppContext, Stop};
use super::gateway::NotNow;
use super::sessions::SessionError;
use crate::domain::account::{AccountState, Capability, Problem, WaitReason};
use crate::domain::backoff;
use crate::domain::directory::match_key;
use crate::domain::mapping::LOGIN;
use crate::domain::plan::{Desired, Known, Lookup, OperationKind, Refusal, RoleKnowledge};
use crate::random;
use crate::service::planning::{self, Rules};
use crate::store::account_links::{self, Link};
use crate::store::accounts::{self, Facts, Standing};
use crate::store::audit::{self, Entry};
use crate::store::generations::{self, Scope};
use crate::store::operations::{self, Ending, Sending};
use crate::store::situations;

/// How soon an account is looked at again for which there is no token, milliseconds. The worker stops before that where the connection
/// is known to be out of order; where it is not, this keeps it from asking without end.
const PARKED_MS: i64 = 2_000;

/// Whether the pass goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// Load and look again.
    Again,
    /// Nothing to do before the account is due again.
    Done,
}

/// Everything that one step starts from, as of one moment.
pub(super) struct Situation {
    pub(super) facts: Facts,
    pub(super) link: Link,
    pub(super) desired: Desired,
    pub(super) known: Known,
    pub(super) open: Option<operations::Row>,
    /// The org's schema was never fetched, so that no profile can be made.
    pub(super) schema_missing: bool,
}

impl Situation {
    pub(super) fn generation(&self) -> i64 {
        self.facts.account.generation
    }

    /// The login that the mapping gives.
    pub(super) fn login(&self) -> Option<&str> {
        self.desired.profile.as_ref().ok()?.get(LOGIN)?.as_str()
    }

    pub(super) fn okta_id(&self) -> Option<&str> {
        self.link
            .account
            .as_ref()
            .map(|account| account.okta_id.as_str())
    }
}

/// What this pass learnt and the database does not keep, because it is only true for the moment.
#[derive(Default)]
pub(super) struct Memory {
    /// The linked account was read, and not changed by us since.
    pub(super) status_fresh: bool,
    /// Roles that were read, and whose.
    pub(super) listed: Option<(String, Vec<RoleAssignment>)>,
    /// What asking for a login brought.
    pub(super) lookup: Option<(String, Lookup)>,
    /// Okta refused to create the account: whether it said that the login is taken, and its words.
    pub(super) refused_create: Option<(bool, Problem)>,
    /// Operations after whose refusal the account was read again.
    pub(super) read_after: BTreeSet<OperationKind>,
    /// Tokens that Okta rejected.
    pub(super) rejected_tokens: u32,
    /// Okta did not let us read this person's roles.
    pub(super) roles_unreadable: bool,
    /// The rate limit is used up until this time, so that the pass ended before its work was done.
    pub(super) sent_away: Option<i64>,
}

impl Memory {
    /// What was read in this pass does not hold after a change of ours.
    pub(super) fn forget_what_changed(&mut self, kind: OperationKind) {
        self.status_fresh = false;
        if kind != OperationKind::Update {
            self.listed = None;
        }
    }

    /// Adds what this pass learnt to what the rows say.
    pub(super) fn remember(&self, desired: &Desired, link: &Link, known: &mut Known) {
        if self.roles_unreadable {
            known.denied.insert(Capability::ReadRoles);
        }
        if let Some(account) = &mut known.account {
            account.status_fresh = self.status_fresh;
            let listed = self.listed.as_ref();
            let read_now = listed.is_some_and(|(of, _)| *of == account.okta_id);
            if read_now && account.roles.knowledge == RoleKnowledge::Recorded {
                account.roles.knowledge = RoleKnowledge::Fresh;
            }
        }
        let login = desired
            .profile
            .as_ref()
            .ok()
            .and_then(|profile| profile.get(LOGIN))
            .and_then(Json::as_str)
            .map(match_key);
        let Some(login) = login else { return };
        let for_login = |other: &str| match_key(other) == login;
        if let Some((asked, lookup)) = &self.lookup {
            if for_login(asked) {
                known.lookup = lookup.clone();
            }
        } else if link
            .candidate
            .as_ref()
            .is_some_and(|candidate| for_login(&candidate.login))
        {
            known.lookup = Lookup::LoginTaken;
        }
    }
}

/// A change of what is known.
type Edit = Box<dyn FnOnce(&mut Link) + Send>;

/// A change to commit in one transaction. What is absent stays as it is.
#[derive(Default)]
pub(super) struct Change {
    /// How an open operation ends. When it is closed already or was sent again, nothing of the change happens.
    pub(super) closing: Option<(Sending, Ending)>,
    /// What is known of Okta by now.
    pub(super) edit: Option<Edit>,
    /// What Okta refused; it says nothing of a generation that was raised meanwhile.
    pub(super) refusal: Option<Refusal>,
    /// How the account stands.
    pub(super) standing: Option<Standing>,
    /// What must be known of Okta after `edit` for the account to stand so; null: whatever it is.
    pub(super) only_with: Option<Link>,
    /// Look at the account again, as what Okta holds was seen to differ.
    pub(super) raise: bool,
    /// The act.
    pub(super) audit: Option<Entry>,
}

pub(super) struct Pass<'a> {
    pub(super) ctx: &'a AppContext,
    pub(super) account: Uuid,
    pub(super) memory: Memory,
}

impl<'a> Pass<'a> {
    pub(super) fn new(ctx: &'a AppContext, account: Uuid) -> Self {
        Self {
            ctx,
            account,
            memory: Memory::default(),
        }
    }

    /// Loads the account and everything that decides about it, as of one moment. Null when there is nothing to work on.
    pub(super) async fn load(&self) -> Result<Option<Situation>, Stop> {
        let (id, ctx) = (self.account, self.ctx);
        let store = &ctx.services.store;
        let Some(found) = situations::find(store, id).await? else {
            return Ok(None);
        };
        let (found, rules) = match ctx.known_rules(&found) {
            Some(rules) => (found, rules),
            None => match Box::pin(self.read_anew()).await? {
                Some(read) => read,
                None => return Ok(None),
            },
        };
        let situations::Situation { facts, open, .. } = *found;
        if facts.okta_org.as_ref().map(|org| org.id) != Some(self.ctx.gateway.okta_org) {
            return Ok(None);
        }
        let desired = planning::desired(&facts, &rules);
        let link = planning::link(&facts)?;
        let mut known = planning::known(&facts, link.clone(), self.ctx.time());
        let schema_missing = rules.attributes.is_empty();
        self.memory.remember(&desired, &link, &mut known);
        Ok(Some(Situation {
            facts,
            link,
            desired,
            known,
            open,
            schema_missing,
        }))
    }

    /// The account together with the rules, which were changed since they were read last.
    async fn read_anew(&self) -> Result<Option<(Box<situations::Situation>, Arc<Rules>)>, Stop> {
        let (id, ctx) = (self.account, self.ctx);
        let store = &ctx.services.store;
        let read = store.snapshot(|tx| async move {
            let Some(found) = situations::find(&tx, id).await? else {
                return Ok(None);
            };
            let rules = ctx.rules(&tx, &found).await?;
            Ok(Some((found, rules)))
        });
        read.await
    }

    /// Commits a change, and tells the watchers. False when the operation was closed already or the generation was raised meanwhile.
    pub(super) async fn commit(&self, s: &Situation, change: Change) -> Result<bool, Stop> {
        let (id, generation) = (self.account, s.generation());
        let (organization, okta_org) = (self.ctx.organization, self.ctx.gateway.okta_org);
        let now = self.ctx.now();
        let ctx = self.ctx;
        let ending = change.closing.as_ref();
        let ended = ending.map(|(sending, ending)| (sending.kind, ending.status));
        // On the heap: it is the deepest of all, and unoptimized builds would keep a copy of it in the frame of each caller.
        let committed = Box::pin(ctx.services.store.transaction(|tx| async move {
            match change.closing {
                // A certain answer is worth recording even by somebody who lost the lease.
                Some((sending, ending)) => {
                    if !operations::close(&tx, sending, ending, now).await? {
                        return Ok(None);
                    }
                }
                None => ctx.fence(&tx).await?,
            }
            let mut as_foreseen = true;
            let mut edited = None;
            if (change.edit.is_some() || change.refusal.is_some())
                && let Some(row) = accounts::locked(&tx, id).await?
            {
                let mut link = account_links::read(&row, None)?;
                if let Some(edit) = change.edit {
                    edit(&mut link);
                }
                let refusal = change.refusal.filter(|_| row.generation == generation);
                link.refusals.extend(refusal);
                as_foreseen = change.only_with.as_ref().is_none_or(|only| *only == link);
                edited = Some(account_links::edit(row, okta_org, &link, now));
            }
            let standing = change.standing.as_ref();
            let current = match (standing.filter(|_| as_foreseen), edited) {
                (Some(standing), Some(edit)) => {
                    accounts::write(&tx, edit, generation, standing, now).await?
                }
                (Some(standing), None) => {
                    accounts::stand(&tx, id, generation, standing, now).await?
                }
                (None, edited) => {
                    if let Some(edit) = edited {
                        edit.write(&tx, now).await?;
                    }
                    standing.is_none()
                }
            };
            if change.raise {
                let scope = Scope::Account(id);
                generations::raise(&tx, organization, &scope, false, now).await?;
            }
            if let Some(entry) = change.audit {
                audit::record(&tx, entry).await?;
            }
            Ok::<_, Stop>(Some(current))
        }));
        let current = committed.await?;
        self.ctx.tell(id);
        if let (Some(_), Some((kind, status))) = (current, ended) {
            self.ctx.ended(kind, status);
        }
        Ok(current.unwrap_or(false))
    }

    /// Has the account wait. `at` null: until a person does something.
    pub(super) async fn wait(
        &self,
        s: &Situation,
        reason: WaitReason,
        at: Option<i64>,
    ) -> Result<Flow, Stop> {
        let change = Change {
            standing: Some(self.waiting(s, reason, at)),
            ..Change::default()
        };
        self.after(s, change).await
    }

    /// Commits what ends the pass; goes on when the world moved meanwhile.
    pub(super) async fn after(&self, s: &Situation, change: Change) -> Result<Flow, Stop> {
        Ok(match self.commit(s, change).await? {
            true => Flow::Done,
            false => Flow::Again,
        })
    }

    /// How an account stands that waits. With an open operation it is still being checked.
    pub(super) fn waiting(&self, s: &Situation, reason: WaitReason, at: Option<i64>) -> Standing {
        let state = match s.open {
            Some(_) => AccountState::Checking,
            None => AccountState::Waiting,
        };
        let failed = !matches!(
            reason,
            WaitReason::RateLimited
                | WaitReason::NeedsReauthorization
                | WaitReason::NotConnected
                | WaitReason::DeletionDelayed
        );
        Standing {
            state,
            problem: None,
            wait: Some(reason),
            next_attempt_at: at,
            due_at: at.or(s.link.recheck_at),
            attempts: s.facts.account.attempts + i32::from(failed),
            applied: false,
            activation_applied: None,
        }
    }

    /// How an account stands that waits for the rate limit. It stays as due as it was: the worker sees to it that it is left alone until
    /// then, and its place among the others is kept.
    pub(super) fn send_away(&mut self, s: &Situation, until: i64) -> Standing {
        self.memory.sent_away = Some(until);
        let standing = self.waiting(s, WaitReason::RateLimited, Some(until));
        Standing {
            due_at: s.facts.account.due_at.or(standing.due_at),
            ..standing
        }
    }

    /// When to try again after one more failure.
    pub(super) fn backoff(&self, s: &Situation) -> i64 {
        let attempt = u32::try_from(s.facts.account.attempts).unwrap_or_default();
        self.ctx.now() + backoff::pause_ms(attempt.saturating_add(1), random::unit())
    }

    /// Has the account wait until a call may be made.
    pub(super) async fn not_now(&mut self, s: &Situation, why: NotNow) -> Result<Flow, Stop> {
        match why {
            NotNow::Throttled(at) => {
                let change = Change {
                    standing: Some(self.send_away(s, at)),
                    ..Change::default()
                };
                self.after(s, change).await
            }
            NotNow::NoSession(SessionError::NeedsReauthorization) => {
                self.park(s, WaitReason::NeedsReauthorization).await
            }
            NotNow::NoSession(SessionError::NotConnected) => {
                self.park(s, WaitReason::NotConnected).await
            }
            NotNow::NoSession(
                error @ (SessionError::Unavailable(_) | SessionError::Internal(_)),
            ) => {
                tracing::warn!(account = %self.account, %error, "no session with Okta");
                let at = self.backoff(s);
                self.wait(s, WaitReason::OktaUnavailable, Some(at)).await
            }
        }
    }

    /// Waits for a person, but stays due after a moment, so that the work goes on soon after the connection does.
    async fn park(&self, s: &Situation, reason: WaitReason) -> Result<Flow, Stop> {
        let mut standing = self.waiting(s, reason, None);
        standing.due_at = Some(self.ctx.now() + PARKED_MS);
        let change = Change {
            standing: Some(standing),
            ..Change::default()
        };
        self.commit(s, change).await?;
        Ok(Flow::Done)
    }
}
