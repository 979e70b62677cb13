//! The table of design §2 as rows, checked over every combination of what it speaks of.
//!
//! The first row that fits a case says which operations are expected. `[UPDATE]`, `[ROLE]`, `[REVOKE]` and `[GRANT]`
//! stand for what the rows on profile and role ask for: nothing, unless something differs.

use super::*;

/// Directory, Okta account, conditions, operations, outcome.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const ROWS: &[Row] = &[
    ("active", "none", "+create", "CREATE [GRANT]", "IN_SYNC"),
    ("active", "none", "-create", "", "BLOCKED CREATE_DISABLED"),
    (
        "inactive unassigned deleted",
        "none",
        "",
        "",
        "NOT_PROVISIONED",
    ),
    (
        "active",
        "gone",
        "+new +create",
        "CREATE [GRANT]",
        "IN_SYNC",
    ),
    (
        "active",
        "gone",
        "+new -create",
        "",
        "BLOCKED CREATE_DISABLED",
    ),
    ("active", "gone", "-new", "", "BLOCKED NOT_FOUND_IN_OKTA"),
    (
        "inactive unassigned deleted",
        "gone",
        "",
        "",
        "NOT_PROVISIONED",
    ),
    ("active", "live", "", "[UPDATE] [ROLE]", "IN_SYNC"),
    (
        "active",
        "staged",
        "+ours",
        "ACTIVATE [UPDATE] [ROLE]",
        "IN_SYNC",
    ),
    (
        "active",
        "staged deprovisioned",
        "+activate +new",
        "ACTIVATE [UPDATE] [ROLE]",
        "IN_SYNC",
    ),
    (
        "active",
        "suspended",
        "+activate +new",
        "UNSUSPEND [UPDATE] [ROLE]",
        "IN_SYNC",
    ),
    (
        "active",
        "deprovisioned",
        "+byus",
        "ACTIVATE [UPDATE] [ROLE]",
        "IN_SYNC",
    ),
    (
        "active",
        "staged suspended deprovisioned other",
        "-activate",
        "",
        "BLOCKED ACTIVATION_DISABLED",
    ),
    (
        "active",
        "staged suspended deprovisioned other",
        "+activate",
        "",
        "BLOCKED STATUS_CHANGED_IN_OKTA",
    ),
    ("inactive", "deprovisioned", "", "", "IN_SYNC"),
    (
        "inactive",
        "live staged suspended other",
        "+activate",
        "DEACTIVATE",
        "IN_SYNC",
    ),
    (
        "inactive",
        "live",
        "-activate",
        "[UPDATE] [ROLE]",
        "IN_SYNC",
    ),
    (
        "inactive",
        "staged suspended other",
        "-activate",
        "",
        "IN_SYNC",
    ),
    (
        "unassigned deleted",
        "deprovisioned",
        "+delete +delay",
        "",
        "WAITING DELETION_DELAYED",
    ),
    (
        "unassigned deleted",
        "live staged suspended other",
        "+delete +delay",
        "DEACTIVATE",
        "WAITING DELETION_DELAYED",
    ),
    (
        "unassigned deleted",
        "deprovisioned",
        "+delete",
        "DELETE",
        "NOT_PROVISIONED",
    ),
    (
        "unassigned deleted",
        "live staged suspended other",
        "+delete",
        "DEACTIVATE DELETE",
        "NOT_PROVISIONED",
    ),
    (
        "unassigned deleted",
        "deprovisioned",
        "-delete",
        "RELEASE",
        "RELEASED",
    ),
    (
        "unassigned",
        "live staged suspended other",
        "-delete",
        "[REVOKE] RELEASE",
        "RELEASED",
    ),
    (
        "deleted",
        "live staged suspended other",
        "-delete +activate",
        "[REVOKE] DEACTIVATE RELEASE",
        "RELEASED",
    ),
    (
        "deleted",
        "live staged suspended other",
        "-delete -activate",
        "[REVOKE] RELEASE",
        "RELEASED",
    ),
];

const STATUSES: [(&str, &str); 12] = [
    ("none", ""),
    ("gone", "DELETED"),
    ("live", "PROVISIONED"),
    ("live", "ACTIVE"),
    ("live", "RECOVERY"),
    ("live", "PASSWORD_EXPIRED"),
    ("live", "LOCKED_OUT"),
    ("staged", "STAGED"),
    ("suspended", "SUSPENDED"),
    ("deprovisioned", "DEPROVISIONED"),
    ("other", "QUARANTINED"),
    ("other", ""),
];
const DIRECTORY: [&str; 4] = ["active", "inactive", "unassigned", "deleted"];
const ROLES: [(Option<RoleType>, Option<RoleType>); 5] = {
    let (app, desk) = (Some(RoleType::AppAdmin), Some(RoleType::HelpDeskAdmin));
    [
        (None, None),
        (None, desk),
        (app, app),
        (app, None),
        (app, desk),
    ]
};

#[derive(Debug, Clone, Copy)]
struct Case {
    directory: &'static str,
    group: &'static str,
    status: &'static str,
    provenance: Provenance,
    /// create, update, delete, activate, new, byus, differs, delay
    flags: [bool; 8],
    granted: Option<RoleType>,
    wanted: Option<RoleType>,
}

