//! One PostgreSQL server for the whole run, started from the installed programs, and a fresh database for each test.
//!
//! A shell looks after the server and waits for the end of its input, which comes when this process ends in any way; then it stops the
//! server and removes the files.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use provisioner::random;
use sea_orm::{ConnectionTrait as _, Database};
use tokio::sync::OnceCell;

use super::wait_until;

/// A server that is there already: `postgres://user@host/postgres`, whose user may create databases.
const URL_VARIABLE: &str = "PROVISIONER_TEST_POSTGRES_URL";

const HELP: &str = "The integration suite also runs on PostgreSQL and needs its programs `initdb` and `postgres` (13 or later; on Debian: \
    apt-get install postgresql), or the address of a server in PROVISIONER_TEST_POSTGRES_URL.";

/// Starts a server in a new directory, prints the directory, and cleans up when its input ends.
const KEEPER: &str = r#"
set -eu
dir=$(mktemp -d "${TMPDIR:-/tmp}/provisioner-pg.XXXXXX")
cd "$dir"
if ! "$1/initdb" -D data -U postgres --auth=trust --no-sync --encoding=UTF8 --locale=C >initdb.log 2>&1; then cat initdb.log >&2; exit 1; fi
"$1/postgres" -D data -k "$dir" -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    -c max_connections=400 -c shared_buffers=64MB >server.log 2>&1 &
server=$!
echo "$dir"
cat >/dev/null
kill -INT "$server"
wait "$server" || true
cd /
rm -rf "$dir"
"#;

static SERVER: OnceCell<Server> = OnceCell::const_new();

struct Server {
    /// Address of a database, with `{}` in place of its name.
    pattern: String,
    /// Its input stays open as long as this process lives.
    _keeper: Option<Child>,
}

/// Address of a new, empty database.
pub async fn fresh_database() -> String {
    let server = SERVER.get_or_init(start).await;
    let name = format!("t_{}", random::new_id().simple());
    let maintenance = Database::connect(server.pattern.replace("{}", "postgres"))
        .await
        .expect(HELP);
    maintenance
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    maintenance.close().await.unwrap();
    server.pattern.replace("{}", &name)
}

async fn start() -> Server {
    if let Ok(url) = std::env::var(URL_VARIABLE) {
        let (server, _) = url.rsplit_once('/').expect(HELP);
        return Server {
            pattern: format!("{server}/{{}}"),
            _keeper: None,
        };
    }
    let mut keeper = keeper(&programs()).spawn().expect(HELP);
    let mut directory = String::new();
    BufReader::new(keeper.stdout.as_mut().unwrap())
        .read_line(&mut directory)
        .unwrap();
    let directory = directory.trim();
    assert!(
        !directory.is_empty(),
        "PostgreSQL did not start; its words are above. {HELP}"
    );
    let socket = directory.replace('/', "%2F");
    let pattern = format!("postgres://postgres@localhost/{{}}?host={socket}");
    let url = pattern.replace("{}", "postgres");
    wait_until("PostgreSQL to answer", 60, async || {
        Database::connect(&url).await.ok()
    })
    .await;
    Server {
        pattern,
        _keeper: Some(keeper),
    }
}

/// The shell that keeps the server; as another user when we are root, whom PostgreSQL refuses.
fn keeper(programs: &Path) -> Command {
    let root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|out| out.stdout.trim_ascii() == b"0");
    let mut command = Command::new(if root { "setpriv" } else { "sh" });
    if root {
        command.args([
            "--reuid=postgres",
            "--regid=postgres",
            "--init-groups",
            "sh",
        ]);
    }
    command.args(["-c", KEEPER, "keeper"]).arg(programs);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// The newest installation that has both programs.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for parent in [
        "/usr/lib/postgresql",
        "/usr/local/pgsql",
        "/opt/homebrew/opt",
    ] {
        let versions = std::fs::read_dir(parent).into_iter().flatten().flatten();
        let mut versions: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
        versions.sort();
        places.extend(versions.into_iter().rev());
    }
    let has_both =
        |place: &PathBuf| place.join("initdb").exists() && place.join("postgres").exists();
    places.into_iter().find(has_both).expect(HELP)
}

#[cfg(test)]
mod tests {
    use super::fresh_database;
    use sea_orm::Database;

    #[tokio::test]
    async fn each_test_has_a_database_of_its_own() {
        let (one, other) = (fresh_database().await, fresh_database().await);
        assert_ne!(one, other);
        Database::connect(one).await.unwrap().ping().await.unwrap();
    }
}
