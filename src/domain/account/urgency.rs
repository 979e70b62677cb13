//! Who goes first among accounts that are due.

/// Who goes first among accounts that are due, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Somebody loses access.
    Leaving,
    /// Somebody who has an Okta account changes.
    Changing,
    /// Somebody gets an Okta account.
    Joining,
}

impl Urgency {
    /// All, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Leaving, Self::Changing, Self::Joining];

    /// The number that stands for it in the database.
    pub const fn number(self) -> i32 {
        match self {
            Self::Leaving => 0,
            Self::Changing => 1,
            Self::Joining => 2,
        }
    }
}
