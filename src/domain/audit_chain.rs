//! What makes changes to the audit trail show: a keyed chain over the entries of each organisation.
//!
//! Whoever writes an entry adds a *tag* over its content, in the same statement. Within a second the entry is *sealed*: it gets the next place
//! of its organisation and a *link* over that place, its tag and the link before it. The key is not in the database, so whoever can write to
//! the database alone can neither change, add, remove nor reorder an entry without a tag, a link or a place that does not fit. The length
//! and the last link are authenticated as well, so that a cut tail shows; only putting back an older state of the whole database does not,
//! and for that the last link is noted elsewhere.
//!
//! All values are HMAC-SHA-256 (RFC 2104) over fields that are each preceded by their length, so that no two contents give the same bytes.

use aws_lc_rs::hmac;
use serde_json::Value as Json;
use uuid::Uuid;

/// An authentication code.
pub type Mac = [u8; 32];

/// What stands before the first entry.
pub const GENESIS: Mac = [0; 32];

/// The content of an entry: everything that a reader of the trail relies on.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The row.
    pub id: Uuid,
    /// The tenant.
    pub organization: Uuid,
    /// When, epoch milliseconds.
    pub at: i64,
    /// Who, in kind.
    pub actor: &'a str,
    /// The acting person.
    pub actor_user: Option<Uuid>,
    /// What, as `noun.verb`.
    pub action: &'a str,
    /// The part of `action` before the dot.
    pub family: &'a str,
    /// The app concerned.
    pub app: Option<Uuid>,
    /// The person concerned.
    pub user: Option<Uuid>,
    /// The account concerned.
    pub account: Option<Uuid>,
    /// The journal row.
    pub operation: Option<Uuid>,
    /// Okta's id of the request.
    pub okta_request_id: Option<&'a str>,
    /// Before and after.
    pub detail: &'a Json,
}

/// The key of the chain.
pub struct ChainKey(hmac::Key);

impl std::fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChainKey").finish_non_exhaustive()
    }
}

impl ChainKey {
    /// The key that grows from this secret, which serves other purposes as well.
    #[must_use]
    pub fn derived_from(secret: &[u8; 32]) -> Self {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derived = hmac::sign(&secret, b"provisioner audit trail 1");
        Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
    }

    /// Authenticates the content of an entry.
    #[must_use]
    pub fn tag(&self, record: &Record<'_>) -> Mac {
        let mut message = Message::new("entry");
        message.field(record.id.as_bytes());
        message.field(record.organization.as_bytes());
        message.field(&record.at.to_be_bytes());
        message.field(record.actor.as_bytes());
        message.id(record.actor_user);
        message.field(record.action.as_bytes());
        message.field(record.family.as_bytes());
        message.id(record.app);
        message.id(record.user);
        message.id(record.account);
        message.id(record.operation);
        message.optional(record.okta_request_id.map(str::as_bytes));
        let mut detail = String::new();
        canonical(record.detail, &mut detail);
        message.field(detail.as_bytes());
        self.sign(&message)
    }

    /// Authenticates the place of the entry with this tag: behind the one with the link `previous`.
    #[must_use]
    pub fn link(&self, organization: Uuid, seq: i64, previous: &[u8], tag: &[u8]) -> Mac {
        let mut message = Message::new("link");
        message.field(organization.as_bytes());
        message.field(&seq.to_be_bytes());
        message.field(previous);
        message.field(tag);
        self.sign(&message)
    }

    /// Authenticates how far the chain goes.
    #[must_use]
    pub fn head(&self, organization: Uuid, length: i64, last: &[u8]) -> Mac {
        let mut message = Message::new("head");
        message.field(organization.as_bytes());
        message.field(&length.to_be_bytes());
        message.field(last);
        self.sign(&message)
    }

    fn sign(&self, message: &Message) -> Mac {
        let mut mac = GENESIS;
        mac.copy_from_slice(hmac::sign(&self.0, &message.0).as_ref());
        mac
    }
}

/// Fields, each preceded by its length.
struct Message(Vec<u8>);

impl Message {
    fn new(purpose: &str) -> Self {
        let mut message = Self(Vec::with_capacity(512));
        message.field(purpose.as_bytes());
        message
    }

