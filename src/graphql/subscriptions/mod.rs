//! What changes while somebody looks. The first event shows the present state; later ones are brought together for a moment, and carry the state as
//! it is then, so that nothing is missed by not hearing every step. A stream ends when the viewer may no longer see what it shows.

pub mod accounts;
pub mod connections;
pub mod imports;
pub mod progress;

use async_graphql::MergedSubscription;

use accounts::AccountSubscription;
use connections::ConnectionSubscription;
use imports::ImportSubscription;
use progress::ProgressSubscription;

/// Watching, over WebSocket (`graphql-transport-ws`) or server-sent events. The first event of each shows the present state. A stream ends when the
/// permission for it is withdrawn, or the token runs out.
#[derive(Clone, Copy, Debug, Default, MergedSubscription)]
pub struct Subscription(
    AccountSubscription,
    ConnectionSubscription,
    ProgressSubscription,
    ImportSubscription,
);
