//! The table of design §3, row by row, and the two laws: one positive reading, two negative ones.

use serde_json::json;

use super::*;

const SENT: i64 = 1_000_000;

fn times() -> ResolutionTimes {
    ResolutionTimes::default()
}

fn request(kind: OperationKind) -> FrozenRequest {
    let body = match kind {
        OperationKind::Create => json!({"profile": {"login": "ann@x.org", "firstName": "Ann"}}),
        OperationKind::Update => json!({"profile": {"firstName": "Ann", "title": null}}),
        OperationKind::GrantRole | OperationKind::RevokeRole => json!({"type": "APP_ADMIN"}),
        _ => Json::Null,
    };
    FrozenRequest {
        kind,
        login: (kind == OperationKind::Create).then(|| "ann@x.org".to_owned()),
        okta_id: (kind != OperationKind::Create).then(|| "00u1".to_owned()),
        body,
        sent_at: SENT,
        first_sent_at: SENT,
    }
}

fn user(status: &str) -> SeenUser {
    let profile = json!({"login": "ann@x.org", "firstName": "Ann", "lastName": "Lee"});
    SeenUser {
        okta_id: "00u1".into(),
        status: status.into(),
        transitioning_to: None,
        created: SENT + 500,
        signed_in: false,
        profile: profile.as_object().unwrap().clone(),
    }
}

fn seen(user: SeenUser) -> Seen {
    Seen::User(Box::new(user))
}

fn role(role_type: &str, inherited: bool, created: Option<i64>) -> ListedRole {
    ListedRole {
        role_type: role_type.into(),
        inherited,
        created,
    }
}

/// What the same reading proves in the end: read at once, and again when asked to.
fn finally(request: &FrozenRequest, what: &Seen) -> (Verdict, usize) {
    let mut readings = Vec::new();
    loop {
        match resolve(request, &readings, &times()) {
            Verdict::ReadAgain { at, .. } if readings.len() < 10 => {
                readings.push(Reading {
                    at,
                    seen: what.clone(),
                });
            }
            verdict => return (verdict, readings.len()),
        }
    }
}

fn outcome(kind: OperationKind, what: Seen) -> String {
    let (verdict, reads) = finally(&request(kind), &what);
    let name = match verdict {
        Verdict::Applied(Applied::User(_)) => "applied",
        Verdict::Applied(Applied::Gone) => "applied, gone",
        Verdict::Applied(Applied::RoleGranted(_)) => "granted",
        Verdict::Applied(Applied::RoleRevoked(_)) => "revoked",
        Verdict::NotApplied {
            then: Then::SendAgain {
                without_email: true,
            },
            ..
        } => "again without mail",
        Verdict::NotApplied {
            then: Then::SendAgain { .. },
            ..
        } => "again",
        Verdict::NotApplied {
            then: Then::PlanAgain,
            ..
        } => "plan",
        Verdict::ReadAgain { .. } => "undecided",
        Verdict::UserGone => "gone",
        Verdict::NeedsConfirmation(_) => "confirm",
    };
    format!("{name} after {reads}")
}

#[test]
fn create() {
    use OperationKind::Create;
    let since = |created| SeenUser {
        created,
        ..user("PROVISIONED")
    };
    let other_name = json!({"login": "ann@x.org", "firstName": "Bea"});
    let other_case = json!({"login": "Ann@X.org", "firstName": "Ann"});
    let short = json!({"login": "ann@x.org.uk", "firstName": "Ann"});
    let with = |profile: Json| SeenUser {
        profile: profile.as_object().unwrap().clone(),
        ..user("ACTIVE")
    };
    let rows = [
        (seen(user("PROVISIONED")), "applied after 1"),
        (seen(user("STAGED")), "applied after 1"),
        (seen(since(SENT - 1_500)), "applied after 1"),
        (seen(since(SENT - 60_000)), "confirm after 2"),
        (
            seen(SeenUser {
                signed_in: true,
                ..user("ACTIVE")
            }),
            "confirm after 2",
        ),
        (seen(with(other_name)), "confirm after 2"),
        (seen(with(other_case)), "confirm after 2"),
        (seen(with(short)), "again after 2"),
        (Seen::NoUser, "again after 2"),
    ];
    for (what, expected) in rows {
        assert_eq!(outcome(Create, what.clone()), expected, "{what:?}");
    }
}

#[test]
fn update() {
    let stale = |title: Json| {
        let mut user = user("ACTIVE");
        user.profile.insert("title".into(), title);
        seen(user)
    };
    assert_eq!(
        outcome(OperationKind::Update, seen(user("ACTIVE"))),
        "applied after 1"
    );
    assert_eq!(
        outcome(OperationKind::Update, stale(Json::Null)),
        "applied after 1"
    );
    assert_eq!(
        outcome(OperationKind::Update, stale(json!("Clerk"))),
        "again after 2"
    );
    assert_eq!(outcome(OperationKind::Update, Seen::NoUser), "gone after 2");
    let other = SeenUser {
        okta_id: "00u2".into(),
        ..user("ACTIVE")
    };
    assert_eq!(
        outcome(OperationKind::Update, seen(other)),
        "undecided after 10"
    );
}

