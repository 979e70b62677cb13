//! An app that is not connected yet, for tests that need nothing of Okta.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provisioner::domain::okta_role::RoleType;
use provisioner::random;
use provisioner::store::apps::{self, App, Options};
use provisioner::store::{Error, okta_orgs, organizations};

use super::TestApp;

/// Adds an app to the first organisation; `allowed` are the roles to which it narrows the choice. Answers its global id.
pub async fn add_app(app: &TestApp, allowed: Option<Vec<RoleType>>) -> String {
    let store = &app.server.base.services.store;
    let organization = organizations::all(store).await.unwrap().remove(0).id;
    let new = App {
        id: random::new_id(),
        organization_id: organization,
        name: "Okta".to_owned(),
        settings: Default::default(),
        settings_version: 0,
        settings_saved: None,
        options: Options {
            allowed_role_types: allowed,
            ..Options::default()
        },
        options_version: 0,
        options_saved: None,
        mappings_version: 0,
        mappings_saved: None,
        pause: None,
        created_at: 0,
    };
    let added = store
        .transaction(async |tx| {
            apps::insert(&tx, &new).await?;
            okta_orgs::insert(&tx, random::new_id(), organization, new.id, None, 0).await?;
            Ok::<_, Error>(())
        })
        .await;
    added.unwrap();
    URL_SAFE_NO_PAD.encode(format!("App:{}", new.id))
}
