//! Who may import whom (docs/architecture.md). The rooms stay separate because this fails when a door is broken through a wall.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Modules of no room of their own, which every room may use.
const COMMON: [&str; 4] = ["clock", "crash", "metrics", "random"];

struct Room {
    name: &'static str,
    /// Rooms of ours that it may name.
    rooms: &'static [&'static str],
    /// Crates that only some rooms may name.
    crates: &'static [&'static str],
}

const ROOMS: [Room; 6] = [
    Room {
        name: "domain",
        rooms: &[],
        crates: &[],
    },
    Room {
        name: "store",
        rooms: &["domain"],
        crates: &["entity", "migration", "sea_orm", "sqlx"],
    },
    Room {
        name: "service",
        rooms: &["store", "domain", "crypto", "keys"],
        crates: &["okta_client"],
    },
    Room {
        name: "engine",
        rooms: &["service", "store", "domain"],
        crates: &["okta_client"],
    },
    Room {
        name: "graphql",
        rooms: &["service", "domain"],
        crates: &["async_graphql"],
    },
    Room {
        name: "http",
        rooms: &["graphql", "service"],
        crates: &["async_graphql", "axum", "tower_http"],
    },
];

const GUARDED_CRATES: [&str; 9] = [
    "async_graphql",
    "axum",
    "entity",
    "migration",
    "okta_client",
    "okta_sandbox",
    "sea_orm",
    "sqlx",
    "tower_http",
];

#[test]
fn every_room_imports_only_what_it_may() {
    let mut broken = Vec::new();
    for room in &ROOMS {
        for file in sources(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("src")
                .join(room.name),
        ) {
            broken.extend(
                doors(room, &file)
                    .into_iter()
                    .map(|door| format!("{}: {door}", file.display())),
            );
        }
    }
    assert!(
        broken.is_empty(),
        "imports that the architecture does not allow:\n{}",
        broken.join("\n")
    );
}

#[test]
fn a_forbidden_import_is_seen() {
    let domain = &ROOMS[0];
    assert_eq!(
        forbidden(domain, "use crate::store::Store;\nuse sea_orm::DbErr;"),
        ["crate::store", "sea_orm"]
    );
    assert_eq!(
        forbidden(
            domain,
            "//! crate::store is elsewhere\nuse crate::domain::plan;"
        ),
        Vec::<String>::new()
    );
}

fn doors(room: &Room, file: &Path) -> Vec<String> {
    forbidden(room, &fs::read_to_string(file).unwrap())
}

fn forbidden(room: &Room, source: &str) -> Vec<String> {
    let ours = Regex::new(r"\bcrate::(\w+)").unwrap();
    let crates = Regex::new(r"(?:^|[^:\w])(?:::)?(\w+)::").unwrap();
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = BTreeSet::new();
    for name in ours.captures_iter(&code).map(|c| c[1].to_owned()) {
        let allowed = name == room.name
            || room.rooms.contains(&name.as_str())
            || COMMON.contains(&name.as_str());
        if !allowed {
            found.insert(format!("crate::{name}"));
        }
    }
    for name in crates.captures_iter(&code).map(|c| c[1].to_owned()) {
        if GUARDED_CRATES.contains(&name.as_str()) && !room.crates.contains(&name.as_str()) {
            found.insert(name);
        }
    }
    found.into_iter().collect()
}

fn sources(dir: PathBuf) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(&dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
