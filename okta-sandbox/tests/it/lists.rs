//! Listing: pages, q, filter, search.

use serde_json::{Value, json};

use crate::harness::{Got, Harness};

fn logins(got: &Got) -> Vec<String> {
    let users = got.json();
    let login = |user: &Value| user["profile"]["login"].as_str().unwrap().to_owned();
    users
        .as_array()
        .unwrap_or_else(|| panic!("{users}"))
        .iter()
        .map(login)
        .collect()
}

async fn crowd() -> Harness {
    let okta = Harness::start().await;
    let people = [
        ("anna@acme.org", "Anna", "Meyer", "Berlin", "ACTIVE"),
        ("bob@acme.org", "Bob", "Müller", "Oslo", "SUSPENDED"),
        (
            "carla@acme.org",
            "Carla",
            "MEYERS",
            "berlin",
            "DEPROVISIONED",
        ),
        ("dan@acme.org", "Dan", "O\"Neil", "Paris", "STAGED"),
        ("eve@acme.org", "Eve", "Zucker", "Berlin", "ACTIVE"),
    ];
    for (login, first, last, city, status) in people {
        let profile = json!({ "login": login, "email": login, "firstName": first, "lastName": last, "city": city });
        okta.post(
            "/_control/users",
            json!({ "profile": profile, "status": status }),
        )
        .await
        .expect(200, "");
    }
    okta
}

async fn find(okta: &Harness, parameters: &[(&str, &str)]) -> Got {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    okta.get(&format!("/api/v1/users?{query}")).await
}

#[tokio::test]
async fn the_plain_list_leaves_out_the_deactivated_and_pages_to_its_end() {
    let okta = crowd().await;
    let mut url = okta.url("/api/v1/users?limit=2");
    let mut seen = Vec::new();
    loop {
        let page = okta.get(&url).await.expect(200, "");
        assert_eq!(
            page.headers.get_all("link").iter().count(),
            if page.link("next").is_some() { 2 } else { 1 }
        );
        assert!(page.link("self").unwrap().contains("limit=2"));
        seen.extend(logins(&page));
        match page.link("next") {
            Some(next) => url = next,
            None => break,
        }
    }
    assert_eq!(
        seen,
        [
            "admin@example.com",
            "anna@acme.org",
            "bob@acme.org",
            "dan@acme.org",
            "eve@acme.org"
        ]
    );
}

#[tokio::test]
async fn a_list_without_limit_says_so_in_its_self_link_and_links_users_to_themselves_only() {
    let okta = crowd().await;
    let page = okta.get("/api/v1/users").await;
    assert_eq!(
        page.link("self").unwrap(),
        okta.url("/api/v1/users?limit=200")
    );
    assert_eq!(page.json()[0]["_links"].as_object().unwrap().len(), 1);
    let page = find(&okta, &[("filter", "status eq \"SUSPENDED\"")]).await;
    assert_eq!(
        page.link("self").unwrap(),
        okta.url("/api/v1/users?limit=200&filter=status+eq+%22SUSPENDED%22")
    );
}

#[tokio::test]
async fn paging_survives_users_that_come_and_go() {
    let okta = crowd().await;
    let page = okta.get("/api/v1/users?limit=3").await;
    let last = page.json()[2]["id"].as_str().unwrap().to_owned();
    okta.delete(&format!("/api/v1/users/{last}"))
        .await
        .expect(204, "");
    okta.delete(&format!("/api/v1/users/{last}"))
        .await
        .expect(204, "");
    let next = okta.get(&page.link("next").unwrap()).await;
    assert_eq!(logins(&next), ["dan@acme.org", "eve@acme.org"]);
}

