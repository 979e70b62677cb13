//! The commands that end by themselves, as an operator calls them: one clear line when refused, and nothing left behind.

use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn run(arguments: &[&str], data_dir: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_provisioner"));
    command.args(arguments).arg("--data-dir").arg(data_dir);
    command.env_remove("DATABASE_URL").output().unwrap()
}

/// The line on standard output of a command that succeeds.
fn line(arguments: &[&str], data_dir: &Path) -> String {
    let output = run(arguments, data_dir);
    let trouble = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {trouble}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_end().to_owned()
}

/// The line on standard error of a command that is refused.
fn refusal(arguments: &[&str], data_dir: &Path) -> String {
    let output = run(arguments, data_dir);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

const INIT: [&str; 5] = [
    "init",
    "--organization",
    "Acme",
    "--owner",
    "ann@acme.example",
];

#[test]
fn an_organization_is_made_once_and_its_owner_gets_tokens() {
    let root = TempDir::new().unwrap();
    let data = root.path().join("data");
    assert!(line(&INIT, &data).starts_with("Acme: made"));
    assert_eq!(
        std::fs::metadata(&data).unwrap().permissions().mode() & 0o777,
        0o700
    );
    assert!(line(&INIT, &data).contains("was there already"));
    let mut other = INIT;
    other[4] = "ben@acme.example";
    assert!(refusal(&other, &data).contains("is not its owner"));
    let token = line(&["token", "--user", "ANN@acme.example"], &data);
    assert_eq!(token.split('.').count(), 3, "{token}");
    let nobody = refusal(&["token", "--user", "ben@acme.example"], &data);
    assert!(nobody.contains("nobody active"), "{nobody}");
}

#[test]
fn a_token_is_not_minted_with_keys_that_no_server_has() {
    let root = TempDir::new().unwrap();
    let data = root.path().join("misspelt");
    let refused = refusal(&["token", "--user", "ann@acme.example"], &data);
    assert!(refused.contains("there is no server's data"), "{refused}");
    assert!(!data.exists());
}

#[test]
fn a_directory_that_others_use_is_not_closed_to_them() {
    let root = TempDir::new().unwrap();
    let data = root.path().join("shared");
    DirBuilder::new().mode(0o755).create(&data).unwrap();
    std::fs::write(data.join("notes.txt"), "theirs").unwrap();
    std::fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
    let refused = refusal(&INIT, &data);
    assert!(refused.contains("holds other files"), "{refused}");
    assert_eq!(
        std::fs::metadata(&data).unwrap().permissions().mode() & 0o777,
        0o755
    );

    std::fs::remove_file(data.join("notes.txt")).unwrap();
    assert!(line(&INIT, &data).starts_with("Acme: made"));
    std::fs::set_permissions(&data, Permissions::from_mode(0o750)).unwrap();
    let token = run(
        &[
            "init",
            "--organization",
            "Acme",
            "--owner",
            "ann@acme.example",
        ],
        &data,
    );
    assert!(token.status.success());
    assert_eq!(
        std::fs::metadata(&data).unwrap().permissions().mode() & 0o777,
        0o700
    );
}

#[test]
fn a_refusal_never_shows_a_password() {
    let root = TempDir::new().unwrap();
    let file = root.path().join("config.toml");
    let data = root.path().join("data");
    for (text, part) in [
        ("database_url = \"mysql://u:canary@h/d\"", "postgres://"),
        (
            "listen = \"127.0.0.1:1\"\ndatabase_url = \"postgres://u:canary@h/d\" x",
            "near line 2",
        ),
        (
            "databse_url = \"postgres://u:canary@h/d\"",
            "unknown field `databse_url`",
        ),
        // The setting is named, the line is not shown.
        (
            "database_url = \"postgres://u:canary@h/d\"\n[limits]\nrequests_per_minute = \"many\"",
            "limits.requests_per_minute: invalid type: string \"many\"",
        ),
        (
            "database_url = \"postgres://u:canary@h/d\"\n[[oidc]]\nissuer = 7",
            "oidc[0].issuer: invalid type: integer `7`",
        ),
    ] {
        std::fs::write(&file, text).unwrap();
        let mut arguments = INIT.to_vec();
        arguments.extend(["--config", file.to_str().unwrap()]);
        let refused = refusal(&arguments, &data);
        assert!(refused.contains(part), "{refused}");
        assert!(!refused.contains("canary"), "{refused}");
    }
    let refused = refusal(
        &[&INIT[..], &["--database-url", "oracle://u:canary@h/d"]].concat(),
        &data,
    );
    assert!(
        refused.contains("postgres://") && !refused.contains("canary"),
        "{refused}"
    );
    assert!(!data.exists());
}

#[test]
fn the_schema_is_printed_for_whoever_reads_it() {
    let schema = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_provisioner"));
        command.arg("schema");
        command
    };
    let printed = schema().output().unwrap();
    assert!(printed.status.success());
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let same = String::from_utf8(printed.stdout).unwrap() == std::fs::read_to_string(kept).unwrap();
    assert!(same, "cargo run -- schema > schema.graphql");
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let lost = schema().stdout(full).output().unwrap();
    assert_eq!(lost.status.code(), Some(1));
}
