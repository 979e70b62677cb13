//! A whole server for each test: fresh database, real HTTP, people with known rights, a clock that can be moved, and an Okta org to watch.

mod app;
mod browser;
mod client;
mod clock;
pub mod connect;
pub mod issuer;
mod okta_app;
mod postgres;
mod relay;
mod socket;
mod wait;

pub use app::{TestApp, new_user};
pub use browser::{Browser, Page};
pub use client::{Answer, Client};
pub use clock::TestClock;
pub use connect::{connect, credentials};
pub use okta_app::add_app;
pub use relay::Relay;
pub use socket::Socket;
pub use wait::wait_until;
