//! An administrator's list of assignments.

use std::time::Duration;

use async_graphql::connection::CursorType as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provisioner::graphql::cursor::Listing;
use provisioner::graphql::ids::{NodeKind, row_of};
use provisioner::service::page::{Key, Position};
use serde_json::{Value, json};
use uuid::Uuid;

use super::load::{Question, Turn, turn};
use super::peers::Peer;
use super::processor::Processes;
use super::support::{Report, Server};
use super::{Backend, Options, bare, node, seed};

/// Rows on a page.
pub const ROWS: usize = 50;

const QUERY: &str = "query Assignments($app: ID!, $first: Int!, $after: String) {
  app(id: $app) {
    id
    assignments(first: $first, after: $after, orderBy: USER_NAME_ASC) {
      edges {
        cursor
        node {
          id
          createdAt
          role { type label }
          user { id name userName primaryEmail status }
          account {
            id
            state
            nextAttemptAt
            problem { code message }
            lastOperation { id kind status sentAt errorMessage }
          }
        }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}";

/// The part of the bare handler's requests per second that we aim at, on PostgreSQL.
const OF_BARE: f64 = 0.35;
/// The multiple of the Node server's.
const OF_NODE: f64 = 2.0;
const WARM_UP: Duration = Duration::from_secs(2);

/// The pages that are asked for: the first one, and those behind places all over the list.
pub struct Pages<'a> {
    app: &'a str,
    row: Uuid,
    places: &'a [seed::Place],
}

impl Pages<'_> {
    fn bodies<'a, T: serde::Serialize + 'a>(
        &'a self,
        app: T,
        cursor: impl Fn(&seed::Place) -> String + 'a,
    ) -> impl Iterator<Item = Value> + 'a {
        let afters = self.places.iter().map(move |place| Some(cursor(place)));
        [None].into_iter().chain(afters).map(move |after| {
            json!({ "query": QUERY, "variables": { "app": app, "first": ROWS, "after": after } })
        })
    }

    fn of_ours(&self) -> impl Iterator<Item = Value> {
        self.bodies(self.app, |place| {
            let key = Some(Key::Text(place.sort_name.clone()));
            let id = place.assignment;
            Listing::AssignmentsByName
                .cursor(Position { key, id })
                .encode_cursor()
        })
    }

    /// The same for the Node server, whose ids are those of the rows.
    pub fn of_node(&self) -> impl Iterator<Item = Value> {
        self.bodies(self.row, |place| {
            URL_SAFE_NO_PAD.encode(json!([place.sort_name, place.assignment]).to_string())
        })
    }

    /// The same for the bare handler, which takes no documents.
    pub fn of_bare(&self) -> impl Iterator<Item = Value> {
        let first = (String::new(), Uuid::nil());
        let others = self.places.iter();
        let others = others.map(|place| (place.sort_name.clone(), place.assignment));
        [first]
            .into_iter()
            .chain(others)
            .map(|(name, id)| json!({ "app": self.row, "name": name, "id": id }))
    }
}

