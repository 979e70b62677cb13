//! Tokens of identity providers: who is let in, as whom, and what he may do.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use provisioner::config::ConfigFile;
use provisioner::service::bulk_jobs::work_one;
use provisioner::service::oidc;
use serde_json::{Value, json};

use crate::support::connect::{
    authorization, consent_page, credentials, decide, start as start_authorization,
};
use crate::support::issuer::{Issuer, Mood, Signer, message};
use crate::support::{Browser, Client, Socket, TestApp, add_app, new_user, wait_until};

const ME: &str = "{ viewer { user { userName } organization { name } permissions } }";

/// How the provider is configured: by e-mail unless `lines` say otherwise.
fn configured(issuer: &Issuer, lines: &str) -> Vec<oidc::Issuer> {
    let matching = if lines.contains("match_by") {
        ""
    } else {
        "match_by = 'email'"
    };
    let text = format!(
        "[[oidc]]\nissuer = '{}'\naudience = 'us'\norganization = 'acme'\non_loopback = true\nalgorithms = ['RS256', 'ES256', 'EdDSA']\n{matching}\n{lines}",
        issuer.url()
    );
    toml::from_str::<ConfigFile>(&text).unwrap().oidc
}

/// Runs the test on both databases, with a provider that has one key.
async fn on_both(lines: &str, test: impl AsyncFn(TestApp, &World)) {
    let world = World::new().await;
    TestApp::builder()
        .oidc(configured(&world.issuer, lines))
        .on_both(async |app| test(app, &world).await)
        .await;
}

/// The provider and its key.
struct World {
    issuer: Issuer,
    key: Signer,
}

impl World {
    async fn new() -> Self {
        let key = Signer::ed("one");
        let issuer = Issuer::start(&[&key]).await;
        Self { issuer, key }
    }

    /// What it says of the owner, for an hour.
    fn claims(&self, app: &TestApp) -> Value {
        claims(&self.issuer, app)
    }

    /// A token like the owner's that differs by this.
    fn token(&self, app: &TestApp, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.claims(app);
        change(&mut claims);
        self.key.sign(&claims)
    }
}

fn claims(issuer: &Issuer, app: &TestApp) -> Value {
    let now = now(app);
    json!({
        "iss": issuer.url(), "aud": "us", "sub": "00u1", "exp": now + 3_600, "nbf": now, "iat": now,
        "email": "owner@acme.example", "email_verified": true,
    })
}

fn now(app: &TestApp) -> i64 {
    app.server.base.services.clock.now_ms() / 1_000
}

fn with(app: &TestApp, token: &str) -> Client {
    app.anonymous().with_token(Some(token))
}

async fn status(app: &TestApp, token: &str) -> u16 {
    with(app, token).send(ME, json!({})).await.status
}

/// Why the token is refused, in the words of the challenge.
async fn challenge(app: &TestApp, token: &str) -> String {
    let request = app.http().post(format!("{}/graphql", app.base_url));
    let request = request.json(&json!({ "query": ME })).bearer_auth(token);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 401);
    let challenge = response.headers()["www-authenticate"].to_str().unwrap();
    let reason = challenge
        .strip_prefix("Bearer error=\"invalid_token\", error_description=\"")
        .unwrap();
    reason.trim_end_matches('"').to_owned()
}

/// Who it is, by user name and organisation; null when refused.
async fn who(app: &TestApp, token: &str) -> Value {
    let answer = with(app, token).send(ME, json!({})).await;
    if answer.status == 401 {
        return Value::Null;
    }
    let viewer = answer.data()["viewer"].clone();
    json!([viewer["user"]["userName"], viewer["organization"]["name"]])
}

#[tokio::test]
async fn a_token_of_each_algorithm_is_accepted() {
    let keys = [Signer::rsa("r"), Signer::ec("c"), Signer::ed("d")];
    let issuer = Issuer::start(&[&keys[0], &keys[1], &keys[2]]).await;
    TestApp::builder()
        .oidc(configured(&issuer, ""))
        .on_both(async |app| {
            let asked = issuer.asked().0;
            for key in &keys {
                let token = key.sign(&claims(&issuer, &app));
                let expected = json!(["owner@acme.example", "Acme"]);
                assert_eq!(who(&app, &token).await, expected, "{}", key.header());
            }
            assert_eq!(
                issuer.asked().0,
                asked + 1,
                "fetched once, at the first token"
            );
            assert_eq!(
                app.owner().await.query(ME, json!({})).await["viewer"]["user"]["userName"],
                "owner@acme.example"
            );
        })
        .await;
}

