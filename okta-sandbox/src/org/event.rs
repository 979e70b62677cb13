//! The system log.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Org, serial_key, user::User};
use crate::{clock::stamp, ids};

/// Who did it.
#[derive(Debug, Clone)]
pub(crate) struct EventActor {
    pub id: String,
    /// `User`, `PublicClientApp` or `SystemPrincipal`.
    pub kind: &'static str,
    pub alternate_id: String,
    pub display_name: String,
}

impl EventActor {
    pub fn system(id: &str) -> Self {
        Self {
            id: id.into(),
            kind: "SystemPrincipal",
            alternate_id: "system@okta.com".into(),
            display_name: "Okta System".into(),
        }
    }

    pub fn user(user: &User) -> Self {
        Self {
            id: user.id.clone(),
            kind: "User",
            alternate_id: user.login().into(),
            display_name: user.display_name(),
        }
    }
}

/// One thing to be logged.
#[derive(Debug)]
pub(crate) struct Event<'a> {
    pub kind: &'static str,
    pub message: &'static str,
    pub actor: &'a EventActor,
    pub target: Option<Target>,
    pub request_id: &'a str,
    pub path: &'a str,
    pub success: bool,
}

/// To whom it was done.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub id: String,
    pub kind: &'static str,
    pub alternate_id: String,
    pub display_name: String,
    /// Attributes before and after, for profile updates.
    pub change: Option<(Value, Value)>,
}

impl Target {
    pub fn user(user: &User) -> Self {
        Self {
            id: user.id.clone(),
            kind: "User",
            alternate_id: user.login().into(),
            display_name: user.display_name(),
            change: None,
        }
    }
}

impl Org {
    pub fn log(&mut self, event: &Event<'_>, now: DateTime<Utc>) {
        let serial = self.next_serial();
        let body = json!({
            "actor": {
                "id": event.actor.id,
                "type": event.actor.kind,
                "alternateId": event.actor.alternate_id,
                "displayName": event.actor.display_name,
                "detailEntry": null,
            },
            "client": {
                "userAgent": null,
                "zone": "null",
                "device": "Unknown",
                "id": null,
                "ipAddress": "127.0.0.1",
                "geographicalContext": null,
            },
            "device": null,
            "authenticationContext": {
                "authenticationProvider": null,
                "credentialProvider": null,
                "credentialType": null,
                "issuer": null,
                "interface": null,
                "authenticationStep": 0,
                "externalSessionId": "unknown",
            },
            "displayMessage": event.message,
            "eventType": event.kind,
            "outcome": if event.success {
                json!({ "result": "SUCCESS", "reason": null })
            } else {
                json!({ "result": "FAILURE", "reason": event.message })
            },
            "published": stamp(now),
            "securityContext": {
                "asNumber": null,
                "asOrg": null,
                "isp": null,
                "domain": null,
                "isProxy": null,
            },
            "severity": if event.success { "INFO" } else { "WARN" },
            "debugContext": {
                "debugData": { "requestId": event.request_id, "requestUri": event.path, "url": event.path },
            },
            "legacyEventType": null,
            "transaction": { "type": "WEB", "id": event.request_id, "detail": {} },
            "uuid": ids::uuid(),
            "version": "0",
            "request": { "ipChain": [] },
            "target": event.target.as_ref().map(|target| [target_body(target)]),
            "_serial": serial,
        });
        self.events.insert(serial_key(serial), body);
    }
}

fn target_body(target: &Target) -> Value {
    let mut body = json!({
        "id": target.id,
        "type": target.kind,
        "alternateId": target.alternate_id,
        "displayName": target.display_name,
        "detailEntry": null,
    });
    if let Some((from, to)) = &target.change {
        body["changeDetails"] = json!({ "from": from, "to": to });
    }
    body
}
