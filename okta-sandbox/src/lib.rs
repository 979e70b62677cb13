//! A stateful Okta org on loopback.
