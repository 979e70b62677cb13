//! Lets Okta and the directory differ: eight in a hundred have another given name, one left, one is new.

use std::time::Duration;

use okta_sandbox::{Sandbox, Seed};
use serde_json::json;

use super::support::{accounts, profile};

/// Changes one account in ten; answers how many.
pub async fn make(okta: &Sandbox, n: usize) -> usize {
    let http = reqwest::Client::new();
    let control =
        |login: &str, what: &str| format!("{}/_control/users/{login}/{what}", okta.base_url);
    let mut changed = 0;
    for n in (0..n).filter(|n| n % 10 == 0).collect::<Vec<_>>() {
        let profile = profile(n);
        let login = profile["login"].as_str().unwrap();
        let request = match n % 100 {
            0 => http
                .post(control(login, "status"))
                .json(&json!({ "status": "DEPROVISIONED" })),
            10 => continue,
            _ => http
                .post(control(login, "profile"))
                .json(&json!({ "firstName": "Renée" })),
        };
        assert!(request.send().await.unwrap().status().is_success());
        changed += 1;
    }
    let new = n / 100;
    let seed = Seed {
        users: accounts(n..n + new),
        custom_attributes: Default::default(),
        custom_roles: Vec::new(),
    };
    okta.sow(&seed).unwrap();
    okta.clock().advance(Duration::from_secs(600));
    changed + new
}
