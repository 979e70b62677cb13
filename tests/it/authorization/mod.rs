//! Who may do what: every field of the schema against everybody, in the own organisation and in a foreign one.
//!
//! The tables say what opens each field. They are held against the schema itself, so that a field without a row fails, and a row without a field.
//! Both organisations are full, so that whoever is let through sees something, and whoever is not would have seen something.

mod acting;
mod acts;
mod edges;
mod foreign;
mod outline;
mod personas;
mod powers;
mod reading;
mod tenant;
mod watching;

use crate::support::TestApp;
use tenant::Tenant;

/// Two organisations beside each other, on both databases.
async fn on_both(test: impl AsyncFn(Two)) {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let own = Box::pin(Tenant::found(&app, app.owner().await, "acme")).await;
            let rival = Box::pin(Tenant::found(&app, app.rival().await, "rival")).await;
            test(Two { app, own, rival }).await;
        })
        .await;
}

/// The server, and its two organisations.
struct Two {
    app: TestApp,
    own: Tenant,
    rival: Tenant,
}
