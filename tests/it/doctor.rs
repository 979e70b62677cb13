//! `provisioner doctor`, and what `serve` refuses.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use sea_orm::ConnectionTrait as _;
use tempfile::TempDir;

use crate::support::TestApp;
use crate::support::issuer::{Issuer, Mood, Signer};

/// Runs a command with these settings.
fn run(command: &str, toml: &str, data: &Path) -> Output {
    let root = TempDir::new().unwrap();
    let file = root.path().join("provisioner.toml");
    fs::write(&file, toml).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_provisioner"));
    program.arg(command).arg("--config").arg(file);
    program
        .arg("--data-dir")
        .arg(data)
        .env_remove("DATABASE_URL");
    program.output().unwrap()
}

/// What the doctor says, line by line, and its exit code.
fn said(toml: &str, data: &Path) -> (Vec<String>, Option<i32>) {
    let output = run("doctor", toml, data);
    let text = String::from_utf8(output.stdout).unwrap();
    (
        text.lines().map(str::to_owned).collect(),
        output.status.code(),
    )
}

#[track_caller]
fn expect(lines: &[String], severity: &str, part: &str) {
    let found = lines
        .iter()
        .any(|line| line.starts_with(severity) && line.contains(part));
    assert!(found, "no `{severity}` with {part:?} in {lines:#?}");
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn init(data: &Path) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_provisioner"));
    program.args([
        "init",
        "--organization",
        "Acme",
        "--owner",
        "ann@acme.example",
    ]);
    let made = program
        .arg("--data-dir")
        .arg(data)
        .env_remove("DATABASE_URL")
        .output();
    assert!(made.unwrap().status.success());
}

#[test]
fn a_sound_server_is_told_so_and_nothing_is_made() {
    let root = TempDir::new().unwrap();
    let data = root.path().join("data");
    let (lines, code) = said("", &data);
    expect(&lines, "doubtful", "there is no data directory");
    expect(&lines, "doubtful", "the database is empty");
    assert_eq!(code, Some(0));
    assert!(!data.exists());

    init(&data);
    let files = || {
        let mut names: Vec<_> = fs::read_dir(&data)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm"))
            .collect();
        names.sort();
        names
    };
    let before = files();
    assert_eq!(
        said("", &data),
        (vec!["nothing is insecure or doubtful".to_owned()], Some(0))
    );
    assert_eq!(files(), before);
}

#[test]
fn a_server_that_waits_for_its_first_organization_is_told_so() {
    let root = TempDir::new().unwrap();
    let data = root.path().join("data");
    let mut program = Command::new(env!("CARGO_BIN_EXE_provisioner"));
    program.arg("bootstrap").arg("--data-dir").arg(&data);
    let printed = program.env_remove("DATABASE_URL").output().unwrap();
    assert!(printed.status.success());
    let (lines, code) = said("", &data);
    expect(&lines, "doubtful", "there is no organization yet");
    assert_eq!((lines.len(), code), (2, Some(0)), "{lines:#?}");
}

#[test]
fn whom_files_are_open_to_is_seen() {
    let root = TempDir::new().unwrap();
    let data = root.path().join("data");
    init(&data);
    set_mode(&data, 0o755);
    let (lines, code) = said("", &data);
    expect(&lines, "doubtful", "has mode 0755");
    assert_eq!(code, Some(0), "the server closes it itself");
    set_mode(&data.join("signing.key"), 0o640);
    fs::write(data.join("sealing.key"), "short").unwrap();
    let (lines, code) = said("", &data);
    expect(&lines, "insecure", "signing.key can be read by others");
    expect(&lines, "wrong", "sealing.key is damaged");
    assert_eq!(code, Some(1));
    assert!(lines[0].starts_with("wrong"), "the worst first: {lines:#?}");
    fs::remove_file(data.join("sealing.key")).unwrap();
    expect(
        &said("", &data).0,
        "doubtful",
        "sealing.key is missing beside a database",
    );

    let shared = root.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::write(shared.join("notes.txt"), "theirs").unwrap();
    set_mode(&shared, 0o755);
    let (lines, code) = said("", &shared);
    expect(&lines, "insecure", "has mode 0755");
    assert_eq!(code, Some(1));
}

