//! The yardstick: the same rows by one statement of sqlx and serde_json, in a process of its own with as many threads as ours.
//!
//! It takes no documents, checks no permission and compares a token; nothing that answers over HTTP does less.

use std::process::Command;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use clap::Args;
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Database, PgPool, Row, SqlitePool};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::load::Question;
use super::peers::Peer;
use super::screen::{Pages, ROWS};
use super::support::free_port;

/// For the report.
pub const NAME: &str = "bare axum, sqlx and serde_json";

const TOKEN: &str = "a-token-that-is-only-compared";
/// As many as our own server keeps.
const POSTGRES_CONNECTIONS: u32 = 16;
const SQLITE_CONNECTIONS: u32 = 4;

/// What this binary is given when it is the bare server.
#[derive(Debug, Args)]
pub struct Options {
    #[arg(long, hide = true)]
    pub bare_port: Option<u16>,
    #[arg(long, hide = true)]
    pub bare_url: Option<String>,
}

/// Starts it.
pub async fn start(url: &str, pages: &Pages<'_>) -> Peer {
    let port = free_port();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--bare-port", &port.to_string(), "--bare-url", url])
        .spawn()
        .unwrap();
    let address = format!("http://127.0.0.1:{port}");
    let bodies = pages.of_bare();
    let questions = bodies.map(|body| Question::new(&address, TOKEN, &body));
    Peer::started(NAME, child, questions.collect()).await
}

/// Is the bare server.
pub async fn serve(port: u16, options: &Options) {
    let url = options.bare_url.as_deref().unwrap();
    let routes = if url.starts_with("postgres") {
        let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS);
        let pool = pool.test_before_acquire(false).connect(url).await.unwrap();
        Router::new()
            .route("/graphql", post(on_postgres))
            .with_state(pool)
    } else {
        let file: SqliteConnectOptions = url.parse().unwrap();
        let file = file.row_buffer_size(1000).read_only(true);
        let pool = SqlitePoolOptions::new().max_connections(SQLITE_CONNECTIONS);
        let pool = pool
            .test_before_acquire(false)
            .connect_with(file)
            .await
            .unwrap();
        Router::new()
            .route("/graphql", post(on_sqlite))
            .with_state(pool)
    };
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    axum::serve(listener, routes).await.unwrap();
}

/// The limit is written out, and the place is not a comparison of pairs, as in our own: else PostgreSQL would plan it anew each time.
const STATEMENT: &str = "SELECT s.id, s.role, s.created_at, u.id, u.display_name, u.user_name, u.primary_email, u.status, u.sort_name,
    k.id, k.state, k.problem_code, k.next_attempt_at, o.id, o.kind, o.status, o.sent_at, o.error_message
  FROM directory_user u
  JOIN assignment s ON s.user_id = u.id AND s.app_id = $1
  LEFT JOIN account k ON k.user_id = u.id AND k.app_id = $1
  LEFT JOIN operation o ON o.id = (SELECT id FROM operation WHERE account_id = k.id ORDER BY id DESC LIMIT 1)
  WHERE u.organization_id = (SELECT organization_id FROM app WHERE id = $1)
    AND u.sort_name >= $2 AND (u.sort_name <> $2 OR s.id > $3)
  ORDER BY u.sort_name, s.id LIMIT 51";

#[derive(Deserialize)]
struct Asked<'a> {
    app: Uuid,
    name: &'a str,
    id: Uuid,
}

fn refuse(headers: &HeaderMap) -> Option<Response> {
    let token = headers.get(header::AUTHORIZATION)?.as_bytes();
    (token.strip_prefix(b"Bearer ") != Some(TOKEN.as_bytes()))
        .then(|| StatusCode::UNAUTHORIZED.into_response())
}

async fn on_postgres(State(pool): State<PgPool>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refusal) = refuse(&headers) {
        return refusal;
    }
    let asked: Asked<'_> = serde_json::from_slice(&body).unwrap();
    let query = sqlx::query(STATEMENT)
        .bind(asked.app)
        .bind(asked.name)
        .bind(asked.id);
    let rows = query.fetch_all(&pool).await.unwrap();
    answer(&asked, &rows)
}

