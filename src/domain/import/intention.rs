//! What confirming would do: for one candidate and for all that are ticked, as data and in words.

use super::{Category, SourceProfile};

/// What decides what confirming a candidate does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// What it is proposed for.
    pub category: Category,
    /// Whose values count.
    pub source: SourceProfile,
    /// Whether a mapped value differs.
    pub differs: bool,
    /// Whether the person has the app already.
    pub assigned: bool,
}

/// What confirming a candidate does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Intention {
    /// A person is created here.
    pub creates: bool,
    /// Values of the person are overwritten with Okta's.
    pub updates_directory: bool,
    /// Mapped values of the account are overwritten with the directory's.
    pub updates_okta: bool,
    /// The person is activated here.
    pub activates: bool,
    /// The person is deactivated here.
    pub deactivates: bool,
    /// The person gets the app.
    pub assigns: bool,
    /// It is recorded that the account is gone.
    pub forgets: bool,
}

/// What confirming does.
pub const fn intention(question: Question) -> Intention {
    let from_okta = matches!(question.source, SourceProfile::Okta);
    let nothing = Intention {
        creates: false,
        updates_directory: false,
        updates_okta: false,
        activates: false,
        deactivates: false,
        assigns: false,
        forgets: false,
    };
    match question.category {
        Category::New => Intention {
            creates: true,
            assigns: true,
            ..nothing
        },
        Category::Update | Category::Activate => Intention {
            updates_directory: question.differs && from_okta,
            updates_okta: question.differs && !from_okta,
            activates: matches!(question.category, Category::Activate),
            assigns: !question.assigned,
            ..nothing
        },
        Category::Deactivate => Intention {
            deactivates: true,
            ..nothing
        },
        Category::Vanished => Intention {
            forgets: true,
            ..nothing
        },
    }
}

impl Intention {
    /// What is done, in one sentence for the panel.
    pub fn sentence(self) -> String {
        let parts = [
            (self.creates, "Creates the person here with Okta's values"),
            (self.activates, "activates the person here"),
            (self.deactivates, "Deactivates the person here"),
            (
                self.updates_directory,
                "overwrites the person's values with Okta's",
            ),
            (
                self.updates_okta,
                "overwrites the account's mapped values with the directory's",
            ),
            (self.assigns, "assigns the app"),
            (
                self.forgets,
                "Records that the account is no longer in Okta",
            ),
        ];
        let said: Vec<&str> = parts
            .into_iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, text)| text)
            .collect();
        let text = match said.as_slice() {
            [] => "Links the account to the person".to_owned(),
            [one] => (*one).to_owned(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        };
        let mut letters = text.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        format!("{}{}.", first.unwrap_or_default(), letters.as_str())
    }
}

/// How many of the ticked candidates each thing happens to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// People created here.
    pub creates: u64,
    /// People whose values are overwritten with Okta's.
    pub updates_directory: u64,
    /// Accounts whose mapped values are overwritten with the directory's.
    pub updates_okta: u64,
    /// People activated here.
    pub activates: u64,
    /// People deactivated here.
    pub deactivates: u64,
    /// People who get the app.
    pub assigns: u64,
    /// Accounts recorded as gone.
    pub forgets: u64,
}

impl Totals {
    /// Counts `count` candidates of one kind.
    pub fn add(&mut self, what: Intention, count: u64) {
        let fields = [
            (what.creates, &mut self.creates),
            (what.updates_directory, &mut self.updates_directory),
            (what.updates_okta, &mut self.updates_okta),
            (what.activates, &mut self.activates),
            (what.deactivates, &mut self.deactivates),
            (what.assigns, &mut self.assigns),
            (what.forgets, &mut self.forgets),
        ];
        for (holds, field) in fields {
            *field += if holds { count } else { 0 };
        }
    }
}

/// What confirming would do to all that are ticked; `held` of them would await approval, and `okta_off` says that the switch for changing
/// profiles in Okta is off.
pub fn sentences(totals: &Totals, held: u64, okta_off: bool) -> Vec<String> {
    let people = |count: u64| {
        if count == 1 {
            "1 person".to_owned()
        } else {
            format!("{count} people")
        }
    };
    let rows = [
        (totals.creates, "created here and assigned"),
        (totals.activates, "activated here"),
        (totals.updates_directory, "changed here to Okta's values"),
        (
            totals.updates_okta,
            "changed in Okta to the directory's values",
        ),
        (
            totals.assigns.saturating_sub(totals.creates),
            "assigned the app",
        ),
        (totals.deactivates, "deactivated here"),
        (totals.forgets, "marked as no longer in Okta"),
    ];
    let said = rows.into_iter().filter(|(count, _)| *count > 0);
    let mut sentences: Vec<String> = said
        .map(|(count, what)| format!("{} will be {what}.", people(count)))
        .collect();
    if held > 0 {
        sentences.push(format!(
            "Deactivating {} at once is more than is safe: it waits until an owner or admin approves it.",
            people(held)
        ));
    }
    if okta_off && totals.updates_okta > 0 {
        sentences.push(
            "Nothing will be changed in Okta as long as updateUserProfile is switched off."
                .to_owned(),
        );
    }
    if sentences.is_empty() {
        sentences.push("Nothing is ticked that would change anything.".to_owned());
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(category: Category, source: SourceProfile, differs: bool, assigned: bool) -> String {
        intention(Question {
            category,
            source,
            differs,
            assigned,
        })
        .sentence()
    }

    #[test]
    fn what_a_candidate_leads_to_in_words() {
        use SourceProfile::{Directory, Okta};
        for (category, source, differs, assigned, expected) in [
            (
                Category::New,
                Okta,
                false,
                false,
                "Creates the person here with Okta's values and assigns the app.",
            ),
            (
                Category::Update,
                Okta,
                true,
                true,
                "Overwrites the person's values with Okta's.",
            ),
            (
                Category::Update,
                Directory,
                true,
                false,
                "Overwrites the account's mapped values with the directory's and assigns the app.",
            ),
            (
                Category::Update,
                Okta,
                false,
                true,
                "Links the account to the person.",
            ),
            (
                Category::Activate,
                Okta,
                true,
                false,
                "Activates the person here, overwrites the person's values with Okta's and assigns the app.",
            ),
            (
                Category::Deactivate,
                Okta,
                true,
                true,
                "Deactivates the person here.",
            ),
            (
                Category::Vanished,
                Okta,
                false,
                true,
                "Records that the account is no longer in Okta.",
            ),
        ] {
            assert_eq!(said(category, source, differs, assigned), expected);
        }
    }

    #[test]
    fn totals_become_sentences() {
        let mut totals = Totals::default();
        let of = |category, source| {
            intention(Question {
                category,
                source,
                differs: true,
                assigned: false,
            })
        };
        totals.add(of(Category::New, SourceProfile::Okta), 2);
        totals.add(of(Category::Update, SourceProfile::Directory), 1);
        totals.add(of(Category::Deactivate, SourceProfile::Okta), 30);
        assert_eq!(totals.assigns, 3);
        let said = sentences(&totals, 30, true);
        assert_eq!(said.len(), 6, "{said:#?}");
        assert_eq!(said[0], "2 people will be created here and assigned.");
        assert_eq!(
            sentences(&Totals::default(), 0, false),
            ["Nothing is ticked that would change anything."]
        );
    }
}
