//! Waiting for the end of the undo window: recorded with the account, so that a restart, another process or another length of the window
//! finds when it began.

use super::context::Stop;
use super::pass::{Change, Flow, Pass, Situation};
use crate::domain::account::WaitReason;
use crate::domain::plan::Awaited;

/// How long to trust that two clocks which disagree still do, milliseconds.
const DOUBT_MS: i64 = 3_600_000;
/// Least pause before another look, milliseconds.
const LEAST_MS: i64 = 2_000;

/// Has the account wait for its deletion.
pub(super) async fn wait(pass: &Pass<'_>, s: &Situation, awaited: Awaited) -> Result<Flow, Stop> {
    let mut standing = pass.waiting(s, WaitReason::DeletionDelayed, Some(awaited.until));
    standing.due_at = Some(match s.link.recheck_at {
        Some(recheck) => recheck.min(look_again(pass, s, awaited)),
        None => look_again(pass, s, awaited),
    });
    standing.attempts = 0;
    let begun = s
        .link
        .account
        .as_ref()
        .and_then(|known| known.deletion_from);
    let change = Change {
        edit: (begun != Some(awaited.from)).then(|| {
            Box::new(move |link: &mut crate::store::account_links::Link| {
                if let Some(account) = &mut link.account {
                    account.deletion_from = Some(awaited.from);
                }
            }) as _
        }),
        standing: Some(standing),
        ..Change::default()
    };
    pass.after(s, change).await
}

/// At the end of the window by our clock; where that is past already and Okta's clock says otherwise, after what is left by Okta's.
fn look_again(pass: &Pass<'_>, s: &Situation, awaited: Awaited) -> i64 {
    let now = pass.ctx.now();
    if awaited.until > now {
        return awaited.until;
    }
    let left = awaited.until - s.known.now.earliest;
    now + left.clamp(LEAST_MS, DOUBT_MS)
}
