//! The whole table of design §2, and its laws.
