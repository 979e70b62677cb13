//! Who is in the demo's Okta org before anything begins: people whom the import will find.

use okta_sandbox::{Seed, SeedUser};
use serde_json::{Map, Value, json};

use super::people::{ONLY_IN_OKTA, ORGANIZATION, PEOPLE, Person};

/// Who of the directory is in Okta too, with another title there.
pub(super) const RETITLED: [usize; 3] = [20, 21, 22];
/// Who of the directory is deactivated in Okta.
pub(super) const DEACTIVATED_IN_OKTA: usize = 23;
/// Who is active in Okta, and inactive in the directory.
pub(super) const INACTIVE_HERE: usize = 24;
/// Whose login an account has that bears the e-mail address of the next.
pub(super) const MIXED_UP: [usize; 2] = [25, 26];

/// The org as the demo finds it.
pub(super) fn seed() -> Seed {
    let mut users: Vec<SeedUser> = ONLY_IN_OKTA
        .iter()
        .map(|each| active(profile(each)))
        .collect();
    for at in RETITLED {
        let mut changed = profile(&PEOPLE[at]);
        changed.insert(
            "title".to_owned(),
            json!(format!("Senior {}", PEOPLE[at].title)),
        );
        users.push(active(changed));
    }
    users.push(SeedUser {
        status: Some("DEPROVISIONED".to_owned()),
        ..active(profile(&PEOPLE[DEACTIVATED_IN_OKTA]))
    });
    users.push(active(profile(&PEOPLE[INACTIVE_HERE])));
    let mut mixed = profile(&PEOPLE[MIXED_UP[0]]);
    mixed.insert("email".to_owned(), json!(PEOPLE[MIXED_UP[1]].email()));
    users.push(active(mixed));
    Seed {
        users,
        ..Seed::standard()
    }
}

fn active(profile: Map<String, Value>) -> SeedUser {
    SeedUser {
        profile,
        ..SeedUser::default()
    }
}

/// The profile that the demo's mapping makes of the person.
fn profile(person: &Person) -> Map<String, Value> {
    let values = [
        ("login", person.email()),
        ("email", person.email()),
        ("firstName", person.given.to_owned()),
        ("lastName", person.family.to_owned()),
        ("displayName", person.display_name()),
        ("secondEmail", person.second_email()),
        ("title", person.title.to_owned()),
        ("department", person.department.to_owned()),
        ("city", person.city.to_owned()),
        ("countryCode", person.country.to_owned()),
        ("preferredLanguage", person.language.to_owned()),
        ("organization", ORGANIZATION.to_owned()),
    ];
    values
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect()
}
