//! Which candidates of an import are meant.

use entity::import_candidate::{self, Column};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, Condition};
use uuid::Uuid;

use super::user_lists::containing;
use crate::domain::import::{Category, Outcome};

/// Which candidates a list shows; every part that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CandidateFilter {
    /// One of these categories.
    pub category: Option<Vec<Category>>,
    /// Each of these (as match keys) must occur in name, login or address.
    pub words: Vec<String>,
    /// Whether it is ticked.
    pub selected: Option<bool>,
    /// Whether it has a conflict.
    pub conflict: Option<bool>,
    /// One of these outcomes.
    pub outcome: Option<Vec<Outcome>>,
}

impl CandidateFilter {
    pub(super) fn condition(&self, import: Uuid) -> Condition {
        let mut all = Condition::all().add(Column::ImportId.eq(import));
        if let Some(categories) = &self.category {
            all = all.add(Column::Category.is_in(categories.iter().map(|each| each.as_str())));
        }
        for word in &self.words {
            let text = Expr::col((import_candidate::Entity, Column::SearchText));
            all = all.add(text.like(containing(word)));
        }
        if let Some(selected) = self.selected {
            all = all.add(if selected { ticked() } else { ticked().not() });
        }
        all = match self.conflict {
            Some(true) => all.add(Column::Conflict.is_not_null()),
            Some(false) => all.add(Column::Conflict.is_null()),
            None => all,
        };
        match &self.outcome {
            Some(outcomes) => {
                all.add(Column::Outcome.is_in(outcomes.iter().map(|each| each.as_str())))
            }
            None => all,
        }
    }
}

/// Candidates that are ticked. Written out: SQLite uses the index over them only for this very condition.
pub(super) fn ticked() -> Expr {
    Expr::cust("selected")
}