    fn field(&mut self, bytes: &[u8]) {
        self.0.extend((bytes.len() as u64).to_be_bytes());
        self.0.extend(bytes);
    }

    /// Nothing is no field of length zero: its length is one that no field has.
    fn optional(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.field(bytes),
            None => self.0.extend(u64::MAX.to_be_bytes()),
        }
    }

    fn id(&mut self, id: Option<Uuid>) {
        self.optional(id.as_ref().map(|id| id.as_bytes().as_slice()));
    }
}

/// One text for each value, however a database ordered the keys and spelled the numbers in between.
fn canonical(value: &Json, out: &mut String) {
    match value {
        Json::Array(items) => {
            out.push('[');
            for item in items {
                canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Json::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (name, value) in fields {
                out.push_str(&Json::from(name.as_str()).to_string());
                out.push(':');
                canonical(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Json::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            // PostgreSQL gives back 1e3 as 1000, and 1.50 as it was.
            Some(float) if float.fract() == 0.0 => out.push_str(&format!("{:.0}", float + 0.0)),
            _ => out.push_str(&number.to_string()),
        },
        Json::Null | Json::Bool(_) | Json::String(_) => out.push_str(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ChainKey, GENESIS, Json, Record, canonical};
    use uuid::Uuid;

    fn text(value: &Json) -> String {
        let mut text = String::new();
        canonical(value, &mut text);
        text
    }

    #[test]
    fn a_value_has_one_text_whatever_a_database_makes_of_it() {
        let one: Json =
            serde_json::from_str(r#"{"b":[1e3,-0.0,1.50],"a":{"y":null,"x":"ü\n"}}"#).unwrap();
        let other: Json =
            serde_json::from_str(r#"{"a":{"x":"\u00fc\n","y":null},"b":[1000,0,1.5]}"#).unwrap();
        assert_eq!(text(&one), text(&other));
        for (one, other) in [
            (json!(["a", "b"]), json!(["a,b"])),
            (json!({"a": 1}), json!({"a": "1"})),
            (json!([null]), json!([])),
            (
                json!(9_007_199_254_740_993_u64),
                json!(9_007_199_254_740_992_u64),
            ),
        ] {
            assert_ne!(text(&one), text(&other));
        }
    }

    #[test]
    fn every_part_of_an_entry_counts() {
        let key = ChainKey::derived_from(&[7; 32]);
        let (detail, other) = (json!({"a": 1}), json!({"a": 2}));
        let id = Some(Uuid::from_u128(9));
        let entry = Record {
            id: Uuid::from_u128(1),
            organization: Uuid::from_u128(2),
            at: 3,
            actor: "USER",
            actor_user: None,
            action: "user.create",
            family: "user",
            app: None,
            user: None,
            account: None,
            operation: None,
            okta_request_id: None,
            detail: &detail,
        };
        let changed = [
            entry,
            Record {
                id: Uuid::from_u128(9),
                ..entry
            },
            Record {
                organization: Uuid::from_u128(9),
                ..entry
            },
            Record { at: 9, ..entry },
            Record {
                actor: "ENGINE",
                ..entry
            },
            Record {
                actor_user: id,
                ..entry
            },
            Record {
                action: "user.creat",
                family: "euser",
                ..entry
            },
            Record {
                family: "",
                ..entry
            },
            Record { app: id, ..entry },
            Record { user: id, ..entry },
            Record {
                account: id,
                ..entry
            },
            Record {
                operation: id,
                ..entry
            },
            Record {
                okta_request_id: Some(""),
                ..entry
            },
            Record {
                detail: &other,
                ..entry
            },
        ];
        let mut tags: Vec<_> = changed.iter().map(|entry| key.tag(entry)).collect();
        tags.push(ChainKey::derived_from(&[8; 32]).tag(&entry));
        let organization = entry.organization;
        tags.push(key.link(organization, 1, &GENESIS, &tags[0]));
        tags.push(key.link(organization, 2, &GENESIS, &tags[0]));
        tags.push(key.link(organization, 1, &tags[0], &tags[0]));
        tags.push(key.head(organization, 1, &tags[0]));
        let count = tags.len();
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), count);
    }
}
