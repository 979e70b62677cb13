//! Carrying out one candidate: every outcome that it can have.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::apply::is_taken;
use super::linking::{Linker, has_other, in_hand, is_link};
use super::may::{may_link, protection};
use super::rules::{Basis, new_person, taken_over};
use super::{Candidate, Import};
use crate::domain::directory::{FieldValues, renames};
use crate::domain::import::{Category, Outcome, OutcomeReason, SourceProfile};
use crate::domain::mapping::Reader;
use crate::domain::okta_role::is_high;
use crate::domain::permission::AdminRole;
use crate::domain::plan::{AssignmentWish, DirectoryStatus};
use crate::service::users::{changes, is_above, new_row, plain, standing_of, write_values};
use crate::service::{Error, Result, Viewer};
use crate::store::accounts::{Person, Row};
use crate::store::assignments::{self, Assignment};
use crate::store::audit::Entry;
use crate::store::generations::{self, Scope};
use crate::store::import_candidates::Ended;
use crate::store::users::UserRow;
use crate::store::{Tx, account_imports, held_roles, users};

/// What is written at the end of a batch.
#[derive(Default)]
pub(super) struct Done {
    pub people: Vec<UserRow>,
    pub assignments: Vec<Assignment>,
    pub accounts: Vec<Row>,
    pub acts: Vec<Entry>,
}

/// Everything at hand while a batch is carried out.
pub(super) struct Hands<'a> {
    pub tx: &'a Tx,
    pub import: &'a Import,
    /// Whoever confirmed, with what he may do now.
    pub viewer: &'a Viewer,
    pub basis: &'a Basis,
    pub reader: &'a Reader<'a>,
    pub linker: Linker<'a>,
    pub now: i64,
    /// The people of the batch, held.
    pub people: HashMap<Uuid, UserRow>,
    /// Their accounts, by person.
    pub accounts: HashMap<Uuid, Row>,
    /// To whom the Okta accounts of the batch are linked.
    pub holders: HashMap<String, Uuid>,
    /// The people's assignments.
    pub assignments: HashMap<Uuid, Assignment>,
    /// Who has the user names and addresses of those who are to be created, as match keys.
    pub names: HashMap<String, Uuid>,
    pub done: Done,
}

/// Done, or why not.
type Attempt<T> = std::result::Result<T, (Outcome, OutcomeReason)>;

fn stale<T>(reason: OutcomeReason) -> Result<Attempt<T>> {
    Ok(Err((Outcome::Stale, reason)))
}

fn skipped<T>(reason: OutcomeReason) -> Result<Attempt<T>> {
    Ok(Err((Outcome::Skipped, reason)))
}

