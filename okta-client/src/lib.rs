//! REST and OAuth interfaces of Okta, typed.
