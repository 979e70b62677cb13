//! How fast it goes when Okta does not hold it back.

use std::time::{Duration, Instant};

use provisioner::domain::import::{ImportMode, SourceProfile};

use super::world::{account, on_both};

#[tokio::test]
async fn three_thousand_accounts_take_seconds() {
    on_both(async |it| {
        it.sow((0..2_999).map(|n| account(&format!("p{n}"))).collect());
        #[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
        let now = Instant::now;
        let begun = now();
        let first = it.read(None).await;
        let read = begun.elapsed();
        it.take_all(first.id, SourceProfile::Okta).await;
        let taken = begun.elapsed() - read;
        let begun = now();
        let again = it.read(Some(ImportMode::Full)).await;
        let compared = begun.elapsed();
        eprintln!("read {read:?}, taken over {taken:?}, compared {compared:?}");
        assert_eq!((again.fetched, again.in_sync), (3_000, 2_999), "{again:#?}");
        // Generous: a debug build on a busy machine. It fails when each account costs a query over all.
        for (what, took) in [("read", read), ("take over", taken), ("compare", compared)] {
            assert!(took < Duration::from_secs(60), "{what}: {took:?}");
        }
    })
    .await;
}