impl Hands<'_> {
    /// Carries out a candidate.
    ///
    /// # Errors
    /// The database's own; then nothing of the batch happened.
    pub(super) async fn one(&mut self, candidate: &Candidate) -> Result<Ended> {
        let attempt = match candidate.category {
            _ if candidate.conflict.is_some() => {
                Err((Outcome::Unresolved, OutcomeReason::OtherAccount))
            }
            Category::New => self.create(candidate)?,
            Category::Update | Category::Activate => self.update(candidate).await?,
            Category::Deactivate => self.deactivate(candidate).await?,
            Category::Vanished => self.forget(candidate).await?,
        };
        Ok(match attempt {
            Ok(user) => Ended {
                outcome: Outcome::Applied,
                reason: None,
                message: None,
                user_id: Some(user),
            },
            Err((outcome, reason)) => Ended {
                outcome,
                reason: Some(reason),
                message: None,
                user_id: candidate.user_id,
            },
        })
    }

    fn source(&self, candidate: &Candidate) -> SourceProfile {
        candidate
            .source_profile
            .unwrap_or(self.import.source_profile)
    }

    /// Creates the person, assigned and linked.
    fn create(&mut self, candidate: &Candidate) -> Result<Attempt<Uuid>> {
        if !may_link(self.viewer, candidate) {
            return skipped(OutcomeReason::AdminRole);
        }
        if self.holders.contains_key(&candidate.okta_id) {
            return stale(OutcomeReason::LinkedElsewhere);
        }
        let Some(values) = new_person(self.basis, self.reader, &candidate.profile) else {
            return Ok(Err((Outcome::Failed, OutcomeReason::ValuesInvalid)));
        };
        let organization = self.import.organization_id;
        let row = new_row(organization, DirectoryStatus::Active, &values, self.now)?;
        if [&row.user_name_key, &row.primary_email_key]
            .iter()
            .any(|key| self.names.contains_key(*key))
        {
            return stale(OutcomeReason::NameTaken);
        }
        self.names.insert(row.user_name_key.clone(), row.id);
        self.names.insert(row.primary_email_key.clone(), row.id);
        self.holders.insert(candidate.okta_id.clone(), row.id);
        let user = row.id;
        let mut account = account_imports::blank(organization, self.import.app_id, user, self.now);
        self.linker.link(&mut account, candidate, true);
        let person = Person {
            status: DirectoryStatus::Active,
            fields: values.clone(),
        };
        self.linker
            .settle(&mut account, person, Some(AssignmentWish::default()))?;
        let assignment = self.assignment(user);
        self.record(
            candidate,
            user,
            json!({ "status": DirectoryStatus::Active, "fields": plain(&values) }),
        );
        self.done.people.push(row);
        self.done.assignments.push(assignment);
        self.done.accounts.push(account);
        Ok(Ok(user))
    }

    fn assignment(&self, user: Uuid) -> Assignment {
        let (organization, app) = (self.import.organization_id, self.import.app_id);
        assignments::new(organization, app, user, None, self.viewer.user_id, self.now)
    }

    /// The person as he was when the account was classified.
    fn unmoved(&self, candidate: &Candidate) -> Attempt<UserRow> {
        let row = candidate.user_id.and_then(|user| self.people.get(&user));
        match row.filter(|row| row.deleted_at.is_none()) {
            None => Err((Outcome::Stale, OutcomeReason::PersonGone)),
            Some(row) if Some(row.revision) != candidate.user_revision => {
                Err((Outcome::Stale, OutcomeReason::PersonChanged))
            }
            Some(row) => Ok(row.clone()),
        }
    }

    /// Whether the account may be linked to the person now.
    fn linkable(&self, candidate: &Candidate, user: Uuid) -> Attempt<()> {
        let holder = self.holders.get(&candidate.okta_id);
        if holder.is_some_and(|holder| *holder != user) {
            return Err((Outcome::Stale, OutcomeReason::LinkedElsewhere));
        }
        let (org, okta_id) = (self.linker.org, candidate.okta_id.as_str());
        match self.accounts.get(&user) {
            Some(row) if has_other(row, org, okta_id) => {
                Err((Outcome::Stale, OutcomeReason::OtherAccount))
            }
            Some(row) if in_hand(row) && !is_link(row, org, okta_id) => {
                Err((Outcome::Stale, OutcomeReason::AccountChanged))
            }
            _ => Ok(()),
        }
    }

    /// Brings both sides in step, after activating the person if that is what it is proposed for.
    async fn update(&mut self, candidate: &Candidate) -> Result<Attempt<Uuid>> {
        if !may_link(self.viewer, candidate) {
            return skipped(OutcomeReason::AdminRole);
        }
        let before = match self.unmoved(candidate) {
            Ok(row) => row,
            Err(ended) => return Ok(Err(ended)),
        };
        if let Err(ended) = self.linkable(candidate, before.id) {
            return Ok(Err(ended));
        }
        let old = fields(&before)?;
        let new = match self.source(candidate) {
            SourceProfile::Okta => taken_over(self.reader, &candidate.profile, &old),
            SourceProfile::Directory => old.clone(),
        };
        let activates = before.status != DirectoryStatus::Active.as_str();
        if activates || new != old {
            let renames = new != old && renames(&old, &new);
            if self.is_above(&before).await? || (renames && !self.may_rename(&before).await?) {
                return skipped(OutcomeReason::AboveYou);
            }
            if !self.rewrite(&before, &new).await? {
                return Ok(Err((Outcome::Failed, OutcomeReason::NameTaken)));
            }
            let scope = Scope::OtherApps {
                user: before.id,
                except: self.import.app_id,
            };
            let organization = self.import.organization_id;
            generations::raise(self.tx, organization, &scope, activates, self.now).await?;
        }
        let assigned = self.assignments.contains_key(&before.id);
        if !assigned {
            self.done.assignments.push(self.assignment(before.id));
        }
        self.take_over(candidate, before.id, new.clone(), activates || !assigned)
            .await?;
        let status = json!({ "from": before.status, "to": DirectoryStatus::Active });
        let detail =
            json!({ "status": status, "assigned": !assigned, "changed": changes(&old, &new) });
        self.record(candidate, before.id, detail);
        Ok(Ok(before.id))
    }

    /// Writes an active person with these values. False when somebody else has the user name or the address.
    async fn rewrite(&self, before: &UserRow, values: &FieldValues) -> Result<bool> {
        let mut row = before.clone();
        write_values(&mut row, values)?;
        row.status = DirectoryStatus::Active.as_str().to_owned();
        row.revision += 1;
        row.updated_at = self.now;
        let renamed = row.user_name_key != before.user_name_key
            || row.primary_email_key != before.primary_email_key;
        if renamed && is_taken(self.tx, &row, row.id).await? {
            return Ok(false);
        }
        users::save(self.tx, row).await?;
        Ok(true)
    }

    /// Links the account of an active, assigned person.
    async fn take_over(
        &mut self,
        candidate: &Candidate,
        user: Uuid,
        values: FieldValues,
        woken: bool,
    ) -> Result<()> {
        let (organization, app) = (self.import.organization_id, self.import.app_id);
        let found = self.accounts.remove(&user);
        let is_new = found.is_none();
        let blank = || account_imports::blank(organization, app, user, self.now);
        let mut account = found.unwrap_or_else(blank);
        self.linker.link(&mut account, candidate, woken);
        let person = Person {
            status: DirectoryStatus::Active,
            fields: values,
        };
        let wish = self.wish(user).unwrap_or_default();
        self.linker.settle(&mut account, person, Some(wish))?;
        self.holders.insert(candidate.okta_id.clone(), user);
        if is_new {
            self.done.accounts.push(account);
            return Ok(());
        }
        Ok(account_imports::save(self.tx, account).await?)
    }

    fn wish(&self, user: Uuid) -> Option<AssignmentWish> {
        let assignment = self.assignments.get(&user)?;
        Some(AssignmentWish {
            role: assignment.role,
        })
    }

    /// Deactivates the person here; the account is deactivated in Okta already.
    async fn deactivate(&mut self, candidate: &Candidate) -> Result<Attempt<Uuid>> {
        let before = match self.unmoved(candidate) {
            Ok(row) => row,
            Err(ended) => return Ok(Err(ended)),
        };
        if before.status == DirectoryStatus::Inactive.as_str() {
            return skipped(OutcomeReason::AlreadySo);
        }
        if let Err(ended) = self.linkable(candidate, before.id) {
            return Ok(Err(ended));
        }
        if let Some(reason) = self.protection(&before).await? {
            return skipped(reason);
        }
        let mut row = before.clone();
        row.status = DirectoryStatus::Inactive.as_str().to_owned();
        row.revision += 1;
        row.updated_at = self.now;
        users::save(self.tx, row).await?;
        let scope = Scope::OtherApps {
            user: before.id,
            except: self.import.app_id,
        };
        let (organization, change) = (self.import.organization_id, Some(self.import.id));
        generations::raise_urgently(self.tx, organization, &scope, change, self.now).await?;
        if let Some(mut account) = self.accounts.remove(&before.id) {
            // Somebody who has not the app is not taken under management by leaving.
            if self.assignments.contains_key(&before.id) {
                self.linker.link(&mut account, candidate, false);
                let person = Person {
                    status: DirectoryStatus::Inactive,
                    fields: fields(&before)?,
                };
                self.linker
                    .settle(&mut account, person, self.wish(before.id))?;
                account_imports::save(self.tx, account).await?;
            }
        }
        let status = json!({ "from": before.status, "to": DirectoryStatus::Inactive });
        self.record(candidate, before.id, json!({ "status": status }));
        Ok(Ok(before.id))
    }

    /// Why the person is not deactivated by an import.
    async fn protection(&self, row: &UserRow) -> Result<Option<OutcomeReason>> {
        let role = standing_of(self.tx, row).await?;
        let owners = if role == AdminRole::Owner {
            users::active_owners(self.tx, row.organization_id).await?
        } else {
            0
        };
        let above = self.is_above(row).await?;
        Ok(protection(self.viewer, row.id, &role, owners, above))
    }

    /// Whether whoever confirmed may change what this person signs in by.
    async fn may_rename(&self, row: &UserRow) -> Result<bool> {
        Ok(self.viewer.may_rename(&standing_of(self.tx, row).await?))
    }

    /// Whether whoever confirmed may not change this person: because of his standing here, or of an admin role in Okta.
    async fn is_above(&self, row: &UserRow) -> Result<bool> {
        let role = standing_of(self.tx, row).await?;
        // Nobody is out of reach of those who may give every role.
        let held = if is_high(&self.viewer.role) {
            Vec::new()
        } else {
            held_roles::of_person(self.tx, row.organization_id, row.id).await?
        };
        Ok(is_above(self.viewer, row.id, &role, &held))
    }

    /// Records that the account is gone.
    async fn forget(&mut self, candidate: &Candidate) -> Result<Attempt<Uuid>> {
        let row = candidate.user_id.and_then(|user| self.people.get(&user));
        let Some(row) = row.filter(|row| row.deleted_at.is_none()).cloned() else {
            return stale(OutcomeReason::PersonGone);
        };
        let (org, okta_id) = (self.linker.org, candidate.okta_id.as_str());
        let account = self.accounts.remove(&row.id);
        let Some(mut account) =
            account.filter(|account| is_link(account, org, okta_id) && !in_hand(account))
        else {
            return stale(OutcomeReason::AccountChanged);
        };
        self.linker.forget(&mut account);
        let person = Person {
            status: row.status.parse().map_err(|_| corrupt(&row))?,
            fields: fields(&row)?,
        };
        self.linker
            .settle(&mut account, person, self.wish(row.id))?;
        account_imports::save(self.tx, account).await?;
        self.record(candidate, row.id, json!({ "gone": true }));
        Ok(Ok(row.id))
    }

    fn record(&mut self, candidate: &Candidate, user: Uuid, mut detail: Value) {
        detail["import"] = json!(self.import.id);
        detail["candidate"] = json!(candidate.id);
        detail["category"] = json!(candidate.category);
        detail["oktaId"] = json!(candidate.okta_id);
        detail["sourceProfile"] = json!(self.source(candidate));
        let actor = self.viewer.actor();
        let entry = Entry::new(self.import.organization_id, self.now, actor, "import.apply")
            .app(self.import.app_id)
            .user(user)
            .detail(detail);
        self.done.acts.push(entry);
    }
}

fn fields(row: &UserRow) -> Result<FieldValues> {
    serde::Deserialize::deserialize(&row.fields)
        .map_err(|e: serde_json::Error| Error::Internal(format!("user {}: {e}", row.id)))
}

fn corrupt(row: &UserRow) -> Error {
    Error::Internal(format!("user {}: status", row.id))
}