#[test]
fn lifecycle() {
    use OperationKind::{Activate, Deactivate, Delete, Unsuspend};
    let rows = [
        (Activate, "STAGED", "again without mail after 2"),
        (Activate, "DEPROVISIONED", "again without mail after 2"),
        (Activate, "PROVISIONED", "applied after 1"),
        (Activate, "ACTIVE", "applied after 1"),
        (Unsuspend, "ACTIVE", "applied after 1"),
        (Unsuspend, "SUSPENDED", "again after 2"),
        (Unsuspend, "DEPROVISIONED", "plan after 2"),
        (Deactivate, "DEPROVISIONED", "applied after 1"),
        (Deactivate, "ACTIVE", "again after 2"),
        (Deactivate, "SUSPENDED", "again after 2"),
        (Delete, "DEPROVISIONED", "again after 2"),
        (Delete, "ACTIVE", "plan after 2"),
        (Delete, "STAGED", "plan after 2"),
    ];
    for (kind, status, expected) in rows {
        assert_eq!(
            outcome(kind, seen(user(status))),
            expected,
            "{kind} {status}"
        );
    }
    let on_its_way = |status: &str, to: &str| {
        seen(SeenUser {
            transitioning_to: Some(to.into()),
            ..user(status)
        })
    };
    assert_eq!(
        outcome(Deactivate, on_its_way("ACTIVE", "DEPROVISIONED")),
        "applied after 1"
    );
    assert_eq!(
        outcome(Activate, on_its_way("STAGED", "ACTIVE")),
        "applied after 1"
    );
    assert_eq!(outcome(Delete, Seen::NoUser), "applied, gone after 2");
    assert_eq!(outcome(Deactivate, Seen::NoUser), "gone after 2");
}

#[test]
fn roles() {
    use OperationKind::{GrantRole, RevokeRole};
    let list = |roles: &[ListedRole]| Seen::Roles(roles.to_vec());
    let rows = [
        (
            GrantRole,
            list(&[role("APP_ADMIN", false, Some(SENT + 1))]),
            "granted after 1",
        ),
        (
            GrantRole,
            list(&[role("APP_ADMIN", false, Some(SENT - 60_000))]),
            "plan after 1",
        ),
        (
            GrantRole,
            list(&[role("APP_ADMIN", false, None)]),
            "plan after 1",
        ),
        (
            GrantRole,
            list(&[role("APP_ADMIN", true, Some(SENT + 1))]),
            "again after 2",
        ),
        (
            GrantRole,
            list(&[role("ORG_ADMIN", false, Some(SENT + 1))]),
            "again after 2",
        ),
        (GrantRole, list(&[]), "again after 2"),
        (RevokeRole, list(&[]), "revoked after 1"),
        (
            RevokeRole,
            list(&[role("APP_ADMIN", true, None)]),
            "revoked after 1",
        ),
        (
            RevokeRole,
            list(&[role("APP_ADMIN", false, Some(SENT - 60_000))]),
            "again after 2",
        ),
        (
            RevokeRole,
            list(&[role("APP_ADMIN", false, None)]),
            "again after 2",
        ),
        (
            RevokeRole,
            list(&[role("APP_ADMIN", false, Some(SENT + 60_000))]),
            "revoked after 1",
        ),
        (RevokeRole, Seen::NoUser, "gone after 2"),
    ];
    for (kind, what, expected) in rows {
        assert_eq!(outcome(kind, what.clone()), expected, "{kind} {what:?}");
    }
}

#[test]
fn not_applied_takes_two_readings_ten_seconds_apart_the_later_after_75_s() {
    let request = request(OperationKind::Create);
    let after = |offsets: &[i64]| {
        let readings: Vec<Reading> = offsets
            .iter()
            .map(|offset| Reading {
                at: SENT + offset,
                seen: Seen::NoUser,
            })
            .collect();
        resolve(&request, &readings, &times())
    };
    let again = |offset: i64| Verdict::ReadAgain {
        at: SENT + offset,
        read: Read::UserByLogin("ann@x.org".into()),
    };
    let sure = |offset: i64| Verdict::NotApplied {
        then: Then::SendAgain {
            without_email: false,
        },
        recheck_at: SENT + offset + 90_000,
    };
    assert_eq!(after(&[]), again(0));
    assert_eq!(after(&[100]), again(75_000));
    assert_eq!(after(&[100, 30_000, 74_999]), again(75_000));
    assert_eq!(after(&[100, 75_000]), sure(75_000));
    assert_eq!(after(&[80_000]), again(90_000));
    assert_eq!(after(&[80_000, 89_999]), again(90_000));
    assert_eq!(after(&[80_000, 90_000]), sure(90_000));
    assert_eq!(
        after(&[-50_000, 80_000]),
        again(90_000),
        "what was read before sending proves nothing"
    );
}

