//! The audit row of an effect on Okta: what was done, before and after.

use serde_json::{Value as Json, json};

use super::frozen::Frozen;
use super::operate::Sent;
use super::pass::{Pass, Situation};
use crate::domain::plan::KnownAccount;
use crate::store::audit::{Actor, Entry};

/// The audit row of an effect on Okta: before and after.
pub(super) fn act(
    pass: &Pass<'_>,
    s: &Situation,
    sent: &Sent,
    request_id: Option<String>,
) -> Entry {
    let frozen = &sent.frozen;
    let before = s
        .link
        .account
        .as_ref()
        .map(|account| picture(account, frozen));
    let detail = json!({
        "oktaId": frozen.okta_id,
        "login": frozen.login,
        "role": frozen.role,
        "before": before,
        "after": frozen.profile(),
    });
    let name = frozen.kind.act();
    let mut entry = Entry::new(pass.ctx.organization, pass.ctx.now(), Actor::Engine, name)
        .app(pass.ctx.hold.app)
        .user(s.facts.account.user_id)
        .detail(detail);
    entry.account = Some(pass.account);
    entry.operation = Some(sent.id);
    entry.okta_request_id = request_id;
    entry
}

/// What the account was like before, as far as the request changes it.
fn picture(account: &KnownAccount, frozen: &Frozen) -> Json {
    let changed = frozen.profile();
    let values: serde_json::Map<_, _> = changed
        .keys()
        .map(|name| {
            let value = account.profile.get(name).cloned().unwrap_or_default();
            (name.clone(), value)
        })
        .collect();
    json!({ "status": account.status.as_str(), "profile": values })
}
