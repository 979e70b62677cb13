//! Reading the columns of a row in the order in which they were selected, where several tables are read at once: by name, each would be looked up.

use sea_orm::{DbErr, QueryResult, TryGetable};

/// How much of a thing to read. What is not read has the type's default instead: zero, nothing, or no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// What lists show of it.
    Brief,
    /// Without what is kept as JSON, which costs more than all the rest.
    Plain,
    /// All of it.
    Whole,
}

/// The columns of a table down to a detail: those of each detail begin with those of the one before.
pub(super) fn down_to<C>(
    all: &'static [C],
    (brief, plain): (usize, usize),
    detail: Detail,
) -> &'static [C] {
    match detail {
        Detail::Brief => &all[..brief],
        Detail::Plain => &all[..plain],
        Detail::Whole => all,
    }
}

/// What is left to read of a row.
pub(super) struct Columns<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl<'a> Columns<'a> {
    pub(super) const fn of(row: &'a QueryResult) -> Self {
        Self { row, next: 0 }
    }

    /// The value of the next column.
    pub(super) fn next<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let value = self.row.try_get_by_index(self.next);
        self.next += 1;
        value
    }

    /// The value of the next column where `there` is one, else the default.
    pub(super) fn next_if<T: TryGetable + Default>(&mut self, there: bool) -> Result<T, DbErr> {
        match there {
            true => self.next(),
            false => Ok(T::default()),
        }
    }

    /// Leaves columns out.
    pub(super) const fn pass(&mut self, columns: usize) {
        self.next += columns;
    }
}
