//! Trying candidates again that did not come to an end.

use uuid::Uuid;

use super::{Candidate, require};
use crate::service::{Error, Result, Services, UserError, Viewer};

/// Candidates that can be tried again at a time: each may cost a call to Okta.
pub const MAX_RETRIED: usize = 100;

/// Tries candidates again.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS` and `IMPORT_USERS`.
pub async fn retry(
    _services: &Services,
    viewer: &Viewer,
    _import: Uuid,
    _ids: Vec<Uuid>,
) -> Result<Vec<(Uuid, std::result::Result<Candidate, UserError>)>> {
    require(viewer)?;
    Err(Error::Unavailable("retrying is not there yet".to_owned()))
}
