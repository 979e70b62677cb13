//! REST and OAuth interfaces of Okta, typed.
//!
//! A [`Client`] belongs to one org and is cheap to clone; the credential is given per call, so that a
//! caller can refresh tokens between two calls. It speaks to the origin it was built for and to nothing
//! else: no redirect is followed, no link of a page leads elsewhere, and names that resolve to private
//! addresses are refused.
//!
//! Every call is sent at most once. Whether it was applied is in the answer or in [`Error::outcome`];
//! repeating it is the caller's decision. The crate has no clock of its own, and takes no proxy from the
//! environment, because a proxy would resolve names past the address policy.
//!
//! ```no_run
//! use okta_client::{Auth, Client, DomainPolicy, OktaDomain};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let domain = OktaDomain::parse("acme.okta.com", &DomainPolicy::default())?;
//! let client = Client::builder(domain.base_url().clone()).build()?;
//! let auth = Auth::Ssws("token".into());
//! let answer = client.users(&auth).get_by_login("ada@acme.example").await?;
//! println!("{} {:?}", answer.value.status, answer.meta.rate_limit);
//! # Ok(())
//! # }
//! ```

mod address;
mod answer;
mod auth;
mod body;
mod call;
mod client;
mod code;
mod documents;
mod domain;
mod error;
mod filter;
mod id;
mod lifecycle;
pub mod oauth;
mod origin;
mod paging;
mod rate_limit;
mod refusal;
mod roles;
mod schema;
mod schema_property;
mod transport;
mod user;
mod users;
mod vocabulary;

pub use address::AddressPolicy;
pub use answer::{Answer, Meta};
pub use auth::Auth;
pub use call::{Call, RateBucket};
pub use client::{BuildError, Client, ClientBuilder, Limits, Observer};
pub use code::ErrorCode;
pub use documents::{Document, DocumentError, Documents};
pub use domain::{DomainError, DomainPolicy, OktaDomain};
pub use error::{Error, Outcome};
pub use filter::{Attribute, Filter, FilterError, Literal};
pub use lifecycle::Activation;
pub use oauth::{
    AuthorizationRequest, OAuthApp, OAuthError, OAuthErrorCode, OAuthRefusal, OrgAuthServer,
    TokenSet, id_token, scope,
};
pub use paging::{Cursor, Page};
pub use rate_limit::RateLimit;
pub use refusal::Refusal;
pub use roles::{AdminAssignee, AssignmentType, CustomRole, RoleAssignment, Roles};
pub use schema::{AttributeOrigin, AttributeSet, Schemas, UserSchema};
pub use schema_property::{
    Choice, Items, Master, MasterType, Mutability, Permission, PropertyScope, PropertyType,
    SchemaProperty, Uniqueness,
};
pub use user::{Provider, User, UserStatus};
pub use users::{SortOrder, UserQuery, UserSelection, Users};
