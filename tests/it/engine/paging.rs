//! Lists of Okta's that loop, never end, or go on elsewhere: no other host hears of it, and nothing is concluded from a part of a list.

use std::net::TcpListener;
use std::sync::Arc;

use okta_sandbox::{Answer, Arrival, Fault, Faults, NoFaults, Paging};
use serde_json::{Value, json};

use super::world::{World, login, on_both, somebody};

const USERS: &str = "/api/v1/users";

/// The same fault for each reading of one list.
struct Each(&'static str, Fault);

impl Faults for Each {
    fn decide(&self, arrival: &Arrival) -> Option<Fault> {
        (arrival.method == "GET" && arrival.route == self.0).then(|| self.1.clone())
    }
}

/// A host that nobody has any business with.
struct Elsewhere(TcpListener);

impl Elsewhere {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn origin(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    fn assert_unheard(&self) {
        assert!(self.0.accept().is_err(), "somebody called");
    }
}

fn strike(world: &World, route: &'static str, fault: Fault) {
    world.app.sandbox().set_faults(Arc::new(Each(route, fault)));
}

fn calm(world: &World) {
    world.app.sandbox().set_faults(Arc::new(NoFaults));
}

#[tokio::test]
async fn a_connection_is_not_judged_by_lists_that_lead_astray() {
    on_both(async |world| {
        let elsewhere = Elsewhere::open();
        let test = async || {
            let input = json!({ "appId": world.app_id });
            let selection =
                "oktaOrg { status problem { code } } userErrors { code params { name value } }";
            world
                .owner
                .mutate("oktaOrgTest", input, selection)
                .await
                .data()["oktaOrgTest"]
                .clone()
        };
        let unreadable = json!({ "name": "problem", "value": "UNREADABLE_ANSWER" });
        for route in ["/api/v1/iam/roles", "/api/v1/iam/assignees/users"] {
            for paging in [
                Paging::Loop,
                Paging::Endless,
                Paging::OtherHost(elsewhere.origin()),
                Paging::OtherScheme,
                Paging::OtherPort,
            ] {
                let before = world.position();
                let said = format!("{route} {paging:?}");
                strike(&world, route, Fault::Paging(paging));
                let tested = test().await;
                calm(&world);
                assert_eq!(
                    tested["userErrors"][0]["params"][1], unreadable,
                    "{said}: {tested:#}"
                );
                let asked = world.calls_since(before).len();
                assert!(asked <= 110, "{said}: {asked} requests");
                let tested = test().await;
                assert_eq!(
                    (&tested["userErrors"], &tested["oktaOrg"]["status"]),
                    (&json!([]), &json!("CONNECTED"))
                );
            }
        }
        elsewhere.assert_unheard();
        world.provisioned("ann", None).await;
    })
    .await;
}

/// Somebody whose login cannot stand in a path, so that it is looked up in a list, and is taken in Okta.
async fn taken(world: &World) -> String {
    let mut input = somebody("a/b");
    input["primaryEmail"] = json!("ab@acme.example");
    let profile = json!({ "login": login("a/b"), "email": "ab@acme.example", "firstName": "a/b", "lastName": "Example" });
    world.create_in_okta(json!({ "profile": profile })).await;
    world.pass(600);
    world.person_with(input).await
}

/// Waits until the list was read in vain twice, and nothing was concluded from it.
async fn in_vain(world: &World, user: &str, before: u64) -> Value {
    let waiting = world
        .until("two readings", async || {
            let calls = world.calls_since(before);
            let read = calls
                .iter()
                .filter(|call| call.method == "GET" && call.path == USERS);
            let account = world.account(user).await;
            if account["nextAttemptAt"].is_string() {
                world.pass(5);
            }
            (read.count() > 1 && account["state"] == "WAITING").then_some(account)
        })
        .await;
    assert_eq!(waiting["waitReason"], "OKTA_UNAVAILABLE", "{waiting:#}");
    assert_eq!(
        (&waiting["oktaId"], &waiting["problem"]),
        (&Value::Null, &Value::Null)
    );
    waiting
}

#[tokio::test]
async fn a_login_on_a_list_that_leads_astray_waits_until_the_list_is_sound() {
    on_both(async |world| {
        let elsewhere = Elsewhere::open();
        let user = taken(&world).await;
        let base = world.app.sandbox().base_url.clone();
        let mut empty = Answer::json(200, &json!([]));
        let next = format!("<{base}/api/v1/users?after=200u>; rel=\"next\"");
        empty.headers.push(("link".into(), next));
        let before = world.position();
        strike(&world, USERS, Fault::AnswerInstead(empty));
        world.assign(std::slice::from_ref(&user), None).await;
        in_vain(&world, &user, before).await;
        for paging in [
            Paging::Loop,
            Paging::OtherHost(elsewhere.origin()),
            Paging::OtherScheme,
            Paging::OtherPort,
        ] {
            let now = world.position();
            strike(&world, USERS, Fault::Paging(paging));
            in_vain(&world, &user, now).await;
        }
        calm(&world);
        world.advance_until_in_sync(&user).await;
        let made = world.kinds_since(before);
        assert!(!made.contains(&"user.create".to_owned()), "{made:?}");
        elsewhere.assert_unheard();
    })
    .await;
}
