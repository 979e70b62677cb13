//! A request as it is committed before it leaves: everything that is needed to send it, to recognise its effect, and to show it.

use okta_client::Call;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::domain::mapping::LOGIN;
use crate::domain::okta_role::RoleType;
use crate::domain::plan::{Operation, OperationKind};
use crate::domain::resolve::FrozenRequest;

/// A frozen request. Its JSON is what `operation.request` holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frozen {
    /// What is done.
    pub kind: OperationKind,
    /// HTTP method; null without a call.
    pub method: Option<String>,
    /// Path below the org, for people; null without a call.
    pub path: Option<String>,
    /// The login; only of `CREATE`.
    pub login: Option<String>,
    /// Okta's id of the user; null for `CREATE`.
    pub okta_id: Option<String>,
    /// The body; null without one.
    pub body: Json,
    /// Whether the account is activated at once; only of `CREATE`.
    pub activate: Option<bool>,
    /// Whether Okta mails the person; null where it cannot.
    pub send_email: Option<bool>,
    /// The activation that it brings to effect.
    pub stamp: Option<i64>,
    /// The role that is given or taken.
    pub role: Option<RoleType>,
    /// Okta's id of the role assignment that is taken.
    pub assignment_id: Option<String>,
    /// When it was first sent, by Okta's clock; null while that is the row's own time.
    pub first_sent_okta: Option<i64>,
}

impl Frozen {
    /// Freezes an operation on the account `okta_id`. `assignment_id` is needed to revoke a role.
    #[must_use]
    pub fn of(operation: &Operation, okta_id: Option<&str>, assignment_id: Option<&str>) -> Self {
        let mut frozen = Self::empty(operation.kind(), okta_id);
        match operation {
            Operation::Create {
                profile,
                activate,
                stamp,
            } => {
                frozen.login = profile.get(LOGIN).and_then(Json::as_str).map(str::to_owned);
                frozen.body = json!({ "profile": profile });
                frozen.activate = Some(*activate);
                frozen.stamp = Some(*stamp);
            }
            Operation::Update { changes } => frozen.body = json!({ "profile": changes }),
            Operation::Activate { send_email, stamp } => {
                frozen.send_email = Some(*send_email);
                frozen.stamp = Some(*stamp);
            }
            Operation::Unsuspend { stamp } => frozen.stamp = Some(*stamp),
            Operation::Deactivate | Operation::Delete => frozen.send_email = Some(false),
            Operation::GrantRole { role } => {
                frozen.role = Some(*role);
                frozen.body = json!({ "type": role });
            }
            Operation::RevokeRole { role } => {
                frozen.role = Some(*role);
                frozen.body = json!({ "type": role });
                frozen.assignment_id = assignment_id.map(str::to_owned);
            }
            Operation::Link { okta_id, .. } => frozen.okta_id = Some(okta_id.clone()),
            Operation::Resume | Operation::Release => {}
        }
        frozen.describe();
        frozen
    }

    fn empty(kind: OperationKind, okta_id: Option<&str>) -> Self {
        Self {
            kind,
            method: None,
            path: None,
            login: None,
            okta_id: okta_id.map(str::to_owned),
            body: Json::Null,
            activate: None,
            send_email: None,
            stamp: None,
            role: None,
            assignment_id: None,
            first_sent_okta: None,
        }
    }

    fn describe(&mut self) {
        let id = self.okta_id.as_deref().unwrap_or_default();
        let role = self.assignment_id.as_deref().unwrap_or_default();
        let (method, path) = match self.kind {
            OperationKind::Create => ("POST", "/api/v1/users".to_owned()),
            OperationKind::Update => ("POST", format!("/api/v1/users/{id}")),
            OperationKind::Activate => ("POST", format!("/api/v1/users/{id}/lifecycle/activate")),
            OperationKind::Unsuspend => ("POST", format!("/api/v1/users/{id}/lifecycle/unsuspend")),
            OperationKind::Deactivate => {
                ("POST", format!("/api/v1/users/{id}/lifecycle/deactivate"))
            }
            OperationKind::Delete => ("DELETE", format!("/api/v1/users/{id}")),
            OperationKind::GrantRole => ("POST", format!("/api/v1/users/{id}/roles")),
            OperationKind::RevokeRole => ("DELETE", format!("/api/v1/users/{id}/roles/{role}")),
            OperationKind::Link | OperationKind::Resume | OperationKind::Release => return,
        };
        self.method = Some(method.to_owned());
        self.path = Some(path);
    }

