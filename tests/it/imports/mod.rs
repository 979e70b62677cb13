//! Importing from Okta: what is proposed, what confirming does, and that trouble never makes a list shorter.

mod api;
mod apply;
mod categories;
mod held;
mod later;
mod moved;
mod scale;
mod trouble;
mod world;
