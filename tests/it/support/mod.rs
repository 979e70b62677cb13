//! A whole server for each test: fresh database, real HTTP, people with known rights, a clock that can be moved, and an Okta org to watch.

mod app;
mod client;
mod clock;
mod okta_app;
mod postgres;
mod socket;
mod wait;

pub use app::{TestApp, new_user};
pub use client::Client;
pub use clock::TestClock;
pub use okta_app::add_app;
pub use socket::Socket;
pub use wait::wait_until;
