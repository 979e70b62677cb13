//! The calls to Okta of each account of a list: found together, and paged for each as if it were alone.

use serde_json::{Value, json};

use crate::engine::world::{World, on_both};

const PEOPLE: [&str; 3] = ["ann", "bob", "cleo"];

/// The ids of a page of each account's operations, and whether there are more behind and before.
async fn page(world: &World, args: &str) -> Vec<(Vec<Value>, Value, Value, Value)> {
    let document = format!(
        "query($app: ID!) {{ app(id: $app) {{ accounts(first: 3) {{ nodes {{ operations{args} {{
            totalCount edges {{ cursor node {{ id }} }} pageInfo {{ hasNextPage hasPreviousPage }} }} }} }} }} }}"
    );
    let data = world
        .owner
        .query(&document, json!({ "app": world.app_id }))
        .await;
    let accounts = data["app"]["accounts"]["nodes"].as_array().unwrap().iter();
    let of = |account: &Value| {
        let found = &account["operations"];
        let edges = found["edges"].as_array().unwrap().clone();
        let info = &found["pageInfo"];
        (
            edges,
            info["hasNextPage"].clone(),
            info["hasPreviousPage"].clone(),
            found["totalCount"].clone(),
        )
    };
    accounts.map(of).collect()
}

#[tokio::test]
async fn each_account_has_its_own_pages_ids() {
    on_both(async |world| {
        let people = world.people("p", PEOPLE.len()).await;
        world.assign(&people, None).await;
        for user in &people {
            world.reach(user, "IN_SYNC").await;
        }
        // The first has one call, the second two, the third three.
        for (changes, user) in people.iter().enumerate() {
            for change in 0..changes {
                world
                    .update(user, json!({ "title": format!("Title {change}") }))
                    .await;
                world.reach(user, "IN_SYNC").await;
            }
        }
        let whole = page(&world, "").await;
        let mut lengths: Vec<_> = whole.iter().map(|(edges, ..)| edges.len()).collect();
        lengths.sort_unstable();
        assert_eq!(lengths, [1, 2, 3]);
        let ids = |edges: &[Value]| {
            let each = edges.iter().map(|edge| edge["node"]["id"].to_string());
            each.collect::<Vec<_>>()
        };
        for (edges, next, previous, total) in &whole {
            assert_eq!((next, previous), (&json!(false), &json!(false)));
            assert_eq!(*total, edges.len());
        }

        let first = page(&world, "(first: 1)").await;
        let last = page(&world, "(last: 2)").await;
        let created = page(&world, "(filter: { kinds: [CREATE] })").await;
        let none = page(&world, "(first: 0)").await;
        for at in 0..PEOPLE.len() {
            let (all, ..) = &whole[at];
            let n = all.len();
            assert_eq!(ids(&first[at].0), ids(&all[..1]));
            assert_eq!((&first[at].1, &first[at].2), (&json!(n > 1), &json!(false)));
            assert_eq!(ids(&last[at].0), ids(&all[n.saturating_sub(2)..]));
            assert_eq!((&last[at].1, &last[at].2), (&json!(false), &json!(n > 2)));
            assert_eq!(ids(&created[at].0), ids(&all[n - 1..]), "the oldest");
            assert_eq!(created[at].3, 1);
            assert_eq!((none[at].0.len(), &none[at].3), (0, &json!(n)));
        }

        // A cursor of the longest list: the others are cut at the same time.
        let (longest, ..) = whole.iter().max_by_key(|(edges, ..)| edges.len()).unwrap();
        let cursor = &longest[1]["cursor"];
        let place = longest[1]["node"]["id"].to_string();
        let behind = page(&world, &format!("(after: {cursor})")).await;
        let before = page(&world, &format!("(last: 100, before: {cursor})")).await;
        for at in 0..PEOPLE.len() {
            let (all, ..) = &whole[at];
            let mut around = ids(&behind[at].0);
            let older = around.len();
            around.extend(ids(&before[at].0));
            let others = ids(all).into_iter().filter(|id| *id != place);
            let mut others: Vec<_> = others.collect();
            others.sort();
            around.sort();
            assert_eq!(around, others);
            assert_eq!(ids(&behind[at].0), ids(&all[all.len() - older..]));
        }
    })
    .await;
}
