//! Builds GraphiQL with npm and writes `OUT_DIR/graphiql.rs`, which embeds it and the operations that its tabs open with.
//!
//! The result is kept in `target/graphiql-<hash of the inputs>`, so that every profile and every later build reuses it. Without npm,
//! or offline, the crate builds all the same and serves a page that says how to get GraphiQL.
//!
//! `PROVISIONER_GRAPHIQL=off` leaves it out; `PROVISIONER_GRAPHIQL=DIR` takes a finished build from DIR.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, process};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What the npm build reads, below `graphiql/`.
const INPUTS: [&str; 5] = [
    "package.json",
    "package-lock.json",
    "vite.config.js",
    "index.html",
    "src",
];
const OPERATIONS: &str = "graphiql/operations";
const SWITCH: &str = "PROVISIONER_GRAPHIQL";

fn main() -> Outcome<()> {
    println!("cargo::rerun-if-env-changed={SWITCH}");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={OPERATIONS}");
    for input in INPUTS {
        println!("cargo::rerun-if-changed=graphiql/{input}");
    }
    let out_dir = PathBuf::from(env::var("OUT_DIR")?);
    let assets = match graphiql(&out_dir) {
        Ok(folder) => folder,
        Err(error) => {
            println!("cargo::warning=GraphiQL is left out: {error}");
            None
        }
    };
    let mut code = String::new();
    write_assets(&mut code, assets.as_deref())?;
    write_operations(&mut code)?;
    Ok(fs::write(out_dir.join("graphiql.rs"), code)?)
}

/// The folder with GraphiQL's build, or `None` when it is switched off.
fn graphiql(out_dir: &Path) -> Outcome<Option<PathBuf>> {
    match env::var(SWITCH).as_deref() {
        Ok("off") => return Ok(None),
        Ok(folder) if !folder.is_empty() => {
            println!("cargo::rerun-if-changed={folder}");
            return Ok(Some(fs::canonicalize(folder)?));
        }
        _ => {}
    }
    let source = Path::new("graphiql").canonicalize()?;
    let mut hasher = DefaultHasher::new();
    for input in INPUTS {
        hash_tree(&source.join(input), &mut hasher)?;
    }
    // OUT_DIR is target/PROFILE/build/PACKAGE-HASH/out.
    let target = out_dir
        .ancestors()
        .nth(4)
        .ok_or("OUT_DIR has an unknown shape")?;
    let kept = target.join(format!("graphiql-{:016x}", hasher.finish()));
    if !kept.is_dir() {
        npm_build(&source, &kept)?;
    }
    Ok(Some(kept))
}

/// Builds in a folder of this process and moves the result to its place in one step, so that parallel builds don't disturb
/// each other and a build that was cut short leaves nothing behind that looks finished.
fn npm_build(source: &Path, kept: &Path) -> Outcome<()> {
    let work = kept.with_extension(process::id().to_string());
    copy_inputs(source, &work)?;
    let built = npm(
        &work,
        &[
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=1",
        ],
    )
    .and_then(|()| npm(&work, &["run", "build"]));
    let moved = built.and_then(|()| match fs::rename(work.join("dist"), kept) {
        Err(_) if kept.is_dir() => Ok(()),
        other => Ok(other?),
    });
    fs::remove_dir_all(&work)?;
    moved
}

fn npm(folder: &Path, arguments: &[&str]) -> Outcome<()> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(program)
        .args(arguments)
        .arg("--loglevel=error")
        .current_dir(folder)
        .output();
    let output = output.map_err(|error| format!("npm cannot be started ({error})"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!(
        "npm {} failed: {}",
        arguments[0],
        said.lines().next().unwrap_or_default()
    )
    .into())
}

fn copy_inputs(source: &Path, work: &Path) -> Outcome<()> {
    for input in INPUTS {
        copy_tree(&source.join(input), &work.join(input))?;
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> Outcome<()> {
    if from.is_dir() {
        for path in entries(from)? {
            copy_tree(&path, &to.join(path.file_name().unwrap_or_default()))?;
        }
        return Ok(());
    }
    fs::create_dir_all(to.parent().ok_or("a file without a folder")?)?;
    fs::copy(from, to)?;
    Ok(())
}

fn hash_tree(path: &Path, hasher: &mut DefaultHasher) -> Outcome<()> {
    if path.is_dir() {
        return entries(path)?
            .iter()
            .try_for_each(|path| hash_tree(path, hasher));
    }
    path.file_name().hash(hasher);
    fs::read(path)?.hash(hasher);
    Ok(())
}

/// The folder's content in the order of its names.
fn entries(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Outcome<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn write_assets(code: &mut String, folder: Option<&Path>) -> Outcome<()> {
    code.push_str("static ASSETS: &[Asset] = &[\n");
    for path in folder.map(entries).transpose()?.unwrap_or_default() {
        if path.extension() == Some(OsStr::new("gz")) {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut hasher = DefaultHasher::new();
        fs::read(&path)?.hash(&mut hasher);
        let etag = format!("\"{:016x}\"", hasher.finish());
        let gzip = path.with_file_name(format!("{name}.gz"));
        let gzip = if gzip.is_file() {
            format!("Some(include_bytes!({gzip:?}))")
        } else {
            "None".to_owned()
        };
        writeln!(
            code,
            "Asset {{ name: {name:?}, content_type: {:?}, etag: {etag:?}, bytes: include_bytes!({path:?}), gzip: {gzip} }},",
            content_type(&path),
        )?;
    }
    code.push_str("];\n");
    Ok(())
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(OsStr::to_str) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("ttf") => "font/ttf",
        Some("woff2") => "font/woff2",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

fn write_operations(code: &mut String) -> Outcome<()> {
    let mut hasher = DefaultHasher::new();
    hash_tree(Path::new(OPERATIONS), &mut hasher)?;
    writeln!(
        code,
        "const OPERATIONS_VERSION: &str = \"{:016x}\";",
        hasher.finish()
    )?;
    code.push_str("static OPERATIONS: &[SampleOperation] = &[\n");
    for path in entries(&Path::new(OPERATIONS).canonicalize()?)? {
        if path.extension() != Some(OsStr::new("graphql")) {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let variables = path.with_extension("variables.json");
        let variables = if variables.is_file() {
            format!("Some(include_str!({variables:?}))")
        } else {
            "None".to_owned()
        };
        writeln!(
            code,
            "SampleOperation {{ name: {name:?}, query: include_str!({path:?}), variables: {variables} }},"
        )?;
    }
    code.push_str("];\n");
    Ok(())
}
