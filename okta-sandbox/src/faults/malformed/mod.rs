//! Malformed answers, each with a stable name, so that a test can go through all of them.
//!
//! Each is made from the answer that would have been right, so that it is wrong in one respect only.

mod links;
mod person;
mod text;
mod wire;

use bytes::Bytes;
use rand::{Rng, rngs::StdRng};
use serde_json::Value;

use crate::server::reply::Reply;

/// A way in which an answer is malformed.
#[derive(Clone, Copy)]
pub struct Malformed(&'static Shape);

/// What a malformed answer is wrong about, which tells where it can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// The body is not JSON, or not the JSON it should be. Spoils every answer, although an operation whose right
    /// answer is `{}` cannot tell it from another object (`in-an-envelope`, `error-with-200`, `many-keys`).
    Text,
    /// The bytes on the connection are not what HTTP should be, or come without end. Spoils every answer.
    Wire,
    /// Ids, types and fields of users, and ids of roles. Other answers, such as the `{}` of a lifecycle operation and
    /// refusals, stay as they are. `id-of-nobody` and `id-of-another` cannot be told from a good answer to a *create*
    /// by that answer alone.
    Person,
    /// `Link` headers and elements of lists. Answers that are no lists stay as they are.
    List,
}

/// One malformed answer.
struct Shape {
    name: &'static str,
    family: Family,
    what: &'static str,
    make: fn(Genuine) -> Garbled,
}

impl Shape {
    const fn new(
        family: Family,
        name: &'static str,
        what: &'static str,
        make: fn(Genuine) -> Garbled,
    ) -> Self {
        Self {
            name,
            family,
            what,
            make,
        }
    }
}

/// All of them.
static FAMILIES: [&[Shape]; 4] = [
    &text::SHAPES,
    &wire::SHAPES,
    &person::SHAPES,
    &links::SHAPES,
];

impl Malformed {
    /// All of them, always in the same order.
    pub fn all() -> impl Iterator<Item = Self> {
        FAMILIES.into_iter().flatten().map(Self)
    }

    /// All of one family.
    pub fn of(family: Family) -> impl Iterator<Item = Self> {
        Self::all().filter(move |shape| shape.family() == family)
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|shape| shape.name() == name)
    }

    /// One that a plan draws.
    pub(super) fn any(rng: &mut StdRng) -> Self {
        let all: Vec<_> = Self::all().collect();
        all[rng.random_range(0..all.len())]
    }

    /// Its name, such as `html-with-200`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// What it is wrong about.
    pub fn family(self) -> Family {
        self.0.family
    }

    /// What it is, in a sentence.
    pub fn what(self) -> &'static str {
        self.0.what
    }

    /// Makes the malformed answer of a good one.
    pub(crate) fn garble(self, genuine: Genuine) -> Garbled {
        (self.0.make)(genuine)
    }
}

impl std::fmt::Debug for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Malformed({})", self.name())
    }
}

impl PartialEq for Malformed {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Malformed {}

/// The right answer, and what else a wrong one can be made of.
pub(crate) struct Genuine {
    pub reply: Reply,
    /// Somebody else of the org, as its API shows people.
    pub other: Value,
    /// The URL that was asked.
    pub page: String,
}

/// An answer that is not as it should be.
#[derive(Debug)]
pub(crate) enum Garbled {
    /// An HTTP answer.
    Http(Reply, Tail),
    /// These bytes, whatever they are, then the end of the connection.
    Raw(Bytes),
}

/// How the body of an HTTP answer goes on after what was made up.
#[derive(Debug)]
pub(crate) enum Tail {
    /// It ends there.
    End,
    /// It ends there, whatever the answer's `Content-Length` says.
    EndDeclared,
    /// With these bytes for ever.
    Endless(Bytes),
    /// With these bytes so many times, then with others.
    Long(Bytes, u32, Bytes),
    /// One byte a second.
    Trickle,
    /// With silence.
    Stall,
    /// The connection breaks.
    Break,
}

impl Garbled {
    pub fn status(&self) -> u16 {
        match self {
            Self::Http(reply, _) => reply.status,
            Self::Raw(_) => 0,
        }
    }

    /// Whether a whole answer leaves.
    pub fn is_whole(&self) -> bool {
        matches!(
            self,
            Self::Http(_, Tail::End | Tail::EndDeclared | Tail::Long(..))
        )
    }
}

impl Genuine {
    /// The right body as JSON; null when it is none.
    fn json(&self) -> Value {
        serde_json::from_slice(&self.reply.body).unwrap_or_default()
    }

    /// The right body, or that of an empty JSON answer.
    fn body(&self) -> String {
        match String::from_utf8_lossy(&self.reply.body) {
            body if body.is_empty() => "{}".into(),
            body => body.into_owned(),
        }
    }

    /// Another body, said to be JSON, with 200 if the right answer was a refusal or had no body.
    fn with_body(self, body: impl Into<Vec<u8>>) -> Reply {
        let status = match self.reply.status {
            200 | 201 => self.reply.status,
            _ => 200,
        };
        let mut reply = self.reply;
        reply.headers.retain(|(name, _)| name != "content-type");
        Reply {
            status,
            body: body.into(),
            ..reply
        }
        .with("content-type", "application/json")
    }

    /// An answer with another body.
    fn say(self, body: impl Into<Vec<u8>>) -> Garbled {
        Garbled::Http(self.with_body(body), Tail::End)
    }

    /// The right answer as it is.
    fn unchanged(self) -> Garbled {
        Garbled::Http(self.reply, Tail::End)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_enough_and_names_are_stable_words() {
        let names: BTreeSet<_> = Malformed::all().map(Malformed::name).collect();
        assert_eq!(
            names.len(),
            Malformed::all().count(),
            "a name is used twice"
        );
        assert!(names.len() >= 60, "{}", names.len());
        for name in names {
            assert!(
                name.chars().all(|letter| letter.is_ascii_lowercase()
                    || letter.is_ascii_digit()
                    || letter == '-'),
                "{name}"
            );
            assert_eq!(Malformed::named(name).map(Malformed::name), Some(name));
        }
    }
}