#[tokio::test]
async fn every_claim_counts() {
    on_both("clock_skew_seconds = 10", async |app, world| {
        assert_eq!(status(&app, &world.token(&app, |_| {})).await, 200);
        for name in ["iss", "aud", "sub", "exp", "email", "email_verified"] {
            for wrong in [
                None,
                Some(json!("somebody else")),
                Some(json!(7)),
                Some(Value::Null),
                Some(json!([])),
                Some(json!({})),
            ] {
                let token = world.token(&app, |claims| {
                    claims.as_object_mut().unwrap().remove(name);
                    if let Some(wrong) = &wrong {
                        claims[name] = wrong.clone();
                    }
                });
                // A time of 7 is long ago, and any text may be somebody's subject.
                let fine = name == "sub" && wrong == Some(json!("somebody else"));
                let expected = if fine { 200 } else { 401 };
                assert_eq!(status(&app, &token).await, expected, "{name} {wrong:?}");
            }
        }
        let at = now(&app);
        for (name, value, reason) in [
            ("exp", json!(at - 60), "it has expired"),
            ("exp", json!("soon"), "it lacks what it has to say"),
            ("nbf", json!(at + 60), "it is not valid yet"),
            ("nbf", json!("soon"), "it lacks what it has to say"),
            ("aud", json!("them"), "it is for another audience"),
            (
                "aud",
                json!(["us", "them"]),
                "it was given to another party",
            ),
            (
                "iss",
                json!(format!("{}/", world.issuer.url())),
                "it is not one of ours",
            ),
            ("sub", json!(""), "it lacks what it has to say"),
            ("sub", json!("x".repeat(256)), "it lacks what it has to say"),
            (
                "email_verified",
                json!("true"),
                "its e-mail address is not verified",
            ),
            (
                "email",
                json!("nobody@acme.example"),
                "its person is not active",
            ),
            ("cnf", json!({ "jkt": "x" }), "it is of another kind"),
        ] {
            let token = world.token(&app, |claims| claims[name] = value.clone());
            assert_eq!(challenge(&app, &token).await, reason, "{name} {value}");
        }
        let mut claims = world.claims(&app);
        claims["aud"] = json!(["us", "them"]);
        claims["azp"] = json!("us");
        assert_eq!(status(&app, &world.key.sign(&claims)).await, 200);
    })
    .await;
}

#[tokio::test]
async fn a_header_decides_nothing() {
    let (rsa, ed, stranger) = (Signer::rsa("r"), Signer::ed("d"), Signer::ed("d"));
    let trap = Issuer::start(&[&stranger]).await;
    let issuer = Issuer::start(&[&rsa, &ed]).await;
    let narrow: Vec<_> = configured(&issuer, "")
        .into_iter()
        .map(|one| oidc::Issuer {
            algorithms: vec![oidc::Algorithm::EdDSA],
            ..one
        })
        .collect();
    TestApp::builder()
        .oidc(narrow)
        .on_both(async |app| {
            let claims = claims(&issuer, &app);
            let header = |change: &dyn Fn(&mut Value)| {
                let mut header = ed.header();
                change(&mut header);
                header
            };
            let mut refused = vec![
                // Signed well, with an algorithm that the configuration does not name.
                rsa.sign(&claims),
                stranger.sign(&claims),
                format!(
                    "{}.",
                    message(&header(&|h| h["alg"] = json!("none")), &claims)
                ),
                format!("{}.", message(&ed.header(), &claims)),
                message(&ed.header(), &claims),
                ed.sign_as(&header(&|h| h["alg"] = json!("RS256")), &claims),
                ed.sign_as(&header(&|h| h["alg"] = json!("NoNe")), &claims),
                ed.sign_as(&header(&|h| h["kid"] = json!("r")), &claims),
                ed.sign_as(&header(&|h| h["kid"] = json!("../../dev/null")), &claims),
                ed.sign_as(&header(&|h| h["kid"] = json!("' OR 1=1 --")), &claims),
                ed.sign_as(&header(&|h| h["kid"] = Value::Null), &claims),
                ed.sign_as(&header(&|h| h["typ"] = json!("logout+jwt")), &claims),
                ed.sign_as(&header(&|h| h["typ"] = json!("dpop+jwt")), &claims),
                ed.sign_as(&header(&|h| h["crit"] = json!(["exp"])), &claims),
            ];
            // With a public key for a shared secret, in each form in which a careless verifier may hold it.
            let x = ed.jwk()["x"].as_str().unwrap().to_owned();
            for secret in [URL_SAFE_NO_PAD.decode(&x).unwrap(), x.into_bytes()] {
                let message = message(&header(&|h| h["alg"] = json!("HS256")), &claims);
                let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
                let tag = hmac::sign(&key, message.as_bytes());
                refused.push(format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag)));
            }
            let lead_away = |h: &mut Value| {
                h["jku"] = json!(format!("{}/keys", trap.url()));
                h["x5u"] = json!(format!("{}/keys", trap.url()));
                h["jwk"] = stranger.jwk();
            };
            refused.push(stranger.sign_as(&header(&lead_away), &claims));
            for token in &refused {
                assert_eq!(status(&app, token).await, 401, "{token}");
            }
            for good in [
                ed.sign_as(&header(&lead_away), &claims),
                ed.sign_as(
                    &header(&|h| h["typ"] = json!("application/at+JWT")),
                    &claims,
                ),
                ed.sign_as(&header(&|h| h["typ"] = Value::Null), &claims),
            ] {
                assert_eq!(status(&app, &good).await, 200, "{good}");
            }
            assert_eq!(trap.asked(), (0, 0), "nobody follows a header");
            let other = &good_with_another_payload(&ed.sign(&claims), &claims);
            assert_eq!(status(&app, other).await, 401);
        })
        .await;
}