/// Has the servers answer in turn.
pub async fn measure(
    options: &Options,
    backend: Backend,
    server: &Server,
    app: &str,
    url: &str,
    places: &[seed::Place],
    report: &mut Report,
) {
    let threads = std::thread::available_parallelism().unwrap().get();
    let pages = Pages {
        app,
        row: row_of(&app.to_owned().into(), NodeKind::App),
        places,
    };
    let token = server.owner.token();
    let ours = pages
        .of_ours()
        .map(|body| Question::new(&server.url, token, &body));
    let mut peers = vec![Peer::ours(server, ours.collect())];
    if !options.only_ours {
        peers.push(bare::start(url, &pages).await);
        if backend == Backend::Postgres {
            peers.extend(node::start(url, threads, &pages).await);
        }
    }
    same_rows(&peers).await;
    let database = match backend {
        Backend::Sqlite => None,
        Backend::Postgres => Processes::of_postgres(url).await,
    };
    println!(
        "{ROWS} rows with person, role, account and last operation, {} pages, {} clients, {} rounds",
        places.len() + 1,
        options.clients,
        options.rounds
    );
    for peer in &peers {
        turn(&peer.questions, options.clients, WARM_UP).await;
    }
    let mut figures: Vec<Figures> = peers.iter().map(|_| Figures::default()).collect();
    for _ in 0..options.rounds {
        for (peer, figures) in peers.iter().zip(&mut figures) {
            figures.round(options, peer, database.as_ref()).await;
        }
    }
    for (peer, figures) in peers.iter().zip(&figures) {
        figures.tell(peer.name, report);
    }
    for (peer, other) in peers.iter().zip(&figures).skip(1) {
        let ratios = figures[0].turns.iter().zip(&other.turns);
        let ratio = median(ratios.map(|(ours, other)| ours.per_second / other.per_second));
        let what = format!("times the requests per second of {}", peer.name);
        match (backend, peer.name) {
            (Backend::Sqlite, _) => report.says(&what, &format!("{ratio:.2}")),
            (Backend::Postgres, bare::NAME) => report.at_least(&what, ratio, OF_BARE, ""),
            (Backend::Postgres, _) => report.at_least(&what, ratio, OF_NODE, ""),
        }
    }
}

/// All of them must tell the same of the same people.
async fn same_rows(peers: &[Peer]) {
    let expected = peers[0].rows().await;
    for answer in &expected {
        let edges = &answer["data"]["app"]["assignments"]["edges"];
        assert_eq!(edges.as_array().unwrap().len(), ROWS, "{answer:#}");
        assert_ne!(edges[0]["node"]["account"]["lastOperation"], Value::Null);
    }
    for peer in &peers[1..] {
        for (theirs, ours) in peer.rows().await.iter().zip(&expected) {
            assert!(theirs == ours, "{}: {theirs:#}\nours: {ours:#}", peer.name);
        }
    }
}

#[derive(Default)]
struct Figures {
    turns: Vec<Turn>,
    processor: Vec<f64>,
    database: Vec<f64>,
}

impl Figures {
    async fn round(&mut self, options: &Options, peer: &Peer, database: Option<&Processes>) {
        let of_database = || database.map(Processes::seconds);
        let (before, database_before) = (peer.processes.seconds(), of_database());
        let length = Duration::from_secs(options.seconds);
        let turn = turn(&peer.questions, options.clients, length).await;
        let each = |seconds: f64| seconds * 1e6 / turn.took.len() as f64;
        self.processor.push(each(peer.processes.seconds() - before));
        let database = of_database().zip(database_before);
        self.database
            .extend(database.map(|(after, before)| each(after - before)));
        self.turns.push(turn);
    }

    fn tell(&self, name: &str, report: &Report) {
        let of = |what: fn(&Turn) -> f64| median(self.turns.iter().map(what));
        let rate = of(|turn| turn.per_second);
        println!("  {name}");
        report.says("  answers", &format!("{rate:.0} /s"));
        let ms = |part: fn(&Turn) -> Duration| {
            median(self.turns.iter().map(|turn| part(turn).as_secs_f64() * 1e3))
        };
        let (half, most) = (ms(|turn| turn.within(0.5)), ms(|turn| turn.within(0.99)));
        report.says("  answered within, at the median", &format!("{half:.2} ms"));
        report.says("  answered within, 99 of 100", &format!("{most:.2} ms"));
        let processor = median(self.processor.iter().copied());
        report.says(
            "  its processor time for each",
            &format!("{processor:.0} µs"),
        );
        if !self.database.is_empty() {
            let database = median(self.database.iter().copied());
            report.says("  PostgreSQL's for each", &format!("{database:.0} µs"));
        }
        let bytes = of(|turn| turn.bytes as f64 / turn.took.len() as f64);
        report.says("  bytes of an answer", &format!("{bytes:.0}"));
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