async fn on_sqlite(State(pool): State<SqlitePool>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refusal) = refuse(&headers) {
        return refusal;
    }
    let asked: Asked<'_> = serde_json::from_slice(&body).unwrap();
    let query = sqlx::query(STATEMENT)
        .bind(asked.app)
        .bind(asked.name.to_owned())
        .bind(asked.id);
    let rows = query.fetch_all(&pool).await.unwrap();
    answer(&asked, &rows)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Edge<'a> {
    cursor: (&'a str, Uuid),
    node: Assignment<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Assignment<'a> {
    id: Uuid,
    created_at: DateTime<Utc>,
    role: Option<Role<'a>>,
    user: User<'a>,
    account: Option<Account<'a>>,
}

#[derive(Serialize)]
struct Role<'a> {
    #[serde(rename = "type")]
    role_type: &'a str,
    label: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct User<'a> {
    id: Uuid,
    name: &'a str,
    user_name: &'a str,
    primary_email: &'a str,
    status: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Account<'a> {
    id: Uuid,
    state: &'a str,
    next_attempt_at: Option<DateTime<Utc>>,
    problem: Option<Problem<'a>>,
    last_operation: Option<Operation<'a>>,
}

#[derive(Serialize)]
struct Problem<'a> {
    code: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Operation<'a> {
    id: Uuid,
    kind: &'a str,
    status: &'a str,
    sent_at: DateTime<Utc>,
    error_message: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo<'a> {
    has_next_page: bool,
    has_previous_page: bool,
    start_cursor: Option<&'a (&'a str, Uuid)>,
    end_cursor: Option<&'a (&'a str, Uuid)>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Connection<'a> {
    edges: &'a [Edge<'a>],
    page_info: PageInfo<'a>,
}

/// An object with one field.
macro_rules! within {
    ($name:ident, $field:ident) => {
        #[derive(Serialize)]
        struct $name<T> {
            $field: T,
        }
    };
}
within!(Data, data);
within!(App, app);
within!(Assignments, assignments);

fn answer<R: Row>(asked: &Asked<'_>, rows: &[R]) -> Response
where
    usize: sqlx::ColumnIndex<R>,
    for<'a> &'a str: sqlx::Decode<'a, R::Database> + sqlx::Type<R::Database>,
    for<'a> Uuid: sqlx::Decode<'a, R::Database> + sqlx::Type<R::Database>,
    for<'a> i64: sqlx::Decode<'a, R::Database> + sqlx::Type<R::Database>,
    R::Database: Database,
{
    let edges: Vec<Edge<'_>> = rows.iter().take(ROWS).map(edge).collect();
    let page_info = PageInfo {
        has_next_page: rows.len() > ROWS,
        has_previous_page: !asked.name.is_empty(),
        start_cursor: edges.first().map(|edge| &edge.cursor),
        end_cursor: edges.last().map(|edge| &edge.cursor),
    };
    let edges = edges.as_slice();
    let assignments = Connection { edges, page_info };
    let app = Assignments { assignments };
    let data = App { app };
    let body = serde_json::to_vec(&Data { data }).unwrap();
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn edge<'a, R: Row>(row: &'a R) -> Edge<'a>
where
    usize: sqlx::ColumnIndex<R>,
    &'a str: sqlx::Decode<'a, R::Database> + sqlx::Type<R::Database>,
    Uuid: sqlx::Decode<'a, R::Database> + sqlx::Type<R::Database>,
    i64: sqlx::Decode<'a, R::Database> + sqlx::Type<R::Database>,
{
    let text = |at: usize| row.get::<'a, &'a str, _>(at);
    let maybe = |at: usize| row.get::<'a, Option<&'a str>, _>(at);
    let time = |at: usize| DateTime::from_timestamp_millis(row.get::<i64, _>(at)).unwrap();
    let operation = row.get::<Option<Uuid>, _>(13).map(|id| Operation {
        id,
        kind: text(14),
        status: text(15),
        sent_at: time(16),
        error_message: maybe(17),
    });
    let account = row.get::<Option<Uuid>, _>(9).map(|id| Account {
        id,
        state: text(10),
        next_attempt_at: row.get::<Option<i64>, _>(12).map(|_| time(12)),
        problem: maybe(11).map(|code| Problem {
            code,
            message: "Okta refused the change.",
        }),
        last_operation: operation,
    });
    let id = row.get(0);
    Edge {
        cursor: (text(8), id),
        node: Assignment {
            id,
            created_at: time(2),
            role: maybe(1).map(|role_type| Role {
                role_type,
                label: "Help Desk Administrator",
            }),
            user: User {
                id: row.get(3),
                name: text(4),
                user_name: text(5),
                primary_email: text(6),
                status: text(7),
            },
            account,
        },
    }
}
