//! Makes an organisation's directory the single source of truth for its Okta org.
