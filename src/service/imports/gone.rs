//! Candidates for people whose linked account was on no page of a complete list.

use std::collections::HashMap;

use uuid::Uuid;

use super::rules::{Basis, distinct};
use super::sort::{MAX_SORT_NAME, first, search_text};
use super::{Candidate, Import};
use crate::domain::account::OktaStatus;
use crate::domain::directory::match_key;
use crate::domain::import::Category;
use crate::domain::mapping::{EMAIL, LOGIN, OktaProfile};
use crate::random;
use crate::service::Result;
use crate::store::accounts::Row;
use crate::store::users::UserRow;
use crate::store::{Tx, import_matches, users};

/// One for each account. Whoever was deleted here is left out: the account may be gone for that very reason.
pub(super) async fn candidates(
    tx: &Tx,
    import: &Import,
    basis: &Basis,
    rows: Vec<Row>,
) -> Result<Vec<Candidate>> {
    let ids = distinct(rows.iter().map(|row| row.user_id));
    let people = users::find_many(tx, import.organization_id, &ids).await?;
    let people: HashMap<Uuid, UserRow> = people
        .into_iter()
        .filter(|person| person.deleted_at.is_none())
        .map(|person| (person.id, person))
        .collect();
    let assigned = import_matches::assigned(tx, import.app_id, &ids).await?;
    let reader = basis.reader();
    let candidate = |row: Row| {
        let person = people.get(&row.user_id)?;
        let profile = match row.okta_profile {
            Some(serde_json::Value::Object(profile)) => profile,
            _ => OktaProfile::new(),
        };
        let text = |name: &str| profile.get(name).and_then(|value| value.as_str());
        let login = text(LOGIN).unwrap_or(&person.user_name).to_owned();
        let email = text(EMAIL).unwrap_or(&person.primary_email).to_owned();
        let (login_key, email_key) = (match_key(&login), match_key(&email));
        Some(Candidate {
            id: random::new_id(),
            import_id: import.id,
            organization_id: import.organization_id,
            okta_id: row.okta_id?,
            category: Category::Vanished,
            conflict: None,
            user_id: Some(person.id),
            user_revision: Some(person.revision),
            okta_status: OktaStatus::Deleted,
            okta_last_updated: None,
            is_admin: false,
            linked: true,
            assigned: assigned.contains(&person.id),
            differs: false,
            display_name: person.display_name.clone(),
            sort_name: first(&person.sort_name, MAX_SORT_NAME),
            search_text: search_text(&person.sort_name, &login_key, &email_key),
            login,
            login_key,
            email,
            email_key,
            profile: reader.mapped(&profile),
            differences: Vec::new(),
            selected: false,
            source_profile: None,
            outcome: None,
            outcome_reason: None,
            outcome_message: None,
            applied_at: None,
        })
    };
    Ok(rows.into_iter().filter_map(candidate).collect())
}
