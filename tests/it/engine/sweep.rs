//! `kill -9` at random moments while many people are brought in step: nothing is lost, nothing done twice, and the others go on at once.
//!
//! The moments come from a seed, which is printed. The long run is `docs/reliability.md`'s; it is the same code with greater numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::StreamExt as _;
use okta_sandbox::Sandbox;
use provisioner::clock::{Clock as _, SystemClock};
use provisioner::config::Config;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use super::holds::approve_holds;
use super::process::{Process, quick};
use super::world::World;
use crate::support::{Client, TestApp, wait_until};

const ROLE: &str = "HELP_DESK_ADMIN";
const OTHER_ROLE: &str = "REPORT_ADMIN";
/// What six people in a row go through, wave by wave; sorted within a wave.
const WAVES: [[&[&str]; 6]; 3] = [
    [
        &["role.grant", "user.create"],
        &["user.create"],
        &["role.grant", "user.create"],
        &["user.create"],
        &["role.grant", "user.create"],
        &["user.create"],
    ],
    [
        &["role.grant", "role.revoke", "user.update"],
        &["user.deactivate"],
        &["role.revoke", "user.update"],
        &["user.update"],
        &["user.update"],
        &["user.update"],
    ],
    [
        &[],
        &["user.activate", "user.update"],
        &["user.deactivate", "user.delete"],
        &["user.deactivate", "user.delete"],
        &["user.deactivate"],
        &[],
    ],
];
/// How soon after a restart others make progress, milliseconds (threats, first row).
const PROGRESS_WITHIN_MS: u64 = 5_000;
/// Effects that may be left for the progress to be measured: fewer may all be waiting for certainty.
const MUCH: usize = 24;

/// How much is done, and how often it is interrupted.
struct Sweep {
    seed: u64,
    people: usize,
    kills: usize,
}

/// What a run showed.
#[derive(Debug, Default)]
struct Report {
    kills: usize,
    /// Of them, those while the process was starting.
    while_starting: usize,
    /// The longest time from a restart to the first effect, milliseconds.
    slowest_progress_ms: u64,
    effects: usize,
    lost: usize,
    duplicate: usize,
    /// Requests that change something, beside the effects: sent again after it was certain that they never arrived.
    sent_again: usize,
    seconds: u64,
}

struct Run<'a> {
    config: &'a Config,
    sandbox: &'a Sandbox,
    http: reqwest::Client,
    owner: Client,
    app_id: String,
    people: Vec<String>,
    random: StdRng,
    process: Option<Process>,
    /// Effects since the start, and the position up to which they are counted.
    effects: usize,
    counted: u64,
    report: Report,
}

