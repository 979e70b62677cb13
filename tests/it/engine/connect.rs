//! Connects an app to the sandbox.

use std::collections::BTreeSet;

use provisioner::crypto::Place;
use provisioner::domain::mapping::OktaAttribute;
use provisioner::domain::value::ValueType;
use provisioner::random;
use provisioner::service::okta_port::OrgApp;
use provisioner::store::okta_orgs::{self, Credentials};
use provisioner::store::okta_snapshots::{self, Schema};
use provisioner::store::okta_tokens::{self, Consent, NewTokens};
use secrecy::SecretString;
use url::Url;
use uuid::Uuid;

use crate::support::TestApp;

const SCOPES: [&str; 5] = [
    "openid",
    "offline_access",
    "okta.users.manage",
    "okta.roles.manage",
    "okta.schemas.read",
];

/// Enters the sandbox's client and lets its administrator consent.
pub async fn connect(app: &TestApp, organization: Uuid, id: Uuid) {
    let services = &app.server.base.services;
    let sandbox = app.sandbox();
    let client = &sandbox.config().client;
    let base_url = Url::parse(&sandbox.base_url).unwrap();
    let org = okta_orgs::of_app(&services.store, organization, id)
        .await
        .unwrap()
        .unwrap();
    let place = |column| Place {
        organization,
        table: "okta_org",
        column,
        row: org.id,
    };
    let seal = |plain: &SecretString, column| services.sealer.seal(plain, place(column)).unwrap();
    let okta_app = OrgApp {
        base_url: base_url.clone(),
        app: okta_client::OAuthApp {
            client_id: client.id.clone(),
            client_secret: client.secret.clone().into(),
            redirect_uri: Url::parse(&client.redirect_uris[0]).unwrap(),
        },
    };
    let asked = services.okta.authorize(&okta_app, &SCOPES).unwrap();
    let back = sandbox.consent(asked.url.as_str()).await.unwrap();
    let back = Url::parse(&back).unwrap();
    let code = back
        .query_pairs()
        .find(|(name, _)| name == "code")
        .unwrap()
        .1;
    let tokens = services
        .okta
        .exchange_code(&okta_app, &code.into_owned().into(), &asked.pkce_verifier)
        .await
        .unwrap()
        .value;
    let now = services.clock.now_ms();
    let credentials = Credentials {
        base_url: base_url.clone(),
        client_id: client.id.clone(),
        client_secret_sealed: seal(&client.secret.clone().into(), "client_secret_sealed"),
    };
    let admin = sandbox.user(&sandbox.config().admin.login).unwrap()["id"].clone();
    let life = i64::try_from(tokens.expires_in.as_millis()).unwrap();
    let consent = Consent {
        tokens: NewTokens {
            access_token: seal(&tokens.access_token, "access_token_sealed"),
            expires_at: now + life,
            refresh_at: now + life - 240_000,
            refresh_token: tokens
                .refresh_token
                .as_ref()
                .map(|token| seal(token, "refresh_token_sealed")),
            scopes: None,
        },
        okta_id: admin.as_str().unwrap().to_owned(),
        login: None,
        started_by: random::new_id(),
        denied: BTreeSet::new(),
    };
    let first = org.base_url.is_none();
    services
        .store
        .transaction(async |tx| {
            if first {
                okta_orgs::configure(&tx, org.id, &credentials, now).await?;
            }
            okta_tokens::consent(&tx, &org, &base_url, &consent, now).await?;
            okta_snapshots::store::<Schema>(&tx, org.id, &schema(), now).await
        })
        .await
        .unwrap();
    services.work.notify_one();
}

fn schema() -> Vec<OktaAttribute> {
    [
        "login",
        "email",
        "firstName",
        "lastName",
        "title",
        "department",
        "nickName",
        "mobilePhone",
    ]
    .map(|name| OktaAttribute {
        name: name.to_owned(),
        title: name.to_owned(),
        description: None,
        value_type: ValueType::String,
        required: matches!(name, "login" | "email" | "firstName" | "lastName"),
        choices: Vec::new(),
        min_length: None,
        max_length: None,
        pattern: None,
        format: None,
        writable: true,
        custom: false,
        unique: false,
    })
    .to_vec()
}