#[tokio::test]
async fn filter_knows_few_attributes_and_regards_case() {
    let okta = crowd().await;
    let filter = async |text: &str| logins(&find(&okta, &[("filter", text)]).await.expect(200, ""));
    assert_eq!(
        filter("status eq \"DEPROVISIONED\"").await,
        ["carla@acme.org"]
    );
    assert_eq!(
        filter("profile.lastName eq \"Meyer\" or profile.lastName eq \"meyers\"").await,
        ["anna@acme.org"]
    );
    assert_eq!(
        filter("lastUpdated gt \"2020-01-01T00:00:00.000Z\"")
            .await
            .len(),
        6
    );
    for bad in [
        "profile.city eq \"Oslo\"",
        "profile.firstName sw \"A\"",
        "status eq",
        "status eq \"ACTIVE\" and",
        "status ne \"ACTIVE\"",
        "((status eq \"ACTIVE\")",
    ] {
        find(&okta, &[("filter", bad)])
            .await
            .expect(400, "E0000031");
    }
}

#[tokio::test]
async fn search_knows_all_attributes_and_disregards_case() {
    let okta = crowd().await;
    let search = async |text: &str| logins(&find(&okta, &[("search", text)]).await.expect(200, ""));
    assert_eq!(
        search("profile.city eq \"BERLIN\"").await,
        ["anna@acme.org", "carla@acme.org", "eve@acme.org"]
    );
    assert_eq!(
        search("profile.lastName sw \"mey\" and status eq \"active\"").await,
        ["anna@acme.org"]
    );
    assert_eq!(
        search("profile.lastName co \"eye\"").await,
        ["anna@acme.org", "carla@acme.org"]
    );
    assert_eq!(
        search("profile.lastName eq \"O\\\"Neil\"").await,
        ["dan@acme.org"]
    );
    assert_eq!(
        search("profile.city pr and (profile.city gt \"C\")").await,
        ["bob@acme.org", "dan@acme.org"]
    );
    for bad in [
        "profile.city co \"er\"",
        "not (status eq \"ACTIVE\")",
        "status ne \"ACTIVE\"",
        "title eq \"x\"",
    ] {
        find(&okta, &[("search", bad)])
            .await
            .expect(400, "E0000031");
    }
    find(
        &okta,
        &[("search", "status pr"), ("filter", "status eq \"A\"")],
    )
    .await
    .expect(400, "E0000033");
}

#[tokio::test]
async fn search_sorts_and_pages_in_that_order() {
    let okta = crowd().await;
    let parameters = [
        ("search", "profile.city pr"),
        ("sortBy", "profile.lastName"),
        ("sortOrder", "desc"),
        ("limit", "2"),
    ];
    let first = find(&okta, &parameters).await.expect(200, "");
    assert_eq!(logins(&first), ["eve@acme.org", "dan@acme.org"]);
    let second = okta.get(&first.link("next").unwrap()).await;
    assert_eq!(logins(&second), ["bob@acme.org", "carla@acme.org"]);
    let third = okta.get(&second.link("next").unwrap()).await;
    assert_eq!(logins(&third), ["anna@acme.org"]);
    assert!(third.link("next").is_none());
}

#[tokio::test]
async fn q_finds_beginnings_of_names_and_never_pages() {
    let okta = crowd().await;
    assert_eq!(
        logins(&find(&okta, &[("q", "mEy")]).await),
        ["anna@acme.org"]
    );
    for index in 0..12 {
        okta.create(&format!("quick{index}@acme.org"), "activate=false", None)
            .await;
    }
    let page = find(&okta, &[("q", "quick")]).await;
    assert_eq!(logins(&page).len(), 10);
    assert!(page.link("next").is_none());
}

#[tokio::test]
async fn bad_cursors_and_limits_are_refused_and_large_limits_clamped() {
    let okta = crowd().await;
    okta.get("/api/v1/users?after=nonsense")
        .await
        .expect(400, "E0000031");
    find(&okta, &[("search", "status pr"), ("after", "!")])
        .await
        .expect(400, "E0000031");
    okta.get("/api/v1/users?limit=0")
        .await
        .expect(400, "E0000029");
    okta.get("/api/v1/users?limit=abc")
        .await
        .expect(400, "E0000029");
    assert!(
        okta.get("/api/v1/users?limit=5000")
            .await
            .link("self")
            .unwrap()
            .ends_with("limit=200")
    );
}
