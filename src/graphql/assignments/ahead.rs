//! What a query asks of the assignments of a list, so that it is read with them at once. What is not foreseen here is looked up by the loaders.

use async_graphql::{Lookahead, SelectionField};

use crate::service::assignments::{Detail, With};

/// Fields of a person that are not kept among the values of fields.
const PLAIN_OF_PERSON: [&str; 18] = [
    "__typename",
    "accounts",
    "adminRole",
    "assignments",
    "createdAt",
    "id",
    "name",
    "personalAccessTokens",
    "primaryEmail",
    "revision",
    "status",
    "updatedAt",
    "userName",
    "viewerCanActivate",
    "viewerCanDeactivate",
    "viewerCanDelete",
    "viewerCanSetAdminRole",
    "viewerCanUpdate",
];
/// Fields of an operation for which its request need not be read.
const PLAIN_OF_OPERATION: [&str; 13] = [
    "__typename",
    "accountId",
    "attempts",
    "errorCode",
    "errorMessage",
    "generation",
    "id",
    "kind",
    "oktaRequestId",
    "outcomeUnknown",
    "resolvedAt",
    "sentAt",
    "status",
];

/// What to read with the assignments of a connection.
pub(super) fn with(connection: &Lookahead<'_>) -> With {
    let places = [
        connection.field("edges").field("node"),
        connection.field("nodes"),
    ];
    let below = |name: &str| {
        let found = places.iter().map(|node| node.field(name));
        found.filter(Lookahead::exists).collect::<Vec<_>>()
    };
    let (people, accounts) = (below("user"), below("account"));
    let operations: Vec<_> = accounts
        .iter()
        .map(|account| account.field("lastOperation"))
        .filter(Lookahead::exists)
        .collect();
    With {
        person: detail(&people, &PLAIN_OF_PERSON),
        account: (!accounts.is_empty()).then(|| detail(&operations, &PLAIN_OF_OPERATION)),
    }
}

/// `None` when nothing is asked for.
fn detail(asked: &[Lookahead<'_>], plain: &[&str]) -> Option<Detail> {
    let fields = asked.iter().flat_map(Lookahead::selection_fields);
    let mut below = fields.flat_map(|field| field.selection_set().collect::<Vec<_>>());
    let all_plain = below.all(|field: SelectionField<'_>| plain.contains(&field.name()));
    let detail = if all_plain {
        Detail::Plain
    } else {
        Detail::Whole
    };
    (!asked.is_empty()).then_some(detail)
}
