//! Sorting the accounts of a page: who is proposed for what, and who is only counted.

use std::collections::HashMap;

use okta_client::User;
use uuid::Uuid;

use super::people::{Account, People, Person};
use super::rules::{Basis, kept, new_person};
use super::{Candidate, Import};
use crate::domain::account::OktaStatus;
use crate::domain::directory::{FieldValues, PRIMARY_EMAIL, USER_NAME, match_key};
use crate::domain::import::{Category, ConflictReason, Fit, Verdict, classify};
use crate::domain::mapping::{Difference, OktaProfile, Reader};
use crate::domain::plan::DirectoryStatus;
use crate::domain::value::FieldValue;
use crate::random;
use crate::service::Result;
use crate::store::{Tx, import_candidates};

/// Characters of a name that decide the order, and that a search looks into: both are in one index, whose entries PostgreSQL keeps below
/// 2,704 bytes.
pub(super) const MAX_SORT_NAME: usize = 100;
const MAX_SEARCH_TEXT: usize = 400;

/// Sorts accounts for one import.
pub(super) struct Sorter<'a> {
    pub import: &'a Import,
    pub basis: &'a Basis,
    pub reader: &'a Reader<'a>,
}

/// The accounts of a page, sorted.
#[derive(Default)]
pub(super) struct Sorted {
    /// Those on the list.
    pub candidates: Vec<Candidate>,
    /// Candidates of earlier pages that turned out to be in conflict.
    pub conflicts: Vec<(ConflictReason, Vec<Uuid>)>,
    /// Accounts for which there is a person.
    pub matched: i64,
    /// Accounts with nothing to do.
    pub in_sync: i64,
    /// Of those, linked accounts of active people that Okta has stopped since, or lets in again.
    pub strayed: Vec<Uuid>,
    /// Deactivated accounts that belong to nobody here.
    pub ignored: i64,
}

