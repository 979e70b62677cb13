//! Accounts that must not be touched: the authorizing administrator's, and those of admins whose role we did not give.

use super::*;

fn changed(change: impl FnOnce(&mut KnownAccount)) -> Known {
    let mut account = account();
    change(&mut account);
    known(Some(account))
}

fn renamed() -> Desired {
    let mut renamed = profile("Baker");
    renamed.insert("login".into(), "bea@x.org".into());
    Desired {
        profile: Ok(renamed),
        ..desired()
    }
}

fn ends() -> [Desired; 3] {
    let off = Settings {
        delete_users: false,
        ..desired().settings
    };
    [
        Desired {
            assignment: None,
            ..desired()
        },
        Desired {
            user: DirectoryStatus::Deleted,
            ..desired()
        },
        Desired {
            user: DirectoryStatus::Deleted,
            settings: off,
            ..desired()
        },
    ]
}

#[test]
fn the_authorizing_admin_is_never_deactivated_or_deleted() {
    let own = changed(|account| account.is_authorizing_admin = true);
    let inactive = Desired {
        user: DirectoryStatus::Inactive,
        ..desired()
    };
    for desired in ends().into_iter().chain([inactive]) {
        assert_eq!(planned(&desired, &own), "=> BLOCKED AUTHORIZING_ADMIN");
    }
    let gone = changed(|account| {
        account.is_authorizing_admin = true;
        account.record(&Operation::Deactivate);
    });
    assert_eq!(planned(&ends()[0], &gone), "=> BLOCKED AUTHORIZING_ADMIN");
    let confirmed = changed(|account| {
        account.is_authorizing_admin = true;
        account.admin_confirmed = true;
    });
    assert_eq!(
        planned(&ends()[0], &confirmed),
        "=> BLOCKED AUTHORIZING_ADMIN",
        "no confirmation helps"
    );
}

#[test]
fn foreign_admins_are_left_alone_without_a_confirmation() {
    let admin = |confirmed| {
        changed(|account| {
            account.roles.foreign = vec![foreign("SUPER_ADMIN")];
            account.admin_confirmed = confirmed;
        })
    };
    for desired in ends() {
        assert_eq!(
            planned(&desired, &admin(false)),
            "=> BLOCKED PROTECTED_ADMIN"
        );
        assert!(planned(&desired, &admin(true)).starts_with("DEACTIVATE"));
    }
    assert_eq!(
        planned(&renamed(), &admin(false)),
        "UPDATE => BLOCKED PROTECTED_ADMIN"
    );
    let plan = plan(&renamed(), &admin(false));
    let Some(Step::Do(Operation::Update { changes })) = plan.next() else {
        panic!("{plan:?}")
    };
    assert_eq!(
        serde_json::json!(changes),
        serde_json::json!({"title": "Baker"}),
        "the rest is written"
    );
    assert_eq!(planned(&renamed(), &admin(true)), "UPDATE => IN_SYNC");
}

#[test]
fn our_role_is_taken_back_even_from_a_protected_admin() {
    let admin = changed(|account| {
        account.roles.foreign = vec![foreign("SUPER_ADMIN")];
        account.roles.granted = given(RoleType::AppAdmin);
    });
    assert_eq!(
        planned(&ends()[0], &admin),
        "REVOKE_ROLE => BLOCKED PROTECTED_ADMIN"
    );
    assert_eq!(
        planned(&ends()[2], &admin),
        "REVOKE_ROLE => BLOCKED PROTECTED_ADMIN"
    );
}

#[test]
fn roles_are_read_before_anything_that_they_forbid() {
    let recorded = changed(|account| account.roles.knowledge = RoleKnowledge::Recorded);
    let steps = |desired: &Desired| planned(desired, &recorded);
    assert_eq!(
        steps(&ends()[0]),
        "read roles, DEACTIVATE, read user, DELETE => NOT_PROVISIONED"
    );
    assert_eq!(steps(&renamed()), "read roles, UPDATE => IN_SYNC");
    let retitled = Desired {
        profile: Ok(profile("Baker")),
        ..desired()
    };
    assert_eq!(
        steps(&retitled),
        "UPDATE => IN_SYNC",
        "a title is nobody's access"
    );
    let mut married = profile("Clerk");
    married.insert("lastName".into(), "Fox".into());
    assert_eq!(
        steps(&Desired {
            profile: Ok(married),
            ..desired()
        }),
        "UPDATE => IN_SYNC"
    );
}

#[test]
fn where_roles_cannot_be_read_okta_itself_protects_its_admins() {
    let mut known = changed(|account| account.roles.knowledge = RoleKnowledge::Recorded);
    known.denied.insert(Capability::ReadRoles);
    assert_eq!(planned(&renamed(), &known), "UPDATE => IN_SYNC");
}
