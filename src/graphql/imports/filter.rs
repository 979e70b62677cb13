//! Which candidates to list, in which order.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject};

use super::candidate::{ImportCandidate, ImportCandidateConnection};
use super::vocabulary::{ImportCategory, ImportOutcome};
use crate::graphql::cursor::Listing;
use crate::graphql::filters::some;
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::total::TotalCount;
use crate::graphql::{context, error};
use crate::service::imports::{self, CandidateFilter, CandidateOrder, Import};
use crate::service::search;

/// The order of candidates; ids break ties, so equal names keep their places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum ImportCandidateOrderBy {
    /// By name, A to Z.
    #[default]
    NameAsc,
    /// By name, Z to A.
    NameDesc,
    /// In the order in which they were found.
    FoundAsc,
}

impl ImportCandidateOrderBy {
    fn parts(self) -> (CandidateOrder, Listing, bool) {
        match self {
            Self::NameAsc => (CandidateOrder::Name, Listing::ImportCandidatesByName, false),
            Self::NameDesc => (
                CandidateOrder::NameDescending,
                Listing::ImportCandidatesByName,
                true,
            ),
            Self::FoundAsc => (
                CandidateOrder::Listed,
                Listing::ImportCandidatesByPlace,
                false,
            ),
        }
    }
}

/// Which candidates; everything that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ImportCandidateFilterInput {
    /// Those of one of these categories; absent, null or empty: all.
    pub category: Option<Vec<ImportCategory>>,
    /// Words that must all occur in name, login or e-mail address, without regard to case; at most 254 characters and 8 words.
    pub search: Option<String>,
    /// True: only those that are ticked; false: only those that are not.
    pub selected: Option<bool>,
    /// True: only those with a conflict; false: only those without.
    pub conflict: Option<bool>,
    /// Those with one of these outcomes; absent, null or empty: all.
    pub outcome: Option<Vec<ImportOutcome>>,
}

impl ImportCandidateFilterInput {
    /// The filter as the use case takes it.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for an impossible search.
    pub fn into_filter(self) -> async_graphql::Result<CandidateFilter> {
        Ok(CandidateFilter {
            category: some(self.category),
            words: search::words(self.search).map_err(error::public)?,
            selected: self.selected,
            conflict: self.conflict,
            outcome: some(self.outcome),
        })
    }
}

/// Candidates as a connection.
///
/// # Errors
/// As the use case; `BAD_USER_INPUT` for impossible paging or search.
pub async fn list(
    ctx: &Context<'_>,
    import: &Import,
    filter: ImportCandidateFilterInput,
    order_by: ImportCandidateOrderBy,
    page: PageArgs,
) -> async_graphql::Result<ImportCandidateConnection> {
    let (order, list, descending) = order_by.parts();
    let request = page.request(list, descending)?;
    let filter = filter.into_filter()?;
    let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
    let id = import.id;
    let import = Arc::new(import.clone());
    let rows = imports::candidates(services, viewer, id, &filter, order, request)
        .await
        .map_err(error::public)?;
    let total = TotalCount::new(move |services, viewer| {
        let filter = filter.clone();
        async move { imports::count_candidates(&services, &viewer, id, &filter).await }
    });
    Ok(paging::connection(list, rows, total, |candidate| {
        ImportCandidate::new(Arc::clone(&import), candidate)
    }))
}