impl Run<'_> {
    /// Effects by now.
    fn effects(&mut self) -> usize {
        for effect in self.sandbox.effects_since(self.counted) {
            self.counted = effect.seq;
            self.effects += usize::from(!effect.kind.starts_with("token."));
        }
        self.effects
    }

    fn client(&self) -> Client {
        self.owner.at(&self.process.as_ref().unwrap().base_url)
    }

    /// Those people of whom everyone the n-th of six goes the same way.
    /// An administrator sits beside it: more people leave than are let go without one.
    async fn approve(&self) {
        approve_holds(&self.client(), &self.app_id).await;
    }

    fn class(&self, class: usize) -> Vec<String> {
        self.people.iter().skip(class).step_by(6).cloned().collect()
    }

    async fn on_assignments(&self, mutation: &str, users: &[String], role: Option<&str>) {
        for users in users.chunks(100) {
            let mut input = json!({ "appId": self.app_id, "targets": { "userIds": users } });
            if mutation != "usersUnassign" {
                input["role"] = json!(role);
            }
            self.client().done(mutation, input, "").await;
        }
    }

    async fn on_each(&self, mutation: &str, users: &[String]) {
        let client = self.client();
        futures::stream::iter(users)
            .for_each_concurrent(8, |user| {
                let client = client.clone();
                async move {
                    client.done(mutation, json!({ "userId": user }), "").await;
                }
            })
            .await;
    }

    /// Every profile changes, by one change of the mapping.
    async fn remap(&self) {
        let field = |key: &str| json!({ "fieldId": URL_SAFE_NO_PAD.encode(format!("DirectoryField:{key}")) });
        let mut items: Vec<Value> = [
            ("login", "userName"),
            ("email", "primaryEmail"),
            ("firstName", "givenName"),
            ("lastName", "familyName"),
        ]
        .iter()
        .map(|(attribute, key)| json!({ "attribute": attribute, "source": field(key) }))
        .collect();
        let constant = json!({ "constant": { "string": "Moved" } });
        items.push(json!({ "attribute": "department", "source": constant }));
        let input = json!({ "appId": self.app_id, "expectedVersion": 0, "items": items });
        self.client().done("attributeMappingsSave", input, "").await;
    }

    async fn wish(&self, wave: usize) {
        match wave {
            0 => {
                for class in 0..6 {
                    let role = (class % 2 == 0).then_some(ROLE);
                    self.on_assignments("usersAssign", &self.class(class), role)
                        .await;
                }
            }
            1 => {
                self.on_each("userDeactivate", &self.class(1)).await;
                self.on_assignments("assignmentsRoleChange", &self.class(0), Some(OTHER_ROLE))
                    .await;
                self.on_assignments("assignmentsRoleChange", &self.class(2), None)
                    .await;
                self.remap().await;
            }
            _ => {
                self.on_each("userActivate", &self.class(1)).await;
                self.on_assignments("usersUnassign", &self.class(2), None)
                    .await;
                self.on_each("userDelete", &self.class(3)).await;
                self.on_each("userDeactivate", &self.class(4)).await;
            }
        }
    }

    /// One wave of wishes, interrupted as often as told.
    async fn wave(&mut self, wave: usize, kills: usize, expected: usize) {
        self.wish(wave).await;
        let left = expected.saturating_sub(self.effects());
        let spread = (2 * left / (kills + 1)).max(1);
        for _ in 0..kills {
            let target = (self.effects() + self.random.random_range(0..=spread)).min(expected);
            let this = (&mut *self, target);
            wait_until("the moment to kill", 120, async || {
                this.0.approve().await;
                (this.0.effects() >= this.1).then_some(())
            })
            .await;
            self.strike(expected).await;
        }
        let this = &mut *self;
        wait_until("the wave to end", 600, async || {
            this.approve().await;
            (this.effects() >= expected).then_some(())
        })
        .await;
    }

    /// Kills the process, now and then its successor while that is starting, and starts another one.
    async fn strike(&mut self, expected: usize) {
        let hesitation = self.random.random_range(0..15);
        tokio::time::sleep(Duration::from_millis(hesitation)).await;
        self.process.take().unwrap().kill();
        self.report.kills += 1;
        if self.random.random_bool(0.1) {
            let early = Process::spawn(self.config, None);
            let moment = self.random.random_range(0..400);
            tokio::time::sleep(Duration::from_millis(moment)).await;
            early.kill();
            self.report.while_starting += 1;
        }
        let started = SystemClock.monotonic_ms();
        self.process = Some(Process::start(self.config, &self.http).await);
        // What the killed one had sent has arrived by now.
        let done = self.effects();
        if expected.saturating_sub(done) < MUCH {
            return;
        }
        let this = &mut *self;
        wait_until("the others to go on", 60, async || {
            this.approve().await;
            (this.effects() > done).then_some(())
        })
        .await;
        let took = SystemClock.monotonic_ms() - started;
        self.report.slowest_progress_ms = self.report.slowest_progress_ms.max(took);
    }

    /// Compares what Okta saw with what it should have seen.
    fn settle_accounts(&mut self, before: u64) {
        let mut logins = BTreeMap::new();
        let mut seen: BTreeMap<usize, BTreeMap<String, i64>> = BTreeMap::new();
        for effect in self.sandbox.effects_since(before) {
            if effect.kind.starts_with("token.") {
                continue;
            }
            let id = effect.user_id.unwrap();
            if let Some(login) = effect.login {
                logins.entry(id.clone()).or_insert(login);
            }
            let login = &logins[&id];
            let n: usize = login[1..login.find('@').unwrap()].parse().unwrap();
            *seen.entry(n).or_default().entry(effect.kind).or_default() += 1;
        }
        for n in 0..self.people.len() {
            let mut balance = seen.remove(&n).unwrap_or_default();
            for kind in WAVES.iter().flat_map(|wave| wave[n % 6]) {
                *balance.entry((*kind).to_owned()).or_default() -= 1;
            }
            for (kind, left) in balance {
                if left != 0 {
                    eprintln!("p{n}: {kind} {left:+}");
                }
                let count = usize::try_from(left.abs()).unwrap();
                match left {
                    ..0 => self.report.lost += count,
                    0.. => self.report.duplicate += count,
                }
            }
        }
        let requests = self.sandbox.requests_since(before).into_iter();
        let changing = requests
            .filter(|request| request.path.starts_with("/api/") && request.method != "GET")
            .count();
        self.report.effects = self.effects();
        self.report.sent_again = changing.saturating_sub(self.report.effects);
    }
}