#[test]
fn what_may_be_of_the_time_before_proves_nothing() {
    use OperationKind::{Activate, Create, Deactivate, GrantRole, RevokeRole, Update};
    let at = |kind, offset, what: &Seen| {
        let reading = Reading {
            at: SENT + offset,
            seen: what.clone(),
        };
        resolve(&request(kind), &[reading], &times())
    };
    let old = role("APP_ADMIN", false, Some(SENT - 60_000));
    let new = role("APP_ADMIN", false, Some(SENT + 1));
    let stranger = SeenUser {
        created: SENT - 60_000,
        ..user("ACTIVE")
    };
    for (kind, what) in [
        (Update, seen(user("ACTIVE"))),
        (Activate, seen(user("ACTIVE"))),
        (Deactivate, seen(user("DEPROVISIONED"))),
        (GrantRole, Seen::Roles(vec![old])),
        (GrantRole, Seen::Roles(vec![new])),
        (RevokeRole, Seen::Roles(Vec::new())),
        (Create, seen(stranger)),
    ] {
        let Verdict::ReadAgain { at: when, .. } = at(kind, 9_999, &what) else {
            panic!("{kind} believed {what:?} too early");
        };
        assert_eq!(when, SENT + 10_000, "{kind}");
        let verdict = at(kind, 10_000, &what);
        assert!(
            !matches!(verdict, Verdict::ReadAgain { .. }),
            "{kind} {verdict:?}"
        );
    }
    let made = at(Create, 1, &seen(user("PROVISIONED")));
    assert!(matches!(made, Verdict::Applied(_)), "its date tells");
}

#[test]
fn a_reading_that_lags_is_told_by_what_we_did() {
    use OperationKind::{Activate, Create, Deactivate, Update};
    let behind = |kind, what: &Seen| is_behind(&request(kind), what, &times());
    assert!(behind(Create, &Seen::NoUser));
    assert!(behind(Deactivate, &seen(user("ACTIVE"))));
    assert!(behind(Activate, &seen(user("DEPROVISIONED"))));
    let other = SeenUser {
        profile: Default::default(),
        ..user("ACTIVE")
    };
    assert!(behind(Update, &seen(other.clone())));
    assert!(!behind(Create, &seen(other)), "renamed since, perhaps");
    assert!(!behind(Deactivate, &seen(user("DEPROVISIONED"))));
}

#[test]
fn a_late_effect_is_found() {
    let request = request(OperationKind::Create);
    let late = SeenUser {
        created: SENT + 60_000,
        ..user("PROVISIONED")
    };
    let readings = [
        Reading {
            at: SENT + 100,
            seen: Seen::NoUser,
        },
        Reading {
            at: SENT + 75_000,
            seen: seen(late),
        },
    ];
    assert!(matches!(
        resolve(&request, &readings, &times()),
        Verdict::Applied(Applied::User(_))
    ));
}

#[test]
fn what_the_first_sending_made_is_ours_after_the_second() {
    let request = FrozenRequest {
        sent_at: SENT + 80_000,
        ..request(OperationKind::Create)
    };
    let readings = [Reading {
        at: SENT + 81_000,
        seen: seen(user("PROVISIONED")),
    }];
    assert!(matches!(
        resolve(&request, &readings, &times()),
        Verdict::Applied(Applied::User(_))
    ));
}

#[test]
fn a_request_that_lands_late_is_told_from_what_others_do() {
    let grant = request(OperationKind::GrantRole);
    let listed = |created| Seen::Roles(vec![role("APP_ADMIN", false, Some(created))]);
    let told = |what: &Seen| late(&grant, what, &times());
    assert!(matches!(
        told(&listed(SENT + 100_000)),
        Some(Applied::RoleGranted(_))
    ));
    assert_eq!(told(&listed(SENT - 100_000)), None, "somebody else's");
    assert_eq!(told(&Seen::Roles(Vec::new())), None);
    let create = request(OperationKind::Create);
    let made = SeenUser {
        created: SENT + 100_000,
        ..user("PROVISIONED")
    };
    assert!(matches!(
        late(&create, &seen(made), &times()),
        Some(Applied::User(_))
    ));
    let older = SeenUser {
        created: SENT - 100_000,
        ..user("PROVISIONED")
    };
    assert_eq!(late(&create, &seen(older), &times()), None);
}