fn good_with_another_payload(token: &str, claims: &Value) -> String {
    let mut changed = claims.clone();
    changed["email"] = json!("admin@acme.example");
    let parts: Vec<_> = token.split('.').collect();
    let payload = URL_SAFE_NO_PAD.encode(changed.to_string());
    format!("{}.{payload}.{}", parts[0], parts[2])
}

#[tokio::test]
async fn keys_come_and_go() {
    on_both("", async |app, world| {
        let next = Signer::ec("two");
        world.issuer.publish(&[&world.key]);
        assert_eq!(status(&app, &world.token(&app, |_| {})).await, 200);
        world.issuer.publish(&[&world.key, &next]);
        let rotated = next.sign(&world.claims(&app));
        assert_eq!(status(&app, &rotated).await, 401, "fetched a moment ago");
        app.clock.advance(Duration::from_secs(11));
        assert_eq!(status(&app, &rotated).await, 200, "a new key is fetched");
        world.issuer.publish(&[&next]);
        assert_eq!(status(&app, &world.token(&app, |_| {})).await, 200, "kept");
        app.clock.advance(Duration::from_secs(601));
        assert_eq!(status(&app, &world.token(&app, |_| {})).await, 401, "gone");
        assert_eq!(status(&app, &next.sign(&world.claims(&app))).await, 200);
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_withdraws_its_only_key_is_believed_no_longer() {
    on_both("", async |app, world| {
        let token = world.token(&app, |_| {});
        assert_eq!(status(&app, &token).await, 200);
        world.issuer.publish(&[]);
        app.clock.advance(Duration::from_secs(601));
        let token = world.token(&app, |_| {});
        assert_eq!(status(&app, &token).await, 401, "an empty set is a set");
        world.issuer.publish(&[&world.key]);
        app.clock.advance(Duration::from_secs(11));
        assert_eq!(status(&app, &token).await, 200);
    })
    .await;
}

#[tokio::test]
async fn made_up_keys_do_not_make_us_ask() {
    on_both("", async |app, world| {
        assert_eq!(status(&app, &world.token(&app, |_| {})).await, 200);
        let flood = async |round: usize| {
            let claims = world.claims(&app);
            let tokens = (0..40).map(|each| {
                let mut header = world.key.header();
                header["kid"] = json!(format!("made-up-{round}-{each}"));
                world.key.sign_as(&header, &claims)
            });
            let tokens: Vec<_> = tokens.collect();
            let answers = join_all(tokens.iter().map(|token| status(&app, token))).await;
            assert!(answers.iter().all(|status| *status == 401));
        };
        let (discoveries, sets) = world.issuer.asked();
        flood(0).await;
        assert_eq!(
            world.issuer.asked(),
            (discoveries, sets),
            "too soon to ask at all"
        );
        for round in 1..=3 {
            app.clock.advance(Duration::from_secs(11));
            flood(round).await;
            assert_eq!(world.issuer.asked(), (discoveries + round, sets + round));
        }
        assert_eq!(status(&app, &world.token(&app, |_| {})).await, 200);
    })
    .await;
}

#[tokio::test]
async fn many_who_come_first_ask_once() {
    on_both("", async |app, world| {
        let (discoveries, sets) = world.issuer.asked();
        let token = world.token(&app, |_| {});
        let answers = join_all((0..40).map(|_| status(&app, &token))).await;
        assert!(answers.iter().all(|status| *status == 200));
        assert_eq!(world.issuer.asked(), (discoveries + 1, sets + 1));
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_is_down_is_no_reason_to_refuse() {
    on_both("", async |app, world| {
        let valid = |app: &TestApp| world.token(app, |_| {});
        world.issuer.set_mood(Mood::Down);
        let answer = with(&app, &valid(&app)).send(ME, json!({})).await;
        assert_eq!((answer.status, answer.code()), (503, "UNAVAILABLE"));
        let (asked, _) = world.issuer.asked();
        assert_eq!(status(&app, &valid(&app)).await, 503);
        assert_eq!(world.issuer.asked().0, asked, "not asked again at once");
        assert_eq!(
            app.owner().await.send(ME, json!({})).await.status,
            200,
            "our own tokens need nobody"
        );
        for mood in [
            Mood::Redirecting,
            Mood::Endless,
            Mood::Another,
            Mood::Garbled,
        ] {
            world.issuer.set_mood(mood);
            app.clock.advance(Duration::from_secs(6));
            let (_, sets) = world.issuer.asked();
            assert_eq!(status(&app, &valid(&app)).await, 503, "{mood:?}");
            assert_eq!(world.issuer.asked().1, sets, "{mood:?}");
        }
        world.issuer.set_mood(Mood::Well);
        app.clock.advance(Duration::from_secs(6));
        assert_eq!(status(&app, &valid(&app)).await, 200);

        world.issuer.set_mood(Mood::Down);
        app.clock.advance(Duration::from_secs(3_000));
        assert_eq!(status(&app, &valid(&app)).await, 200, "old keys serve");
        let unknown = Signer::ed("two").sign(&world.claims(&app));
        assert_eq!(status(&app, &unknown).await, 503, "it may be a new key");
        app.clock.advance(Duration::from_secs(4 * 3_600));
        assert_eq!(status(&app, &valid(&app)).await, 503, "but not for ever");
        world.issuer.set_mood(Mood::Well);
        app.clock.advance(Duration::from_secs(31));
        assert_eq!(status(&app, &valid(&app)).await, 200);
    })
    .await;
}

#[tokio::test]
async fn an_address_is_one_persons_in_one_organization() {
    on_both("", async |app, world| {
        let owner = app.owner().await;
        app.server
            .base
            .init("Rival", "owner@acme.example")
            .await
            .unwrap();
        app.server
            .base
            .init("Third", "only@third.example")
            .await
            .unwrap();
        for (name, email) in [
            ("github", "ann@github.example"),
            ("zoe", "zoë@acme.example"),
        ] {
            let mut input = new_user(name);
            input["primaryEmail"] = json!(email);
            owner.done("userCreate", input, "").await;
        }
        for (email, user) in [
            ("OWNER@Acme.Example", json!(["owner@acme.example", "Acme"])),
            (" owner@acme.example", json!(["owner@acme.example", "Acme"])),
            ("only@third.example", Value::Null),
            ("ann@GitHub.example", json!(["github", "Acme"])),
            // Another domain, which anybody can have, and which folds to the same.
            ("ann@g\u{131}thub.example", Value::Null),
            ("ＡＮＮ@github.example", Value::Null),
            ("ZOË@acme.example", json!(["zoe", "Acme"])),
            ("zoe\u{308}@acme.example", json!(["zoe", "Acme"])),
            ("zoe@acme.example", Value::Null),
            ("owner", Value::Null),
            ("%@acme.example", Value::Null),
        ] {
            let token = world.token(&app, |claims| claims["email"] = json!(email));
            assert_eq!(who(&app, &token).await, user, "{email}");
        }
        for unverified in [json!(false), json!("true"), json!(1), Value::Null] {
            let token = world.token(&app, |claims| claims["email_verified"] = unverified.clone());
            assert_eq!(status(&app, &token).await, 401, "{unverified}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_provider_vouches_for_its_own_organization_alone() {
    let (key, other_key) = (Signer::ed("one"), Signer::ed("one"));
    let (issuer, other) = (
        Issuer::start(&[&key]).await,
        Issuer::start(&[&other_key]).await,
    );
    let mut providers = configured(&issuer, "");
    providers.extend(configured(&other, "").into_iter().map(|one| oidc::Issuer {
        organization: "Rival".to_owned(),
        ..one
    }));
    TestApp::builder()
        .oidc(providers)
        .on_both(async |app| {
            let theirs = |email: &str| {
                let mut claims = claims(&other, &app);
                claims["email"] = json!(email);
                claims
            };
            let token = other_key.sign(&theirs("owner@rival.example"));
            assert_eq!(
                status(&app, &token).await,
                401,
                "there is no such organisation yet"
            );
            app.rival().await;
            let rival = json!(["owner@rival.example", "Rival"]);
            assert_eq!(who(&app, &token).await, rival);
            let foreign = other_key.sign(&theirs("owner@acme.example"));
            assert_eq!(status(&app, &foreign).await, 401);
            assert_eq!(
                status(&app, &key.sign(&theirs("owner@rival.example"))).await,
                401
            );
            let ours = key.sign(&claims(&issuer, &app));
            assert_eq!(
                who(&app, &ours).await,
                json!(["owner@acme.example", "Acme"])
            );
        })
        .await;
}

#[tokio::test]
async fn one_issuer_serves_two_organizations_by_audience() {
    let world = World::new().await;
    let mut providers = configured(&world.issuer, "");
    providers.extend(
        configured(&world.issuer, "")
            .into_iter()
            .map(|one| oidc::Issuer {
                audience: "rival".to_owned(),
                organization: "Rival".to_owned(),
                ..one
            }),
    );
    TestApp::builder()
        .oidc(providers)
        .on_both(async |app| {
            app.rival().await;
            let rivals = |audience: &str| {
                world.token(&app, |claims| {
                    claims["aud"] = json!(audience);
                    claims["email"] = json!("owner@rival.example");
                })
            };
            let rival = json!(["owner@rival.example", "Rival"]);
            assert_eq!(who(&app, &rivals("rival")).await, rival);
            assert_eq!(status(&app, &rivals("us")).await, 401);
            assert_eq!(
                challenge(&app, &rivals("nobody")).await,
                "it is for another audience"
            );
        })
        .await;
}

#[tokio::test]
async fn only_who_is_active_is_let_in() {
    for by in ["match_by = 'email'", "match_by = 'subject'"] {
        on_both(by, async |app, world| {
            let owner = app.owner().await;
            let admin = app.admin().await;
            let token = world.token(&app, |claims| claims["email"] = json!("admin@acme.example"));
            let who = json!({ "userId": admin.user_id });
            owner.done("userDeactivate", who.clone(), "").await;
            assert_eq!(challenge(&app, &token).await, "its person is not active");
            owner.done("userActivate", who.clone(), "").await;
            assert_eq!(status(&app, &token).await, 200);
            owner.done("userDeactivate", who.clone(), "").await;
            assert_eq!(status(&app, &token).await, 401);
            owner.done("userDelete", who, "").await;
            assert_eq!(status(&app, &token).await, 401);
            let again = new_user("admin");
            owner.done("userCreate", again, "").await;
            assert_eq!(
                status(&app, &token).await,
                200,
                "the address is a new person's"
            );
        })
        .await;
    }
}

#[tokio::test]
async fn a_session_ends_with_its_token() {
    on_both("", async |app, world| {
        let okta = add_app(&app, None).await;
        let at = now(&app);
        let token = world.token(&app, |claims| claims["exp"] = json!(at + 100));
        let document = "subscription($app: ID!) { syncStatus(appId: $app) { total } }";
        let variables = json!({ "app": okta });
        let mut socket = Socket::subscribe(&app.base_url, &token, document, variables).await;
        assert_eq!(socket.event().await["syncStatus"]["total"], 0);
        app.clock.advance(Duration::from_secs(101));
        let ended = loop {
            let heard = socket.hear_or_end().await;
            if let Err(code) = heard {
                break code;
            }
        };
        assert_eq!(ended, 4401);
        app.clock.advance(Duration::from_secs(60));
        assert_eq!(status(&app, &token).await, 401);
    })
    .await;
}

#[tokio::test]
async fn a_subject_counts_from_the_first_sign_in() {
    on_both("match_by = 'subject'", async |app, world| {
        let owner = app.owner().await;
        let ann = app.person("ann", "ADMIN").await;
        let of = |sub: &str, email: &str, verified: bool| {
            world.token(&app, |claims| {
                claims["sub"] = json!(sub);
                claims["email"] = json!(email);
                claims["email_verified"] = json!(verified);
            })
        };
        let first = of("s1", "ann@acme.example", true);
        let unverified = of("s1", "ann@acme.example", false);
        assert_eq!(status(&app, &unverified).await, 401, "nothing is linked so");
        let answers = join_all((0..8).map(|_| status(&app, &first))).await;
        assert_eq!(answers, [200; 8]);
        assert_eq!(acts(&owner, "identity.link", &ann.user_id).await, 1);
        assert_eq!(
            status(&app, &unverified).await,
            200,
            "now the subject counts"
        );

        let input = json!({ "userId": ann.user_id, "primaryEmail": "ann.new@acme.example" });
        owner.done("userUpdate", input, "").await;
        assert_eq!(who(&app, &first).await[0], "ann");
        assert_eq!(
            who(&app, &of("s1", "elsewhere@acme.example", true)).await[0],
            "ann"
        );
        let successor = app.person("successor", "MEMBER").await;
        let input = json!({ "userId": successor.user_id, "primaryEmail": "ann@acme.example" });
        owner.done("userUpdate", input, "").await;
        assert_eq!(
            who(&app, &first).await[0],
            "ann",
            "whose address it was does not matter"
        );
        assert_eq!(
            who(&app, &of("s2", "ann@acme.example", true)).await[0],
            "successor"
        );

        let taken = of("s3", "ann.new@acme.example", true);
        assert_eq!(
            challenge(&app, &taken).await,
            "its person is known by another subject"
        );
        let unlinked = app
            .command(&["unlink", "--user", "ann.new@acme.example"])
            .await;
        assert!(unlinked.status.success(), "{unlinked:?}");
        assert_eq!(acts(&owner, "identity.unlink", &ann.user_id).await, 1);
        assert_eq!(who(&app, &taken).await[0], "ann");
        assert_eq!(
            status(&app, &first).await,
            401,
            "the old subject is nobody: its address is the successor's"
        );
        // What stands in place of a verified address where a provider says nothing of it.
        let config = app.data_dir().join("provisioner.toml");
        let url = world.issuer.url();
        let text = format!(
            "[[oidc]]\nissuer = '{url}'\naudience = 'us'\norganization = 'acme'\non_loopback = true\nmatch_by = 'subject'"
        );
        std::fs::write(&config, text).unwrap();
        let link = async |user: &str, subject: &str, issuer: &str| {
            let config = config.to_str().unwrap();
            let mut arguments = vec!["link", "--config", config, "--user", user];
            arguments.extend(["--issuer", issuer, "--subject", subject]);
            app.command(&arguments).await.status.success()
        };
        let quiet = of("s9", "", false);
        assert_eq!(status(&app, &quiet).await, 401);
        assert!(link("owner@acme.example", "s9", url).await);
        assert_eq!(who(&app, &quiet).await[0], "owner@acme.example");
        assert!(!link("ann.new@acme.example", "s9", url).await, "it is the owner's");
        assert!(!link("owner@acme.example", "s9", "https://id.example.com").await);
        let whole = std::fs::read_to_string(&config).unwrap();
        for (from, to) in [("'acme'", "'Rival'"), ("'subject'", "'email'")] {
            std::fs::write(&config, whole.replace(from, to)).unwrap();
            assert!(!link("owner@acme.example", "s8", url).await, "it would let nobody in");
        }
        std::fs::write(&config, whole).unwrap();
        assert!(link("owner@acme.example", "s10", url).await, "in place of the other one");
        assert_eq!(status(&app, &quiet).await, 401);
        assert_eq!(acts(&owner, "identity.link", &owner.user_id).await, 2);

        let nobody = app
            .command(&["unlink", "--user", "nobody@acme.example"])
            .await;
        assert_eq!(nobody.status.code(), Some(1));
    })
    .await;
}

async fn acts(client: &Client, action: &str, user: &str) -> i64 {
    let document = "query($f: AuditEventFilterInput) { auditEvents(filter: $f) { totalCount } }";
    let filter = json!({ "userId": user, "actions": [action] });
    let found = client.query(document, json!({ "f": filter })).await;
    found["auditEvents"]["totalCount"].as_i64().unwrap()
}

const ROLES: &str = "roles_claim = 'realm.groups'\n[oidc.roles]\nowners = 'OWNER'\nadmins = 'ADMIN'\nmembers = 'MEMBER'\nviewers = 'Role of viewer'\nclerks = 'role of CLERK'\nlost = 'No such role'";

async fn permissions(app: &TestApp, token: &str) -> Vec<String> {
    let viewer = with(app, token).query(ME, json!({})).await["viewer"].clone();
    let listed = viewer["permissions"].as_array().unwrap().clone();
    listed
        .iter()
        .map(|each| each.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_claim_bounds_what_a_session_may_do() {
    on_both(ROLES, async |app, world| {
        let owner = app.owner().await;
        app.custom("viewer", &["VIEW_APPS", "VIEW_USERS"]).await;
        app.custom("clerk", &["VIEW_APPS", "ASSIGN_APPS"]).await;
        let of = |name: &str, groups: Value| {
            world.token(&app, |claims| {
                claims["email"] = json!(format!("{name}@acme.example"));
                claims["realm"] = json!({ "groups": groups });
            })
        };
        for (name, groups, expected) in [
            ("owner", json!(["owners"]), 7),
            ("owner", json!("admins"), 7),
            ("owner", json!(["members"]), 0),
            ("owner", json!(["viewers"]), 2),
            ("owner", json!(["viewers", "clerks", "lost", 7]), 3),
            ("owner", json!(["viewers", "admins"]), 7),
            ("owner", json!(["lost"]), 0),
            ("owner", json!(["OWNER", "ADMIN"]), 0),
            ("owner", json!([]), 0),
            ("owner", Value::Null, 0),
            // Never more than the directory says.
            ("viewer", json!(["owners"]), 2),
            ("viewer", json!(["clerks"]), 1),
            ("clerk", json!(["admins"]), 2),
        ] {
            let found = permissions(&app, &of(name, groups.clone())).await;
            assert_eq!(found.len(), expected, "{name} {groups}: {found:?}");
        }
        let without = world.token(&app, |_| {});
        assert_eq!(permissions(&app, &without).await, Vec::<String>::new());

        // An owner who comes as an admin makes no owners, and the last owner stays.
        let member = app.member().await;
        let roles = owner
            .query("{ organization { adminRoles { id kind } } }", json!({}))
            .await;
        let roles = roles["organization"]["adminRoles"]
            .as_array()
            .unwrap()
            .clone();
        let role =
            |kind: &str| roles.iter().find(|role| role["kind"] == kind).unwrap()["id"].clone();
        let as_admin = with(&app, &of("owner", json!(["admins"])));
        let raise = json!({ "userId": member.user_id, "adminRoleId": role("OWNER") });
        let refused = as_admin.refused("userAdminRoleSet", raise.clone()).await;
        assert!(refused[0].starts_with("FORBIDDEN"), "{refused:?}");
        let as_owner = with(&app, &of("owner", json!(["owners"])));
        let leave = json!({ "userId": owner.user_id, "adminRoleId": role("ADMIN") });
        let refused = as_owner.refused("userAdminRoleSet", leave).await;
        assert!(refused[0].starts_with("LAST_OWNER"), "{refused:?}");
        as_owner.done("userAdminRoleSet", raise, "").await;
    })
    .await;
}

#[tokio::test]
async fn a_session_with_a_ceiling_makes_no_personal_access_tokens() {
    on_both(ROLES, async |app, world| {
        let owner = app.owner().await;
        let input = json!({ "name": "cron", "scopes": ["VIEW_USERS"], "validForDays": 7 });
        for group in ["owners", "admins", "members"] {
            let token = world.token(&app, |claims| {
                claims["realm"] = json!({ "groups": [group] })
            });
            let session = with(&app, &token);
            let refused = session
                .refused("personalAccessTokenCreate", input.clone())
                .await;
            assert!(refused[0].starts_with("FORBIDDEN"), "{group}: {refused:?}");
        }
        let count = "{ viewer { personalAccessTokens { totalCount } } }";
        let found = owner.query(count, json!({})).await;
        assert_eq!(found["viewer"]["personalAccessTokens"]["totalCount"], 0);
        owner.done("personalAccessTokenCreate", input, "").await;
    })
    .await;
    // Without a roles claim it is the person himself who signs in.
    on_both("", async |app, world| {
        let session = with(&app, &world.token(&app, |_| {}));
        let input = json!({ "name": "cron", "scopes": ["VIEW_USERS"], "validForDays": 7 });
        session.done("personalAccessTokenCreate", input, "").await;
    })
    .await;
}

#[tokio::test]
async fn a_session_is_not_given_the_answers_of_one_with_another_ceiling() {
    on_both(ROLES, async |app, world| {
        let query = "mutation($input: UserCreateInput!) { userCreate(input: $input) { user { id } userErrors { code } } }";
        let body = json!({ "query": query, "variables": { "input": new_user("ann") } });
        let send = async |token: &str| {
            let request = app.http().post(format!("{}/graphql", app.base_url));
            let request = request.bearer_auth(token).header("idempotency-key", "one");
            let answer = request.json(&body).send().await.unwrap();
            let replayed = answer.headers().contains_key("idempotency-replayed");
            (replayed, answer.json::<Value>().await.unwrap())
        };
        let of = |groups: Value| world.token(&app, |claims| claims["realm"] = json!({ "groups": groups }));
        let (replayed, made) = send(&of(json!(["admins", "members"]))).await;
        assert!(!replayed && made["data"]["userCreate"]["user"]["id"].is_string(), "{made}");
        assert_eq!(send(&of(json!(["members", "admins"]))).await, (true, made.clone()));
        let (replayed, refused) = send(&of(json!(["members"]))).await;
        assert!(!replayed && refused != made, "{refused}");
        assert!(!send(app.owner().await.token()).await.0);
    })
    .await;
}

const ACCOUNTS: &str = "subscription($app: ID!, $accounts: [ID!]!) { accountChanged(appId: $app, accountIds: $accounts) { snapshot } }";

async fn assigned(client: &Client, app: &str, name: &str) -> (Value, Value) {
    let mut input = new_user(name);
    input["department"] = json!("Sales");
    let made = client.done("userCreate", input, "user { id }").await;
    let user = made["user"]["id"].clone();
    let input = json!({ "appId": app, "targets": { "userIds": [user] } });
    let selection = "results { assignmentEdge { node { account { id } } } }";
    let payload = client.done("usersAssign", input, selection).await;
    let account = payload["results"][0]["assignmentEdge"]["node"]["account"]["id"].clone();
    (user, account)
}

async fn change_role(client: &Client, app: &str, user: &Value, role: &str) {
    let input = json!({ "appId": app, "targets": { "userIds": [user] }, "role": role });
    client.done("assignmentsRoleChange", input, "").await;
}

#[tokio::test]
async fn what_a_session_began_does_not_outgrow_it() {
    on_both(ROLES, async |app, world| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        app.custom("viewer", &["VIEW_APPS"]).await;
        app.custom("clerk", &["VIEW_APPS", "ASSIGN_APPS"]).await;
        let (ann, account) = assigned(&owner, &okta, "ann").await;
        let of = |group: &str| world.token(&app, |claims| claims["realm"] = json!({ "groups": [group] }));

        // The role behind the claim loses its permission while the stream of an owner runs.
        let variables = json!({ "app": okta, "accounts": [account] });
        let mut socket = Socket::subscribe(&app.base_url, &of("viewers"), ACCOUNTS, variables.clone()).await;
        assert_eq!(socket.event().await["accountChanged"]["snapshot"], true);
        change_role(&owner, &okta, &ann, "APP_ADMIN").await;
        assert_eq!(socket.event().await["accountChanged"]["snapshot"], false);
        let found = owner.query("{ organization { adminRoles { id name } } }", json!({})).await;
        let roles = found["organization"]["adminRoles"].as_array().unwrap().clone();
        let viewer = roles.iter().find(|role| role["name"] == "Role of viewer").unwrap();
        let input = json!({ "adminRoleId": viewer["id"], "permissions": ["VIEW_USERS"] });
        owner.done("adminRoleUpdate", input, "").await;
        change_role(&owner, &okta, &ann, "REPORT_ADMIN").await;
        assert_eq!(socket.hear().await["type"], "complete");

        // And the other way round: the directory takes from an admin what the claim would allow.
        let admin = app.admin().await;
        let token = world.token(&app, |claims| {
            claims["email"] = json!("admin@acme.example");
            claims["realm"] = json!({ "groups": ["owners"] });
        });
        let mut socket = Socket::subscribe(&app.base_url, &token, ACCOUNTS, variables).await;
        assert_eq!(socket.event().await["accountChanged"]["snapshot"], true);
        let roles = owner.query("{ organization { adminRoles { id kind } } }", json!({})).await;
        let roles = roles["organization"]["adminRoles"].as_array().unwrap().clone();
        let member = roles.iter().find(|role| role["kind"] == "MEMBER").unwrap();
        let input = json!({ "userId": admin.user_id, "adminRoleId": member["id"] });
        owner.done("userAdminRoleSet", input, "").await;
        change_role(&owner, &okta, &ann, "APP_ADMIN").await;
        assert_eq!(socket.hear().await["type"], "complete");

        // A bulk change goes on with the rights of the session, not with those of its owner.
        change_role(&owner, &okta, &ann, "SUPER_ADMIN").await;
        let clerk = with(&app, &of("clerks"));
        let input = json!({ "appId": okta, "targets": { "matching": { "filter": { "department": "Sales" }, "expectedCount": 1 } } });
        let started = clerk.done("usersUnassign", input, "bulkJob { id }").await;
        while work_one(&app.server.base.services).await.unwrap() {}
        let progress = "query($id: ID!) { node(id: $id) { ... on BulkJob { status succeeded failed } } }";
        let id = json!({ "id": started["bulkJob"]["id"] });
        let job = wait_until("the job to end", 20, async || {
            let job = owner.query(progress, id.clone()).await["node"].clone();
            (job["status"] == "COMPLETED").then_some(job)
        })
        .await;
        assert_eq!((&job["succeeded"], &job["failed"]), (&json!(0), &json!(1)));
    })
    .await;
}

#[tokio::test]
async fn consent_does_not_outgrow_the_session_that_asked_for_it() {
    let world = World::new().await;
    TestApp::builder()
        .sandbox()
        .oidc(configured(&world.issuer, ROLES))
        .on_both(async |app| {
            let owner = app.owner().await;
            let okta = add_app(&app, None).await;
            let entered = credentials(&app, &okta);
            owner.done("oktaOrgConfigure", entered, "").await;
            let three = ["VIEW_APPS", "ASSIGN_APPS", "IMPORT_USERS"];
            app.custom("clerk", &three).await;
            let clerk = world.token(&app, |claims| {
                claims["realm"] = json!({ "groups": ["clerks"] })
            });
            let (journey, url) = start_authorization(&with(&app, &clerk), &okta, None).await;
            let mut browser = Browser::default();
            let page = consent_page(&app, &mut browser, &url).await;
            let back = decide(&app, &mut browser, &page, "allow").await;

            let names = "{ organization { adminRoles { id name } } }";
            let found = owner.query(names, json!({})).await["organization"]["adminRoles"].clone();
            let roles = found.as_array().unwrap();
            let role = roles
                .iter()
                .find(|role| role["name"] == "Role of clerk")
                .unwrap();
            let input = json!({ "adminRoleId": role["id"], "permissions": ["VIEW_APPS"] });
            owner.done("adminRoleUpdate", input, "").await;
            browser.get(&back).await;
            let end = authorization(&owner, &journey).await;
            assert_eq!(end["status"], "FAILED", "{end:#}");
            assert_eq!(end["problem"]["code"], "PERMISSION_WITHDRAWN");
        })
        .await;
}