/// What Okta will have seen after each wave, of all people together.
fn expected(people: usize) -> Vec<usize> {
    let mut sum = 0;
    let of_wave = |wave: &[&[&str]; 6]| (0..people).map(|n| wave[n % 6].len()).sum::<usize>();
    WAVES
        .iter()
        .map(|wave| {
            sum += of_wave(wave);
            sum
        })
        .collect()
}

impl Sweep {
    async fn run(&self, app: TestApp) -> Report {
        println!(
            "{} people, {} kills, seed {}",
            self.people, self.kills, self.seed
        );
        app.sandbox()
            .change_settings(|settings| settings.latency_ms = 20);
        let shared = app.database_url().is_some();
        let world = World::connected(app).await;
        let began = SystemClock.monotonic_ms();
        let people = self.hired(&world).await;
        let before = world.position();
        let World {
            app, owner, app_id, ..
        } = &world;
        let (http, owner, app_id) = (app.http().clone(), owner.clone(), app_id.clone());
        let mut report = Report::default();
        let world = world
            .away(async |config, sandbox| {
                let mut run = Run {
                    process: Some(Process::start(config, &http).await),
                    random: StdRng::seed_from_u64(self.seed),
                    config,
                    sandbox,
                    http,
                    owner,
                    app_id,
                    people,
                    effects: 0,
                    counted: before,
                    report: Report::default(),
                };
                for (wave, expected) in expected(self.people).into_iter().enumerate() {
                    let kills = self.kills * (wave + 1) / 3 - self.kills * wave / 3;
                    run.wave(wave, kills, expected).await;
                }
                run.process.take().unwrap().kill();
                run.settle_accounts(before);
                report = run.report;
            })
            .await;
        let counts = world.quiet(120).await;
        let gone =
            self.people.saturating_sub(2).div_ceil(6) + self.people.saturating_sub(3).div_ceil(6);
        assert_eq!(counts["NOT_PROVISIONED"], gone, "{counts}");
        assert_eq!(counts["IN_SYNC"], self.people - gone, "{counts}");
        report.seconds = (SystemClock.monotonic_ms() - began) / 1_000;
        println!("{report:#?}");
        assert_eq!(
            (report.lost, report.duplicate),
            (0, 0),
            "seed {}",
            self.seed
        );
        if !shared {
            assert!(
                report.slowest_progress_ms < PROGRESS_WITHIN_MS,
                "seed {}",
                self.seed
            );
        }
        report
    }

    /// The people, in the order of their numbers.
    async fn hired(&self, world: &World) -> Vec<String> {
        let hire = |n: usize| async move { world.person(&format!("p{n}")).await };
        futures::stream::iter(0..self.people)
            .map(hire)
            .buffered(8)
            .collect()
            .await
    }
}

#[tokio::test]
async fn killed_at_random_moments_nothing_is_lost_or_done_twice() {
    let builder = TestApp::builder().sandbox().engine(quick());
    let sweep = Sweep {
        seed: 11,
        people: 60,
        kills: 6,
    };
    let report = sweep.run(builder.on_sqlite().await).await;
    assert_eq!(report.kills, 6);
}

#[tokio::test]
async fn killed_at_random_moments_on_postgres_nothing_is_lost_or_done_twice() {
    let builder = TestApp::builder().sandbox().engine(quick());
    let sweep = Sweep {
        seed: 12,
        people: 60,
        kills: 3,
    };
    let report = sweep.run(builder.on_postgres().await).await;
    assert_eq!(report.kills, 3);
}

/// The long run of `docs/reliability.md`.
mod long {
    use super::{Sweep, TestApp, quick};

    fn number(name: &str, default: u64) -> u64 {
        let given = std::env::var(name).ok();
        given.map_or(default, |text| text.parse().expect(name))
    }

    #[tokio::test]
    #[ignore = "takes minutes; docs/reliability.md says how to run it"]
    async fn kill_sweep() {
        let size = |name, default| usize::try_from(number(name, default)).unwrap();
        let sweep = Sweep {
            seed: number("PROVISIONER_SWEEP_SEED", 1),
            people: size("PROVISIONER_SWEEP_PEOPLE", 1_000),
            kills: size("PROVISIONER_SWEEP_KILLS", 200),
        };
        let builder = TestApp::builder().sandbox().engine(quick());
        let app = match std::env::var("PROVISIONER_SWEEP_DATABASE").as_deref() {
            Ok("postgres") => builder.on_postgres().await,
            _ => builder.on_sqlite().await,
        };
        sweep.run(app).await;
    }
}