    /// The call that it is made of; null without one.
    #[must_use]
    pub const fn call(&self) -> Option<Call> {
        Some(match self.kind {
            OperationKind::Create => Call::CreateUser,
            OperationKind::Update => Call::UpdateUser,
            OperationKind::Activate => Call::ActivateUser,
            OperationKind::Unsuspend => Call::UnsuspendUser,
            OperationKind::Deactivate => Call::DeactivateUser,
            OperationKind::Delete => Call::DeleteUser,
            OperationKind::GrantRole => Call::AssignRole,
            OperationKind::RevokeRole => Call::UnassignRole,
            OperationKind::Link | OperationKind::Resume | OperationKind::Release => return None,
        })
    }

    /// What resolving an unknown outcome starts from.
    #[must_use]
    pub fn request(&self, sent_at_okta: i64) -> FrozenRequest {
        FrozenRequest {
            kind: self.kind,
            login: self.login.clone(),
            okta_id: self.okta_id.clone(),
            body: self.body.clone(),
            sent_at: sent_at_okta,
            first_sent_at: self.first_sent_okta.unwrap_or(sent_at_okta),
        }
    }

    /// The operation again, to record what its success means. Null for those that make a new account.
    #[must_use]
    pub fn operation(&self) -> Option<Operation> {
        let stamp = self.stamp.unwrap_or_default();
        Some(match self.kind {
            OperationKind::Update => Operation::Update {
                changes: self.profile(),
            },
            OperationKind::Activate => Operation::Activate {
                send_email: self.send_email.unwrap_or_default(),
                stamp,
            },
            OperationKind::Unsuspend => Operation::Unsuspend { stamp },
            OperationKind::Deactivate => Operation::Deactivate,
            OperationKind::Delete => Operation::Delete,
            OperationKind::GrantRole => Operation::GrantRole { role: self.role? },
            OperationKind::RevokeRole => Operation::RevokeRole { role: self.role? },
            OperationKind::Resume => Operation::Resume,
            OperationKind::Release => Operation::Release,
            OperationKind::Create | OperationKind::Link => return None,
        })
    }

    /// The attributes that it writes; empty where it writes none.
    #[must_use]
    pub fn profile(&self) -> serde_json::Map<String, Json> {
        match self.body.get("profile") {
            Some(Json::Object(profile)) => profile.clone(),
            _ => serde_json::Map::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operations() -> Vec<Operation> {
        let profile = json!({"login": "a@b.c", "title": null});
        let profile = profile.as_object().unwrap().clone();
        let role = RoleType::UserAdmin;
        vec![
            Operation::Update { changes: profile },
            Operation::Activate {
                send_email: true,
                stamp: 3,
            },
            Operation::Unsuspend { stamp: 4 },
            Operation::Deactivate,
            Operation::Delete,
            Operation::GrantRole { role },
            Operation::RevokeRole { role },
            Operation::Resume,
            Operation::Release,
        ]
    }

    #[test]
    fn thawing_gives_back_what_was_frozen() {
        for operation in operations() {
            let frozen = Frozen::of(&operation, Some("00u1"), Some("IFIF"));
            let stored = serde_json::to_value(&frozen).unwrap();
            let read: Frozen = serde_json::from_value(stored).unwrap();
            assert_eq!(read, frozen);
            assert_eq!(read.operation(), Some(operation));
        }
    }

    #[test]
    fn what_calls_okta_says_how() {
        for operation in operations() {
            let frozen = Frozen::of(&operation, Some("00u1"), None);
            assert_eq!(frozen.call().is_some(), frozen.kind.calls_okta());
            assert_eq!(frozen.path.is_some(), frozen.kind.calls_okta());
        }
    }
}
