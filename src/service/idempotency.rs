//! The same request is not carried out twice: what came of a mutation is kept for a day under the key that its client gave it
//! (draft-ietf-httpapi-idempotency-key-header, revision 07).

use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Error, Result, Services};
use crate::crypto::Place;
use crate::store;
use crate::store::kept_answers::{self, Row};

/// How long an answer is kept, milliseconds.
const KEPT_MS: i64 = 24 * 3_600_000;
/// Between two looks for answers whose day is over, milliseconds.
const TIDY_MS: u64 = 600_000;

/// A request that may be carried out. Tell what came of it by [`finish`] or [`forget`]; else nobody knows whether it had an effect.
#[derive(Debug)]
pub struct Ticket {
    id: Uuid,
    started_at: i64,
}

/// An answer as it was sent.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: SecretString,
}

/// What is known of a request with its key.
#[derive(Debug)]
pub enum Begun {
    /// Nothing: carry it out.
    New(Ticket),
    /// It was answered.
    Answered(Answer),
    /// It is being carried out.
    UnderWay,
    /// It was begun, and nobody knows what came of it.
    Lost,
    /// The key came with another request before.
    Other,
}

/// Begins a request under a key of a person, or of a personal access token or a session with a ceiling, which have keys of their own. One that takes longer than `longest_ms` is given up for lost.
///
/// # Errors
/// The database's own.
pub async fn begin(
    services: &Services,
    owner: Uuid,
    key: &str,
    request: [u8; 32],
    longest_ms: i64,
) -> Result<Begun> {
    let id = id(owner, key);
    let now = services.clock.now_ms();
    let found = services
        .store
        .transaction(|tx| async move {
            kept_answers::forget_if_before(&tx, id, now - KEPT_MS).await?;
            Ok::<_, store::Error>(match kept_answers::begin(&tx, id, request, now).await? {
                true => Found::Nothing,
                false => Found::Row(kept_answers::find(&tx, id).await?),
            })
        })
        .await?;
    let row = match found {
        Found::Nothing => {
            let started_at = now;
            return Ok(Begun::New(Ticket { id, started_at }));
        }
        Found::Row(Some(row)) => row,
        // It was there a moment ago, and is forgotten by now.
        Found::Row(None) => return Ok(Begun::UnderWay),
    };
    if row.request != request {
        return Ok(Begun::Other);
    }
    match answer(services, &row)? {
        Some(answer) => Ok(Begun::Answered(answer)),
        None if now - row.started_at <= longest_ms => Ok(Begun::UnderWay),
        None => Ok(Begun::Lost),
    }
}

/// What there is under a key.
enum Found {
    Nothing,
    Row(Option<Row>),
}

/// Forgets answers once their day is over, until `shutdown` is cancelled.
pub async fn keep_tidy(services: Services, shutdown: CancellationToken) {
    loop {
        let before = services.clock.now_ms() - KEPT_MS;
        let forgotten = services
            .store
            .transaction(|tx| async move { kept_answers::forget_before(&tx, before).await });
        if let Err(error) = forgotten.await {
            tracing::warn!(%error, "answers whose day is over were not forgotten");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = services.clock.sleep_ms(TIDY_MS) => {}
        }
    }
}

/// Keeps the answer.
///
/// # Errors
/// The database's own.
pub async fn finish(services: &Services, ticket: &Ticket, answer: &Answer) -> Result<()> {
    let &Ticket { id, started_at } = ticket;
    let sealed = services.sealer.seal(&answer.body, place(id));
    let sealed = sealed.map_err(|e| Error::Internal(e.to_string()))?;
    let (status, now) = (answer.status, services.clock.now_ms());
    let kept = services.store.transaction(|tx| async move {
        kept_answers::finish(&tx, id, started_at, status, sealed, now).await
    });
    Ok(kept.await?)
}

/// Forgets a request that had no effect, so that it may be tried again.
///
/// # Errors
/// The database's own.
pub async fn forget(services: &Services, ticket: &Ticket) -> Result<()> {
    let &Ticket { id, started_at } = ticket;
    let forgotten = services
        .store
        .transaction(|tx| async move { kept_answers::forget(&tx, id, started_at).await });
    Ok(forgotten.await?)
}

fn answer(services: &Services, row: &Row) -> Result<Option<Answer>> {
    let (Some(status), Some(sealed)) = (row.status, &row.body) else {
        return Ok(None);
    };
    let body = services.sealer.open(sealed, place(row.id));
    Ok(Some(Answer {
        status: u16::try_from(status).map_err(|e| Error::Internal(e.to_string()))?,
        body: body.map_err(|e| Error::Internal(e.to_string()))?,
    }))
}

/// Where a body is sealed for. The row's id is made from a person or a token, which is of one organisation.
const fn place(row: Uuid) -> Place<'static> {
    Place {
        organization: Uuid::nil(),
        table: "kept_answer",
        column: "body",
        row,
    }
}

/// People choose keys on their own, so two may choose the same.
fn id(owner: Uuid, key: &str) -> Uuid {
    let digest = Sha256::new()
        .chain_update(owner.as_bytes())
        .chain_update(key.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
