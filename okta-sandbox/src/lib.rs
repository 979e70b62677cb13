//! A stateful Okta org on loopback.
//!
//! It answers Okta's own API (users, lifecycle, administrator roles, user schema, system log, org
//! authorization server) as real orgs were recorded to answer, and keeps ledgers of the requests it
//! received and of the effects it applied. Several can run in one process.
//!
//! ```no_run
//! # async fn example() -> Result<(), okta_sandbox::StartError> {
//! let sandbox = okta_sandbox::Sandbox::builder().api_token("token").start().await?;
//! println!("{}", sandbox.base_url);
//! sandbox.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod api;
mod browser;
mod clock;
mod config;
mod control;
mod faults;
mod ids;
mod limits;
mod oauth;
mod org;
mod pages;
mod persist;
mod sandbox;
mod search;
mod seed;
mod server;
mod world;

pub use browser::ConsentError;
pub use clock::Clock;
pub use config::{
    AdminConfig, ClientConfig, Config, DEFAULT_GRANTS, RateLimit, RefreshPolicy, Settings,
};
pub use faults::{
    Answer, Arrival, Counts, Family, Fault, FaultPlan, Faults, HOLD, Malformed, Matcher, Mix,
    NoFaults, Paging, PlanError, PlannedFault, PlannedPaging, PlannedSight, Rule, RuleMatch,
    ScriptedFaults, SeededFaults, Seen, ServerError, Span,
};
pub use org::{
    ledger::{EffectEntry, RequestEntry},
    schema_change::{SchemaChange, SchemaChangeError},
    seeding::SeedError,
    status::UserStatus,
};
pub use persist::StateError;
pub use sandbox::{Builder, PendingEffect, Sandbox, StartError};
pub use seed::{Seed, SeedRole, SeedUser};