#[test]
fn serve_refuses_with_all_the_lines_of_the_doctor() {
    let root = TempDir::new().unwrap();
    let data = root.path().join("data");
    init(&data);
    set_mode(&data.join("signing.key"), 0o644);
    let toml = "listen = '0.0.0.0:0'\npanel_origins = ['http://panel.example.com', '*']\n[okta]\non_loopback = true\n\
        [engine]\nlease_seconds = 1\n[[oidc]]\nissuer = 'http://id.example.com'\naudience = 'us'\norganization = 'Acme'\nmatch_by = 'email'";
    let output = run("serve", toml, &data);
    assert_eq!(output.status.code(), Some(1));
    let refusal = String::from_utf8(output.stderr).unwrap();
    let (lines, code) = said(toml, &data);
    assert_eq!(code, Some(1));
    let told = lines.iter().filter(|line| !line.starts_with("doubtful"));
    let told: Vec<_> = told.map(String::as_str).collect();
    assert_eq!(told.len(), 7, "{told:#?}");
    let refused: Vec<_> = refusal.lines().skip(1).collect();
    let mut sorted = (told.clone(), refused.clone());
    sorted.0.sort_unstable();
    sorted.1.sort_unstable();
    assert_eq!(sorted.0, sorted.1);
}

/// The provider answers while the command runs, so it needs a thread of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_is_looked_at_and_left_alone() {
    TestApp::on_both(async |app| {
        let settings = match app.database_url() {
            Some(url) => format!("database_url = '{url}'\n"),
            None => String::new(),
        };
        let issuer = Issuer::start(&[&Signer::ed("one")]).await;
        let oidc = |organization: &str| {
            let url = issuer.url();
            format!("{settings}[[oidc]]\nissuer = '{url}'\non_loopback = true\naudience = 'us'\norganization = '{organization}'\nmatch_by = 'email'")
        };
        assert_eq!(said(&oidc("ACME"), app.data_dir()).1, Some(0));
        let (lines, code) = said(&oidc("Nowhere"), app.data_dir());
        expect(&lines, "doubtful", "there is no organization \"Nowhere\"");
        assert_eq!(code, Some(0));
        expect(&lines, "doubtful", "on_loopback is set");
        assert_eq!(lines.len(), 3, "{lines:#?}");
        issuer.set_mood(Mood::Down);
        let (lines, code) = said(&oidc("Acme"), app.data_dir());
        expect(&lines, "doubtful", "its keys cannot be fetched");
        assert_eq!(code, Some(0));

        let database = app.database().await;
        database
            .execute_unprepared("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m999_of_tomorrow', 0)")
            .await
            .unwrap();
        let (lines, code) = said(&settings, app.data_dir());
        expect(&lines, "wrong", "m999_of_tomorrow");
        assert_eq!(code, Some(1));
        database
            .execute_unprepared("DELETE FROM seaql_migrations WHERE version IN ('m999_of_tomorrow', 'm8_oidc_subjects')")
            .await
            .unwrap();
        let (lines, code) = said(&settings, app.data_dir());
        expect(&lines, "doubtful", "1 migrations are still to be run");
        assert_eq!(code, Some(0));
        database
            .execute_unprepared("UPDATE audit_event SET at = at + 3600000")
            .await
            .unwrap();
        expect(&said(&settings, app.data_dir()).0, "doubtful", "s from now");
    })
    .await;
}

#[tokio::test]
async fn a_database_that_cannot_be_used_is_wrong() {
    let app = TestApp::builder().on_postgres().await;
    let url = app.database_url().unwrap().to_owned();
    let gone = url.replace(url.rsplit('/').next().unwrap(), "no_such_database");
    let (lines, code) = said(&format!("database_url = '{gone}'"), app.data_dir());
    expect(&lines, "wrong", "the database cannot be used");
    assert_eq!(code, Some(1));
    let closed = "database_url = 'postgres://u:hidden@127.0.0.1:1/d'";
    let (lines, _) = said(closed, app.data_dir());
    expect(&lines, "wrong", "refused");
    let served = run("serve", closed, app.data_dir());
    let words = String::from_utf8(served.stderr).unwrap();
    assert!(
        words.contains("refused") && !words.contains("hidden"),
        "{words}"
    );
    let root = TempDir::new().unwrap();
    let data = root.path().join("data");
    init(&data);
    fs::write(
        data.join("provisioner.sqlite3"),
        "not a database, but long enough to be looked at as one",
    )
    .unwrap();
    for end in ["-wal", "-shm"] {
        let _not_there = fs::remove_file(data.join(format!("provisioner.sqlite3{end}")));
    }
    let (lines, code) = said("", &data);
    expect(&lines, "wrong", "the database cannot be used");
    assert_eq!(code, Some(1));
}
