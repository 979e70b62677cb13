//! What saving other switches or another mapping would set going in Okta, before it is saved.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::app_settings::{SettingsChange, takes_away};
use super::apps::App;
use super::mappings::{self, Vocabulary};
use super::planning::{self, Rules};
use super::{Error, Result, Services, Viewer};
use crate::domain::account::AccountState;
use crate::domain::deprovisioning::{Budget, Decision, Leave, Removal, Wish, leave, removal};
use crate::domain::mapping::{MappingFault, MappingItem};
use crate::domain::permission::Permission;
use crate::domain::plan::{OperationKind, Plan};
use crate::random;
use crate::store::account_facts::{self, Shared};
use crate::store::accounts::Facts;
use crate::store::{apps, deprovisioning, okta_orgs, rulings};

/// Accounts that one preview looks at: about a second's work. Of larger apps the preview says that it is a part.
pub const MAX_EXAMINED: u64 = 20_000;
/// Accounts read at a time.
const CHUNK: u64 = 500;
/// People named as examples.
const MAX_EXAMPLES: usize = 10;

/// What might be saved.
#[derive(Clone, Debug)]
pub enum Change {
    /// Other switches.
    Settings(SettingsChange),
    /// Another mapping.
    Mappings(Vec<MappingItem>),
}

/// What would happen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Impact {
    /// Accounts of the app.
    pub accounts: u64,
    /// Accounts that were looked at: all, or [`MAX_EXAMINED`].
    pub examined: u64,
    /// Accounts for which something would be done that is not to be done now.
    pub affected: u64,
    /// For how many accounts each kind of operation would come in addition.
    pub operations: BTreeMap<OperationKind, u64>,
    /// Accounts that would be blocked and are not now.
    pub newly_blocked: u64,
    /// Accounts that are blocked and would not be.
    pub unblocked: u64,
    /// Accounts that would wait in a hold before they are deactivated or deleted, by what would be done to them.
    pub held: BTreeMap<Removal, u64>,
    /// Some of the people affected.
    pub examples: Vec<Uuid>,
    /// What is wrong with the mapping, which could not be saved then.
    pub problems: Vec<MappingFault>,
}

/// Looks ahead. Nothing is saved, and Okta is not asked.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`; `NotFound` when the app was removed meanwhile.
pub async fn preview(
    services: &Services,
    viewer: &Viewer,
    app: &App,
    change: Change,
) -> Result<Impact> {
    viewer.require(Permission::ViewApps)?;
    let (now, organization) = (services.clock.now_ms(), viewer.organization_id);
    services
        .store
        .snapshot(async |tx| {
            let found = apps::find(&*tx, organization, app.id).await?;
            let app = found.ok_or(Error::NotFound)?;
            let vocabulary = mappings::vocabulary(&tx, organization, app.id).await?;
            let items = mappings::in_force(&tx, &app, &vocabulary).await?.items;
            let before = rules(items, &vocabulary);
            let mut ahead = Ahead::new(before, change, &vocabulary, now);
            let budget = deprovisioning::budget(&*tx, app.id, now, None).await?;
            let okta_org = okta_orgs::of_app(&*tx, organization, app.id).await?;
            let shared = Shared { app, okta_org };
            let mut after = None;
            while ahead.impact.examined < MAX_EXAMINED {
                let page = account_facts::page(&*tx, &shared, after, CHUNK).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.account.id);
                page.iter().try_for_each(|facts| ahead.look(facts))?;
            }
            let all = Default::default();
            let counted =
                crate::store::account_lists::count(&*tx, organization, shared.app.id, &all).await?;
            ahead.impact.accounts = counted;
            Ok::<_, Error>(ahead.judged(&budget))
        })
        .await
}

fn rules(items: Vec<MappingItem>, vocabulary: &Vocabulary) -> Rules {
    Rules {
        items,
        attributes: vocabulary.attributes.clone().unwrap_or_default(),
    }
}

/// Two worlds: as it is, and as it would be.
struct Ahead {
    before: Rules,
    after: Rules,
    settings: SettingsChange,
    /// The change of the directory that saving would be.
    change: Uuid,
    impact: Impact,
    /// What the change would take away, all of it judged as one.
    removals: BTreeMap<Removal, u64>,
    /// Epoch milliseconds.
    now: i64,
}

impl Ahead {
    fn new(before: Rules, change: Change, vocabulary: &Vocabulary, now: i64) -> Self {
        let mut impact = Impact::default();
        let (after, settings) = match change {
            Change::Settings(change) => (before.clone(), change),
            Change::Mappings(items) => {
                impact.problems = vocabulary.faults(&items);
                (rules(items, vocabulary), SettingsChange::default())
            }
        };
        Self {
            before,
            after,
            settings,
            change: random::new_id(),
            impact,
            removals: BTreeMap::new(),
            now,
        }
    }

    fn look(&mut self, facts: &Facts) -> Result<()> {
        let now = planning::foresee(facts, &self.before, self.now)?;
        let mut changed = facts.clone();
        changed.app.settings = self.settings.applied_to(facts.app.settings);
        // Saving raises the generation, which forgets what Okta refused before.
        changed.account.refusals = None;
        let then = planning::foresee(&changed, &self.after, self.now)?;
        self.count(facts, &now, &then);
        if let Some(removal) = self.taken_away(facts, &changed)? {
            *self.removals.entry(removal).or_default() += 1;
        }
        Ok(())
    }

    /// What the change would take away of an account, if that is still to be decided about.
    fn taken_away(&self, facts: &Facts, changed: &Facts) -> Result<Option<Removal>> {
        let (row, settings) = (&facts.account, changed.app.settings);
        if row.okta_id.is_none() || !takes_away(facts.app.settings, settings) {
            return Ok(None);
        }
        let assigned = facts.assignment.is_some();
        let subject = rulings::subject_of(row, facts.person.status, assigned);
        let Some(removal) = removal(&subject, settings) else {
            return Ok(None);
        };
        let wish = Wish {
            removal,
            generation: row.generation + 1,
            change: Some(self.change),
        };
        let ruling = deprovisioning::ruling(row)?;
        let leave = leave(ruling.as_ref(), &wish, self.now);
        Ok(Some(removal).filter(|_| leave == Leave::Undecided))
    }

    /// The impact, once everybody was looked at.
    fn judged(self, budget: &Budget) -> Impact {
        let wanted = self.removals.values().sum();
        let held = match wanted == 0 || budget.decide(wanted) == Decision::Admit {
            true => BTreeMap::new(),
            false => self.removals,
        };
        Impact {
            held,
            ..self.impact
        }
    }

    fn count(&mut self, facts: &Facts, now: &Plan, then: &Plan) {
        let impact = &mut self.impact;
        impact.examined += 1;
        let present: Vec<OperationKind> = now.operations().map(|each| each.kind()).collect();
        let mut added: Vec<OperationKind> = then.operations().map(|each| each.kind()).collect();
        added.sort_unstable();
        added.dedup();
        added.retain(|kind| !present.contains(kind));
        for kind in &added {
            *impact.operations.entry(*kind).or_default() += 1;
        }
        let blocked = |plan: &Plan| plan.settlement.state == AccountState::Blocked;
        impact.newly_blocked += u64::from(blocked(then) && !blocked(now));
        impact.unblocked += u64::from(blocked(now) && !blocked(then));
        if !added.is_empty() {
            impact.affected += 1;
            if impact.examples.len() < MAX_EXAMPLES {
                impact.examples.push(facts.account.user_id);
            }
        }
    }
}
