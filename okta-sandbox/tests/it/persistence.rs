//! The state file.

use std::{fs, io::Write, path::PathBuf};

use okta_sandbox::{Sandbox, StartError, StateError};
use serde_json::json;

use crate::harness::{Harness, REDIRECT_URI, TOKEN};

/// A path that goes with the test.
pub struct StateFile(PathBuf);

impl StateFile {
    pub fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("okta-sandbox-{name}-{}.jsonl", std::process::id()));
        // Left over from an earlier run, if there is any.
        let _ = fs::remove_file(&path);
        Self(path)
    }

    pub fn path(&self) -> &std::path::Path {
        &self.0
    }

    pub async fn start(&self) -> Harness {
        Harness::with(|builder| builder.state_file(&self.0)).await
    }
}

impl Drop for StateFile {
    fn drop(&mut self) {
        // The test has ended; a file that stays behind is harmless.
        let _ = fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn users_tokens_keys_ledgers_and_clock_survive_a_restart() {
    let file = StateFile::new("restart");
    let okta = file.start().await;
    let tokens = okta.tokens("openid offline_access okta.users.manage").await;
    let keys = okta.get("/oauth2/v1/keys").await.ok();
    let user = okta
        .create("survivor@acme.org", "", Some("Password150kta"))
        .await;
    okta.post("/_control/clock/advance", json!({ "seconds": 60 }))
        .await
        .expect(200, "");
    let code = okta.code(&[]).await;
    let effects = okta.sandbox.effects_since(0).len();
    okta.sandbox.shutdown().await;

    let mut okta = file.start().await;
    assert_eq!(okta.get("/oauth2/v1/keys").await.ok(), keys);
    assert_eq!(okta.sandbox.effects_since(0).len(), effects);
    assert!(okta.sandbox.clock().offset_ms() >= 60_000);
    okta.redeem(&code).await.expect(200, "");
    okta.refresh(tokens["refresh_token"].as_str().unwrap())
        .await
        .expect(200, "");
    okta.bearer(tokens["access_token"].as_str().unwrap());
    let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
    assert_eq!(okta.get(&path).await.ok()["profile"], user["profile"]);
}

#[tokio::test]
async fn what_was_answered_is_in_the_file_without_any_shutdown() {
    let file = StateFile::new("crash");
    let okta = file.start().await;
    okta.create("crash@acme.org", "", None).await;
    let copy = StateFile::new("crash-copy");
    fs::copy(&file.0, &copy.0).unwrap();
    // A commit that the crash cut short.
    fs::OpenOptions::new()
        .append(true)
        .open(&copy.0)
        .unwrap()
        .write_all(b"[{\"table\":\"users\",\"ke")
        .unwrap();
    let again = copy.start().await;
    assert_eq!(
        again.sandbox.user("crash@acme.org"),
        okta.sandbox.user("crash@acme.org")
    );
}

async fn refusal(file: &StateFile) -> StateError {
    let started = Sandbox::builder()
        .api_token(TOKEN)
        .redirect_uris([REDIRECT_URI])
        .state_file(&file.0)
        .start()
        .await;
    match started.err() {
        Some(StartError::State(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_foreign_file_is_refused_and_left_alone() {
    let file = StateFile::new("foreign");
    let foreign: [&[u8]; 6] = [
        b"something else\n",
        b"something else without an end of line",
        b"{\"a\":1}\n",
        b"[{\"table\":\"users\",\"key\":\"x\",\"row\":{\"id\":1}}]\n",
        b"[{\"table\":\"unicorns\",\"key\":\"x\",\"row\":{}}]\n",
        b"\xff\xfe\x00",
    ];
    for content in foreign {
        fs::write(&file.0, content).unwrap();
        let error = refusal(&file).await;
        assert!(matches!(error, StateError::Malformed { line: 1, .. }));
        assert!(error.to_string().contains("another program"), "{error}");
        assert_eq!(fs::read(&file.0).unwrap(), content);
    }
}

#[tokio::test]
async fn two_sandboxes_do_not_share_a_file() {
    let file = StateFile::new("shared");
    let okta = file.start().await;
    assert!(matches!(refusal(&file).await, StateError::InUse { .. }));
    okta.create("first@acme.org", "", None).await;
    okta.sandbox.shutdown().await;
    let again = file.start().await;
    assert!(again.sandbox.user("first@acme.org").is_some());
}

#[tokio::test]
async fn secrets_are_not_in_the_file() {
    let file = StateFile::new("secrets");
    let okta = file.start().await;
    let tokens = okta.tokens("offline_access okta.users.manage").await;
    okta.create("hidden@acme.org", "", Some("Sup3rSecretValue"))
        .await;
    let text = fs::read_to_string(&file.0).unwrap();
    let config = okta.sandbox.config();
    let secrets = [
        tokens["access_token"].as_str().unwrap(),
        tokens["refresh_token"].as_str().unwrap(),
        "Sup3rSecretValue",
        &config.client.secret,
        &config.admin.password,
        TOKEN,
    ];
    for secret in secrets {
        assert!(!text.contains(secret));
    }
}
