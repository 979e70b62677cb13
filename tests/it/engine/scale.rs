//! Many people: one call for each, and no waiting in between.

use serde_json::json;

use super::world::on_both;
use crate::support::wait_until;

#[tokio::test]
async fn five_hundred_people_take_one_call_each() {
    on_both(async |world| {
        world.switch(json!({ "createUsers": false })).await;
        let people = world.people("p", 500).await;
        world.assign(&people, None).await;
        wait_until("all to be blocked", 60, async || {
            (world.counts().await["BLOCKED"] == 500).then_some(())
        })
        .await;
        let before = world.position();
        world.switch(json!({ "createUsers": true })).await;
        // Generous: a debug build on a busy machine. It fails when each account costs a wait.
        wait_until("all to be in step", 60, async || {
            (world.counts().await["IN_SYNC"] == 500).then_some(())
        })
        .await;
        let calls = world.calls_since(before);
        assert_eq!(calls.len(), 500, "one call for each, and no other");
    })
    .await;
}
