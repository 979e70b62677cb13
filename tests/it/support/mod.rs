//! A whole server for each test: fresh database, real HTTP, people with known rights, a clock that can be moved, and an Okta org to watch.

mod app;
mod client;
mod clock;
mod postgres;
mod wait;

pub use app::{TestApp, new_user};
pub use client::Client;
pub use clock::TestClock;
pub use wait::wait_until;
