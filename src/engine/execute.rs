//! A frozen request becomes one call, and its answer what it says of the account.

use okta_client::{Answer, Error, RoleAssignment, User};
use serde_json::Value as Json;

use super::frozen::Frozen;
use super::seen;
use super::sessions::Session;
use crate::domain::account::OktaStatus;
use crate::domain::directory::match_key;
use crate::domain::mapping::OktaProfile;
use crate::domain::plan::{GrantedRole, KnownAccount, OperationKind};
use crate::domain::resolve::{Applied, SeenUser};
use crate::store::account_links::Link;

/// What a successful call answered.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    /// The user as it is now.
    User(Box<User>),
    /// The role as it was given.
    Role(Box<RoleAssignment>),
    /// No word of it.
    Done,
}

/// Sends the request.
pub(super) async fn execute(session: &Session, frozen: &Frozen) -> Result<Answer<Effect>, Error> {
    let users = session.client.users(&session.auth);
    let roles = session.client.roles(&session.auth);
    let id = frozen.okta_id.as_deref().unwrap_or_default();
    let send_email = frozen.send_email.unwrap_or_default();
    let done = |()| Effect::Done;
    Ok(match frozen.kind {
        OperationKind::Create => {
            let activate = frozen.activate.unwrap_or_default();
            users.create(&frozen.body, activate).await?.map(changed)
        }
        OperationKind::Update => users.update(id, &frozen.body).await?.map(changed),
        OperationKind::Activate => users.activate(id, send_email).await?.map(|_| Effect::Done),
        OperationKind::Unsuspend => users.unsuspend(id).await?.map(done),
        OperationKind::Deactivate => users.deactivate(id, send_email).await?.map(done),
        OperationKind::Delete => users.delete(id, send_email).await?.map(done),
        OperationKind::GrantRole => roles
            .assign(id, &frozen.body)
            .await?
            .map(|role| Effect::Role(Box::new(role))),
        OperationKind::RevokeRole => {
            let assignment = frozen.assignment_id.as_deref().unwrap_or_default();
            roles.unassign(id, assignment).await?.map(done)
        }
        OperationKind::Link | OperationKind::Resume | OperationKind::Release => {
            return Err(Error::InvalidId);
        }
    })
}

/// Whether an answer is about what was asked for. One that tells of somebody else, or of nobody, proves nothing.
pub(super) fn answers(frozen: &Frozen, effect: &Effect) -> bool {
    match (frozen.kind, effect) {
        (OperationKind::Create, Effect::User(user)) => {
            let login = user.login().map(match_key);
            login.is_some() && login == frozen.login.as_deref().map(match_key)
        }
        (_, Effect::User(user)) => frozen.okta_id.as_ref() == Some(&user.id),
        (_, Effect::Role(role)) => frozen
            .role
            .is_some_and(|wanted| wanted.as_str() == role.kind),
        (_, Effect::Done) => true,
    }
}

fn changed(user: User) -> Effect {
    Effect::User(Box::new(user))
}

/// Records in `link` that the request had the effect.
pub(super) fn record(link: &mut Link, frozen: &Frozen, effect: Effect) {
    match effect {
        Effect::User(user) => record_user(link, frozen, seen::user(*user)),
        Effect::Role(role) => {
            if let (Some(account), Some(wanted)) = (&mut link.account, frozen.role) {
                account.record_grant(GrantedRole {
                    role: wanted,
                    created: seen::role(&role).created,
                });
            }
        }
        Effect::Done => record_done(link, frozen),
    }
}

/// Records in `link` what reading proved of a request whose answer was lost.
pub(super) fn record_proof(link: &mut Link, frozen: &Frozen, proof: Applied) {
    match proof {
        Applied::User(user) => record_user(link, frozen, *user),
        Applied::Gone => {
            if let Some(account) = &mut link.account {
                account.record_gone();
            }
        }
        Applied::RoleGranted(role) => {
            if let (Some(account), Some(wanted)) = (&mut link.account, frozen.role) {
                account.record_grant(GrantedRole {
                    role: wanted,
                    created: role.created,
                });
            }
        }
        Applied::RoleRevoked(left) => {
            record_done(link, frozen);
            if let Some(account) = &mut link.account {
                account.see_roles(&left);
            }
        }
    }
}