impl Sorter<'_> {
    /// Sorts accounts that were not read before. `but` is a candidate that is being read again and does not count as another one.
    pub(super) async fn sort(&self, tx: &Tx, users: &[&User], but: Option<Uuid>) -> Result<Sorted> {
        let accounts: Vec<Account<'_>> = users.iter().map(|user| Account::of(user)).collect();
        let people = People::load(tx, self.import, &accounts).await?;
        let mut sorted = Sorted::default();
        for account in &accounts {
            self.place(account, &people, &mut sorted);
        }
        self.find_doubles(tx, &mut sorted, but).await?;
        self.find_namesakes(tx, &mut sorted, but).await?;
        Ok(sorted)
    }

    fn place(&self, account: &Account<'_>, people: &People, sorted: &mut Sorted) {
        let fit = people.fit(account);
        let person = match fit {
            Fit::Nobody => None,
            Fit::One(known) | Fit::Two(known, _) => people.get(known.id),
        };
        sorted.matched += i64::from(person.is_some());
        let profile = kept(self.reader, &account.user.profile);
        let differences = match (fit, person) {
            (Fit::One(_), Some(person)) => self.reader.differences(&profile, &person.values),
            _ => Vec::new(),
        };
        let status = OktaStatus::from(account.user.status.as_str());
        match classify(&account.user.id, &status, fit, !differences.is_empty()) {
            Verdict::InSync => {
                sorted.in_sync += 1;
                if person.is_some_and(|person| person.known.status == DirectoryStatus::Active) {
                    let strayed = people.strayed(&account.user.id, &status);
                    sorted.strayed.extend(strayed);
                }
            }
            Verdict::Ignored => sorted.ignored += 1,
            Verdict::Listed(category, conflict) => {
                let mut candidate = self.candidate(account, category, profile, differences);
                candidate.conflict = conflict;
                candidate.linked = people.is_linked(&account.user.id);
                self.introduce(&mut candidate, person);
                sorted.candidates.push(candidate);
            }
        }
    }

    /// Says which person is meant; nobody yet where one is to be created.
    fn introduce(&self, candidate: &mut Candidate, person: Option<&Person>) {
        if let Some(person) = person {
            candidate.user_id = Some(person.known.id);
            candidate.user_revision = Some(person.revision);
            candidate.assigned = person.known.assigned;
        } else if let Some(values) = new_person(self.basis, self.reader, &candidate.profile) {
            candidate.login_key = key(&values, USER_NAME);
            candidate.email_key = key(&values, PRIMARY_EMAIL);
        } else {
            candidate.conflict = candidate.conflict.or(Some(ConflictReason::ValuesInvalid));
        }
    }

    fn candidate(
        &self,
        account: &Account<'_>,
        category: Category,
        profile: OktaProfile,
        differences: Vec<Difference>,
    ) -> Candidate {
        let display_name = shown_name(account);
        let sort_name = match_key(&display_name);
        let search_text = search_text(&sort_name, &account.login_key, &account.email_key);
        let sort_name = first(&sort_name, MAX_SORT_NAME);
        let last_updated = account.user.last_updated;
        Candidate {
            id: random::new_id(),
            import_id: self.import.id,
            organization_id: self.import.organization_id,
            okta_id: account.user.id.clone(),
            category,
            conflict: None,
            user_id: None,
            user_revision: None,
            okta_status: OktaStatus::from(account.user.status.as_str()),
            okta_last_updated: last_updated.map(|time| time.timestamp_millis()),
            is_admin: self.basis.is_admin(&account.user.id),
            linked: false,
            assigned: false,
            differs: !differences.is_empty(),
            display_name,
            sort_name,
            login: account.login.to_owned(),
            login_key: account.login_key.clone(),
            email: account.email.to_owned(),
            email_key: account.email_key.clone(),
            search_text,
            profile,
            differences,
            selected: false,
            source_profile: None,
            outcome: None,
            outcome_reason: None,
            outcome_message: None,
            applied_at: None,
        }
    }

    /// Two accounts that fit one person, on this page or on an earlier one: nobody is chosen silently.
    async fn find_doubles(&self, tx: &Tx, sorted: &mut Sorted, but: Option<Uuid>) -> Result<()> {
        let mut fitting: HashMap<Uuid, Vec<usize>> = HashMap::new();
        for (index, candidate) in sorted.candidates.iter().enumerate() {
            if let (Some(person), false, None) =
                (candidate.user_id, candidate.linked, candidate.conflict)
            {
                fitting.entry(person).or_default().push(index);
            }
        }
        let people: Vec<Uuid> = fitting.keys().copied().collect();
        let mut earlier: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        if !people.is_empty() {
            for (id, person) in import_candidates::for_people(tx, self.import.id, &people).await? {
                if Some(id) != but {
                    earlier.entry(person).or_default().push(id);
                }
            }
        }
        let reason = ConflictReason::TwoAccountsFitPerson;
        for (person, indexes) in fitting {
            let others = earlier.remove(&person).unwrap_or_default();
            if indexes.len() + others.len() > 1 {
                mark(sorted, &indexes, reason);
                sorted.conflicts.push((reason, others));
            }
        }
        Ok(())
    }

    /// Two accounts that would be created here under one name or address, on this page or on an earlier one.
    async fn find_namesakes(&self, tx: &Tx, sorted: &mut Sorted, but: Option<Uuid>) -> Result<()> {
        let new = |candidate: &&Candidate| {
            candidate.category == Category::New && candidate.conflict.is_none()
        };
        let mut taken: HashMap<(bool, String), Vec<usize>> = HashMap::new();
        for (index, candidate) in sorted.candidates.iter().enumerate() {
            if new(&candidate) {
                taken
                    .entry((true, candidate.login_key.clone()))
                    .or_default()
                    .push(index);
                taken
                    .entry((false, candidate.email_key.clone()))
                    .or_default()
                    .push(index);
            }
        }
        if taken.is_empty() {
            return Ok(());
        }
        let keys = |login: bool| -> Vec<&str> {
            taken
                .keys()
                .filter(|(of, _)| *of == login)
                .map(|(_, key)| key.as_str())
                .collect()
        };
        let found =
            import_candidates::new_with_keys(tx, self.import.id, &keys(true), &keys(false)).await?;
        let mut earlier: HashMap<(bool, String), Vec<Uuid>> = HashMap::new();
        for (id, login, email) in found.into_iter().filter(|(id, _, _)| Some(*id) != but) {
            earlier.entry((true, login)).or_default().push(id);
            earlier.entry((false, email)).or_default().push(id);
        }
        let reason = ConflictReason::SameNameTwice;
        for (key, indexes) in taken {
            let others = earlier.remove(&key).unwrap_or_default();
            if indexes.len() + others.len() > 1 {
                mark(sorted, &indexes, reason);
                sorted.conflicts.push((reason, others));
            }
        }
        Ok(())
    }
}

/// What a search looks into.
pub(super) fn search_text(name: &str, login: &str, email: &str) -> String {
    first(&format!("{name}\n{login}\n{email}"), MAX_SEARCH_TEXT)
}

/// The first characters of a text.
pub(super) fn first(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn mark(sorted: &mut Sorted, indexes: &[usize], reason: ConflictReason) {
    for index in indexes {
        if let Some(candidate) = sorted.candidates.get_mut(*index) {
            candidate.conflict = candidate.conflict.or(Some(reason));
        }
    }
}

fn key(values: &FieldValues, field: &str) -> String {
    let text = values.get(field).and_then(FieldValue::as_text);
    match_key(text.unwrap_or_default())
}

/// The name by which Okta shows the account: its display name, else given and family name, else the login.
fn shown_name(account: &Account<'_>) -> String {
    let user = account.user;
    let display = user
        .profile
        .get("displayName")
        .and_then(|name| name.as_str());
    if let Some(name) = display.map(str::trim).filter(|name| !name.is_empty()) {
        return name.to_owned();
    }
    let (given, family) = (
        user.first_name().unwrap_or_default(),
        user.last_name().unwrap_or_default(),
    );
    match format!("{given} {family}").trim() {
        "" => account.login.to_owned(),
        name => name.to_owned(),
    }
}
