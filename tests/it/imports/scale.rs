//! Many people: every page is read once, and nothing is asked about anybody alone.

use provisioner::domain::import::{ImportMode, SourceProfile};

use super::world::{account, on_both};

#[tokio::test]
async fn twelve_hundred_accounts_take_six_pages() {
    on_both(async |it| {
        it.sow((0..1_199).map(|n| account(&format!("p{n}"))).collect());
        let before = it.world.position();
        let first = it.read(None).await;
        assert_eq!((first.fetched, first.pages), (1_200, 6), "{first:#?}");
        let calls = it.world.calls_since(before).len();
        assert!(calls <= 6 + 5, "{calls} calls");
        let before = it.world.position();
        it.take_all(first.id, SourceProfile::Okta).await;
        assert_eq!(it.changing_since(before), [""; 0]);
        let again = it.read(Some(ImportMode::Full)).await;
        assert_eq!((again.fetched, again.in_sync), (1_200, 1_199), "{again:#?}");
    })
    .await;
}