fn record_user(link: &mut Link, frozen: &Frozen, user: SeenUser) {
    if frozen.kind == OperationKind::Create {
        link.account = Some(created(frozen, user));
        link.candidate = None;
        return;
    }
    record_done(link, frozen);
    if let Some(account) = &mut link.account {
        let was_ours = account.deactivated_by_us;
        let profile = written(user.profile, frozen);
        account.see_user(user.status, user.transitioning_to.is_some(), profile);
        if account.status == OktaStatus::Deprovisioned || account.transitioning {
            account.deactivated_by_us = was_ours;
        }
    }
}

fn created(frozen: &Frozen, user: SeenUser) -> KnownAccount {
    let stamp = frozen.stamp.unwrap_or_default();
    let profile = written(user.profile, frozen);
    let mut account = KnownAccount::created(&user.okta_id, user.status, profile, stamp);
    account.transitioning = user.transitioning_to.is_some();
    account
}

fn record_done(link: &mut Link, frozen: &Frozen) {
    if let (Some(account), Some(operation)) = (&mut link.account, frozen.operation()) {
        account.record(&operation);
    }
}

/// The profile as Okta answered, with what we wrote as we wrote it: if Okta trims or folds a value, it is not written for ever.
fn written(mut profile: OktaProfile, frozen: &Frozen) -> OktaProfile {
    for (name, value) in frozen.profile() {
        match value {
            Json::Null => _ = profile.remove(&name),
            value => _ = profile.insert(name, value),
        }
    }
    profile
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::Operation;
    use serde_json::json;

    fn empty() -> Link {
        Link {
            account: None,
            candidate: None,
            confirmation: None,
            refusals: Vec::new(),
            recheck_at: None,
        }
    }

    fn object(value: Json) -> OktaProfile {
        value.as_object().unwrap().clone()
    }

    fn create() -> Frozen {
        let profile = object(json!({"login": "a@b.c", "title": " Boss "}));
        let operation = Operation::Create {
            profile,
            activate: true,
            stamp: 3,
        };
        Frozen::of(&operation, None, None)
    }

    fn seen_user(status: &str, profile: Json) -> SeenUser {
        SeenUser {
            okta_id: "00u1".to_owned(),
            status: status.into(),
            transitioning_to: None,
            created: 0,
            signed_in: false,
            profile: object(profile),
        }
    }

    #[test]
    fn what_was_written_counts_as_written_even_if_okta_trims_it() {
        let mut link = empty();
        let answer = seen_user(
            "PROVISIONED",
            json!({"login": "a@b.c", "title": "Boss", "x": 1}),
        );
        record_user(&mut link, &create(), answer);
        let account = link.account.unwrap();
        assert_eq!(account.profile["title"], " Boss ");
        assert_eq!(account.profile["x"], 1);
        assert_eq!(
            (account.activation_applied, account.okta_id.as_str()),
            (3, "00u1")
        );
    }

    #[test]
    fn an_answer_about_somebody_else_is_none() {
        let user = |id: &str, profile: Json| {
            let json = json!({"id": id, "status": "ACTIVE", "profile": profile});
            Effect::User(Box::new(serde_json::from_value(json).unwrap()))
        };
        let ann = json!({"login": "A@b.c"});
        assert!(answers(&create(), &user("00u1", ann.clone())));
        for profile in [
            json!({}),
            json!({"login": null}),
            json!({"login": "bea@b.c"}),
        ] {
            assert!(
                !answers(&create(), &user("00u1", profile.clone())),
                "{profile}"
            );
        }
        let changes = object(json!({"title": "x"}));
        let update = Frozen::of(&Operation::Update { changes }, Some("00u1"), None);
        assert!(answers(&update, &user("00u1", ann.clone())));
        assert!(!answers(&update, &user("00u2", ann)));
    }

    #[test]
    fn a_deactivation_proved_by_reading_is_ours() {
        let mut link = empty();
        record_user(&mut link, &create(), seen_user("ACTIVE", json!({})));
        let frozen = Frozen::of(&Operation::Deactivate, Some("00u1"), None);
        let proof = Applied::User(Box::new(seen_user("DEPROVISIONED", json!({}))));
        record_proof(&mut link, &frozen, proof);
        let account = link.account.unwrap();
        assert!(account.deactivated_by_us);
        assert_eq!(account.status, OktaStatus::Deprovisioned);
    }
}
