//! Opaque global ids (Relay): which kind of thing, and which one. Clients must not look inside.

use std::fmt;

use async_graphql::ID;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// The types that implement `Node`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the GraphQL type of the same name")]
pub enum NodeKind {
    Account,
    AdminRole,
    App,
    Assignment,
    AuditEvent,
    BulkJob,
    DeprovisioningHold,
    DirectoryField,
    Import,
    ImportCandidate,
    OktaAuthorization,
    OktaOrg,
    Operation,
    Organization,
    PersonalAccessToken,
    User,
}

impl NodeKind {
    const ALL: [Self; 16] = [
        Self::Account,
        Self::AdminRole,
        Self::App,
        Self::Assignment,
        Self::AuditEvent,
        Self::BulkJob,
        Self::DeprovisioningHold,
        Self::DirectoryField,
        Self::Import,
        Self::ImportCandidate,
        Self::OktaAuthorization,
        Self::OktaOrg,
        Self::Operation,
        Self::Organization,
        Self::PersonalAccessToken,
        Self::User,
    ];
}

impl fmt::Display for NodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The global id of a row.
#[must_use]
pub fn global(kind: NodeKind, id: Uuid) -> ID {
    let mut buffer = Uuid::encode_buffer();
    global_key(kind, id.hyphenated().encode_lower(&mut buffer))
}

/// The global id of something that is named by a text, such as a standard directory field.
#[must_use]
pub fn global_key(kind: NodeKind, key: &str) -> ID {
    ID(URL_SAFE_NO_PAD.encode(format!("{kind}:{key}")))
}

/// Kind and key of a global id; null for anything that we never gave out.
#[must_use]
pub fn parse(id: &ID) -> Option<(NodeKind, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id.as_str()).ok()?).ok()?;
    let (kind, key) = text.split_once(':')?;
    let kind = NodeKind::ALL
        .into_iter()
        .find(|known| known.to_string() == kind)?;
    Some((kind, key.to_owned()))
}

/// The key in a global id of this kind; null for any other id.
#[must_use]
pub fn key_of(id: &ID, kind: NodeKind) -> Option<String> {
    parse(id)
        .filter(|(found, _)| *found == kind)
        .map(|(_, key)| key)
}

/// The row that a global id of this kind names. For any other text the nil id, which no row has: so a made-up id, an id of another kind and
/// a foreign id all end as "not found", in one way.
#[must_use]
pub fn row_of(id: &ID, kind: NodeKind) -> Uuid {
    key_of(id, kind)
        .and_then(|key| Uuid::try_parse(&key).ok())
        .unwrap_or(Uuid::nil())
}

#[cfg(test)]
mod tests {
    use super::{NodeKind, global, parse, row_of};
    use async_graphql::ID;
    use uuid::Uuid;

    #[test]
    fn an_id_names_its_row_only_as_its_own_kind() {
        let id = global(NodeKind::User, Uuid::from_u128(7));
        assert_eq!(row_of(&id, NodeKind::User), Uuid::from_u128(7));
        assert_eq!(row_of(&id, NodeKind::App), Uuid::nil());
    }

    #[test]
    fn made_up_ids_name_nothing() {
        for text in [
            "",
            "?",
            "VXNlcg",
            "VXNlcjo",
            "4pyT",
            "VXNlcjoxMjM",
            "//////",
        ] {
            assert_eq!(
                row_of(&ID(text.to_owned()), NodeKind::User),
                Uuid::nil(),
                "{text}"
            );
        }
        assert_eq!(parse(&ID("Tm9uZTox".to_owned())), None);
    }
}