impl Case {
    fn holds(&self, condition: &str) -> bool {
        let [create, update, delete, activate, new, byus, differs, delay] = self.flags;
        let value = match &condition[1..] {
            "create" => create,
            "update" => update,
            "delete" => delete,
            "activate" => activate,
            "new" => new,
            "byus" => byus,
            "differs" => differs,
            "delay" => delay,
            "ours" => self.provenance == Provenance::Created,
            other => panic!("no such condition: {other}"),
        };
        value == condition.starts_with('+')
    }

    fn fits(&self, row: &Row) -> bool {
        let named = |names: &str, name: &str| names.split(' ').any(|each| each == name);
        named(row.0, self.directory)
            && named(row.1, self.group)
            && row
                .2
                .split_whitespace()
                .all(|condition| self.holds(condition))
    }

    fn expand<'a>(&self, operation: &'a str) -> Vec<&'a str> {
        let revokes = self.granted.is_some();
        let (changes, grants) = (self.granted != self.wanted, self.wanted.is_some());
        match operation {
            "[UPDATE]" if self.holds("+update") && self.holds("+differs") => vec!["UPDATE"],
            "[ROLE]" if changes && revokes && grants => vec!["REVOKE_ROLE", "GRANT_ROLE"],
            "[ROLE]" if changes && revokes => vec!["REVOKE_ROLE"],
            "[ROLE]" if changes => vec!["GRANT_ROLE"],
            "[REVOKE]" if revokes => vec!["REVOKE_ROLE"],
            "[GRANT]" if grants => vec!["GRANT_ROLE"],
            other if other.starts_with('[') => Vec::new(),
            other => vec![other],
        }
    }

    fn expected(&self) -> Option<String> {
        let row = ROWS.iter().find(|row| self.fits(row))?;
        let operations: Vec<&str> = row
            .3
            .split_whitespace()
            .flat_map(|each| self.expand(each))
            .collect();
        Some(
            format!("{} => {}", operations.join(", "), row.4)
                .trim_start()
                .to_owned(),
        )
    }

    fn desired(&self) -> Desired {
        let [
            create_users,
            update_user_profile,
            delete_users,
            activate_and_deactivate_users,
            ..,
            delay,
        ] = self.flags;
        let user = match self.directory {
            "inactive" => DirectoryStatus::Inactive,
            "deleted" => DirectoryStatus::Deleted,
            _ => DirectoryStatus::Active,
        };
        let assigned = self.directory != "unassigned";
        Desired {
            user,
            assignment: assigned.then_some(AssignmentWish { role: self.wanted }),
            settings: Settings {
                create_users,
                update_user_profile,
                delete_users,
                activate_and_deactivate_users,
            },
            options: AppOptions {
                deletion_delay_ms: i64::from(delay),
                ..AppOptions::default()
            },
            ..desired()
        }
    }

    fn known(&self) -> Known {
        let [.., new, byus, differs, _] = self.flags;
        let mut account = account();
        account.provenance = self.provenance;
        account.status = self.status.into();
        account.activation_applied = if new { STAMP - 1 } else { STAMP };
        account.deactivated_by_us = byus;
        account.roles.granted = self.granted.and_then(given);
        if differs {
            account.profile = profile("Baker");
        }
        let mut known = known((self.group != "none").then_some(account));
        if !self.flags[0] {
            known.lookup = Lookup::NoneFound;
        }
        known
    }
}

fn cases() -> impl Iterator<Item = Case> {
    let flags = (0..=u8::MAX).map(|bits| std::array::from_fn(|index| bits & (1 << index) != 0));
    flags.flat_map(|flags| {
        DIRECTORY.into_iter().flat_map(move |directory| {
            STATUSES.into_iter().flat_map(move |(group, status)| {
                Provenance::ALL.iter().flat_map(move |provenance| {
                    ROLES.into_iter().map(move |(granted, wanted)| Case {
                        directory,
                        group,
                        status,
                        provenance: *provenance,
                        flags,
                        granted,
                        wanted,
                    })
                })
            })
        })
    })
}

#[test]
fn every_combination_does_what_the_table_says() {
    let mut checked = 0;
    for case in cases() {
        let expected = case
            .expected()
            .unwrap_or_else(|| panic!("no row for {case:?}"));
        let mut plan = plan(&case.desired(), &case.known());
        plan.steps.retain(|step| matches!(step, Step::Do(_)));
        assert_eq!(describe(&plan), expected, "{case:?}");
        checked += 1;
    }
    assert_eq!(checked, 256 * 4 * 12 * 3 * 5);
}

#[test]
fn every_row_decides_some_case() {
    let mut used = vec![false; ROWS.len()];
    for case in cases() {
        if let Some(index) = ROWS.iter().position(|row| case.fits(row)) {
            used[index] = true;
        }
    }
    let unused: Vec<&Row> = ROWS
        .iter()
        .zip(used)
        .filter(|(_, used)| !used)
        .map(|(row, _)| row)
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}
