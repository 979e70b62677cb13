//! Readings that lag: one that does not show what we ourselves have just done is from before it, and is made again instead of believed.
//!
//! Okta's reads by id are consistent by its documentation (contract §3). If they are not, a deactivation, a role or a whole account would
//! be forgotten by a single reading of the past.

use super::context::Stop;
use super::frozen::Frozen;
use super::pass::{Pass, Situation};
use crate::domain::plan::{GrantedRole, OperationKind};
use crate::domain::resolve::{ResolutionTimes, Seen, is_behind};
use crate::store::operations;

/// A request that had its effect.
pub(super) struct Done {
    pub(super) frozen: Frozen,
    /// When it was sent, by Okta's clock.
    pub(super) sent_at: i64,
    /// When that was known, by ours.
    pub(super) known_at: i64,
}

/// When to read again what does not show our newest changes, by our clock; null when it shows them, or when they are too old to matter.
///
/// # Errors
/// The database's.
pub(super) async fn caught_up_at(
    pass: &Pass<'_>,
    s: &Situation,
    seen: &Seen,
) -> Result<Option<i64>, Stop> {
    let times = &pass.ctx.config.times;
    let since = pass.ctx.now() - times.negative_gap_ms;
    let rows = operations::done_since(&pass.ctx.services.store, pass.account, since).await?;
    let done: Vec<Done> = rows
        .into_iter()
        .filter_map(|row| {
            Some(Done {
                frozen: serde_json::from_value(row.request).ok()?,
                sent_at: row.sent_at_okta,
                known_at: row.resolved_at?,
            })
        })
        .collect();
    let account = s.link.account.as_ref();
    let granted = account.and_then(|account| account.roles.granted);
    Ok(behind(&done, granted, seen, times))
}

/// As [`caught_up_at`], from what was done within the time that a reading may lag, the newest first.
pub(super) fn behind(
    done: &[Done],
    granted: Option<GrantedRole>,
    seen: &Seen,
    times: &ResolutionTimes,
) -> Option<i64> {
    let newest =
        |kinds: &[OperationKind]| done.iter().find(|done| kinds.contains(&done.frozen.kind));
    let status = newest(&[
        OperationKind::Create,
        OperationKind::Activate,
        OperationKind::Unsuspend,
        OperationKind::Deactivate,
    ]);
    let telling = match seen {
        Seen::Roles(listed) => {
            let role = newest(&[OperationKind::GrantRole, OperationKind::RevokeRole]);
            let woken = status.filter(|done| done.frozen.kind == OperationKind::Activate);
            // A deactivation takes roles away: one that is still there may be from before it.
            let kept = granted.is_some_and(|granted| listed.iter().any(|held| granted.is(held)));
            let later = |one: &Done| woken.is_none_or(|woken| one.sent_at >= woken.sent_at);
            match role.filter(|role| later(role)) {
                Some(role) => [shows_not(role, seen, times), None],
                None => [woken.filter(|_| kept), None],
            }
        }
        Seen::User(_) | Seen::NoUser => [status, newest(&[OperationKind::Update])]
            .map(|done| done.and_then(|done| shows_not(done, seen, times))),
    };
    let known_at = telling
        .into_iter()
        .flatten()
        .map(|done| done.known_at)
        .max()?;
    Some(known_at + times.negative_gap_ms)
}

fn shows_not<'a>(done: &'a Done, seen: &Seen, times: &ResolutionTimes) -> Option<&'a Done> {
    is_behind(&done.frozen.request(done.sent_at), seen, times).then_some(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::okta_role::RoleType;
    use crate::domain::plan::{ListedRole, Operation};
    use crate::domain::resolve::SeenUser;

    fn done(operation: &Operation, at: i64) -> Done {
        Done {
            frozen: Frozen::of(operation, Some("00u1"), None),
            sent_at: at,
            known_at: at,
        }
    }

    fn user(status: &str) -> Seen {
        Seen::User(Box::new(SeenUser {
            okta_id: "00u1".to_owned(),
            status: status.into(),
            transitioning_to: None,
            created: 0,
            signed_in: false,
            profile: Default::default(),
        }))
    }

    fn told(done: &[Done], granted: Option<GrantedRole>, seen: &Seen) -> Option<i64> {
        behind(done, granted, seen, &ResolutionTimes::default())
    }

    #[test]
    fn what_does_not_show_our_newest_change_is_read_again() {
        let wake = Operation::Activate {
            send_email: false,
            stamp: 1,
        };
        let rows = [done(&wake, 2_000), done(&Operation::Deactivate, 1_000)];
        assert_eq!(told(&rows, None, &user("PROVISIONED")), None);
        assert_eq!(told(&rows, None, &user("DEPROVISIONED")), Some(12_000));
        assert_eq!(told(&rows, None, &Seen::NoUser), Some(12_000));
        assert_eq!(
            told(&[], None, &Seen::NoUser),
            None,
            "nothing was done lately"
        );
        let off = [done(&Operation::Deactivate, 1_000)];
        assert_eq!(told(&off, None, &user("ACTIVE")), Some(11_000));
    }

    #[test]
    fn roles_show_the_newest_of_what_we_gave_and_took() {
        let role = RoleType::UserAdmin;
        let listed = Seen::Roles(vec![ListedRole {
            role_type: role.to_string(),
            inherited: false,
            created: Some(500),
        }]);
        let none = Seen::Roles(Vec::new());
        let given = Some(GrantedRole {
            role,
            created: Some(500),
        });
        let grant = [done(&Operation::GrantRole { role }, 400)];
        assert_eq!(told(&grant, given, &listed), None);
        assert_eq!(told(&grant, given, &none), Some(10_400));
        let revoke = [done(&Operation::RevokeRole { role }, 1_000)];
        assert_eq!(told(&revoke, None, &listed), Some(11_000));
        let wake = Operation::Activate {
            send_email: false,
            stamp: 1,
        };
        let woken = [
            done(&wake, 2_000),
            done(&Operation::GrantRole { role }, 400),
        ];
        assert_eq!(
            told(&woken, given, &listed),
            Some(12_000),
            "perhaps of the time before"
        );
        assert_eq!(told(&woken, given, &none), None);
    }
}
