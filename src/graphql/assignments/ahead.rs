//! What a query asks of the assignments of a list, so that it is read with them at once. What is not foreseen here is looked up by the loaders.

use async_graphql::{Lookahead, SelectionField};

use crate::service::assignments::{Detail, With};

/// Fields for which little of a thing is enough, and those for which all but its JSON is. Any other takes all of it.
struct Fields {
    brief: &'static [&'static str],
    plain: &'static [&'static str],
}

const PERSON: Fields = Fields {
    brief: &[
        "__typename",
        "accounts",
        "adminRole",
        "assignments",
        "id",
        "name",
        "personalAccessTokens",
        "primaryEmail",
        "status",
        "userName",
        "viewerCanActivate",
        "viewerCanDeactivate",
        "viewerCanDelete",
        "viewerCanSetAdminRole",
        "viewerCanUpdate",
    ],
    plain: &["createdAt", "revision", "updatedAt"],
};
const ACCOUNT: Fields = Fields {
    brief: &[
        "__typename",
        "appId",
        "assignment",
        "deprovisioningHold",
        "id",
        "lastOperation",
        "nextAttemptAt",
        "operations",
        "problem",
        "state",
        "user",
        "viewerCanRetry",
        "waitMessage",
        "waitReason",
    ],
    // There is nothing more to read.
    plain: &[],
};
const OPERATION: Fields = Fields {
    brief: &[
        "__typename",
        "accountId",
        "errorCode",
        "errorMessage",
        "id",
        "kind",
        "sentAt",
        "status",
        "user",
    ],
    plain: &[
        "attempts",
        "generation",
        "oktaRequestId",
        "outcomeUnknown",
        "resolvedAt",
    ],
};

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
        person: detail(&people, &PERSON),
        account: detail(&accounts, &ACCOUNT),
        operation: detail(&operations, &OPERATION),
    }
}

/// `None` when nothing is asked for.
fn detail(asked: &[Lookahead<'_>], known: &Fields) -> Option<Detail> {
    let fields = asked.iter().flat_map(Lookahead::selection_fields);
    let below = fields.flat_map(|field| field.selection_set().collect::<Vec<_>>());
    let needed = below.map(|field: SelectionField<'_>| match field.name() {
        name if known.brief.contains(&name) => Detail::Brief,
        name if known.plain.contains(&name) => Detail::Plain,
        _ => Detail::Whole,
    });
    (!asked.is_empty()).then(|| needed.max().unwrap_or(Detail::Brief))
}
