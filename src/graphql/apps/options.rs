//! How an app behaves beyond its switches.

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};

use crate::graphql::assignments::assignment::AssignedRole;
use crate::graphql::directory::user::User;
use crate::graphql::{context, people};
use crate::service::apps::App;

/// How an app behaves beyond its switches.
#[derive(Clone, Debug)]
pub struct AppOptions(pub App);

/// How an app behaves beyond its switches.
#[Object]
impl AppOptions {
    /// Goes up each time name or options are saved; 0 means never. Send it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.options_version
    }

    /// Okta mails the people whose accounts are created or activated. Without mail, creating an account takes two calls.
    async fn send_activation_email(&self) -> bool {
        self.0.options.send_activation_email
    }

    /// The Okta roles that may be given through the app; null: all that can be assigned; empty: none.
    async fn allowed_roles(&self) -> Option<Vec<AssignedRole>> {
        let allowed = self.0.options.allowed_role_types.as_ref()?;
        Some(allowed.iter().map(|role| (*role).into()).collect())
    }

    /// Share of Okta's rate limit that may be used, in percent, 1 to 100.
    async fn rate_limit_share(&self) -> i32 {
        self.0.options.rate_limit_share
    }

    /// Days that a deactivated Okta account is kept before it is deleted, 1 to 90; null: it is deleted at once. Only with the switch `deleteUsers`
    /// on. Accounts in this time wait with the reason `DELETION_DELAYED` until `nextAttemptAt`.
    async fn deletion_delay(&self) -> Option<i32> {
        self.0.options.deletion_delay_days
    }

    /// Who saved name or options last; null when never saved.
    async fn saved_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        match self.0.options_saved {
            Some(saved) => people::maybe(ctx, saved.by).await,
            None => Ok(None),
        }
    }

    /// When name or options were saved last; null when never saved.
    async fn saved_at(&self) -> Option<DateTime<Utc>> {
        self.0.options_saved.map(|saved| context::time(saved.at))
    }
}
