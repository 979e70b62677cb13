//! More deactivations than are safe wait for somebody's approval.

use provisioner::domain::import::{ImportStatus, Outcome, SourceProfile};
use provisioner::service::imports;
use provisioner::service::{Error, UserErrorCode};

use super::world::{account, in_status, on_both};

#[tokio::test]
async fn eleven_deactivations_at_once_are_held_whole() {
    on_both(async |it| {
        it.world.people("leaver", 11).await;
        let mut users: Vec<_> = (0..11)
            .map(|n| in_status(&format!("leaver{n}"), "DEPROVISIONED"))
            .collect();
        users.push(account("fresh"));
        it.sow(users);
        let import = it.read(None).await;
        let done = it.take_all(import.id, SourceProfile::Okta).await;
        assert_eq!(done.held_deactivations, 11);
        let viewer = it.owner().await;
        let outcomes = imports::outcomes(it.services(), &viewer, import.id)
            .await
            .unwrap();
        assert_eq!(outcomes.get(&Outcome::Held), Some(&11));
        assert_eq!(
            outcomes.get(&Outcome::Applied),
            Some(&1),
            "the rest goes on"
        );
        assert_eq!(it.person("leaver3").await["status"], "ACTIVE");
        let refused = imports::approve_deactivations(it.services(), &viewer, import.id, 10).await;
        let Err(Error::Refused(errors)) = refused else {
            panic!("ten is not eleven")
        };
        assert_eq!(errors[0].code, UserErrorCode::CountMismatch);
        imports::approve_deactivations(it.services(), &viewer, import.id, 11)
            .await
            .unwrap();
        assert_eq!(it.told("import.approveDeactivations").await, 1);
        let done = it.reach(import.id, ImportStatus::Completed).await;
        assert_eq!(done.held_deactivations, 0);
        assert_eq!(it.person("leaver3").await["status"], "INACTIVE");
    })
    .await;
}

#[tokio::test]
async fn imports_and_unassigning_share_one_budget() {
    on_both(async |it| {
        it.world.people("leaver", 6).await;
        let people = it.world.provisioned_people("p", 5).await;
        let users = (0..6).map(|n| in_status(&format!("leaver{n}"), "DEPROVISIONED"));
        it.sow(users.collect());
        let before = it.world.position();
        it.world.unassign_all(&people).await;
        it.world.until_hit(before, 5).await;
        assert_eq!(it.world.budget().await, [10, 5, 5]);
        let import = it.read(None).await;
        let done = it.take_all(import.id, SourceProfile::Okta).await;
        assert_eq!(
            done.held_deactivations, 6,
            "six are more than the five that are left"
        );
        let viewer = it.owner().await;
        imports::approve_deactivations(it.services(), &viewer, import.id, 6)
            .await
            .unwrap();
        it.reach(import.id, ImportStatus::Completed).await;
        assert_eq!(it.world.budget().await, [10, 11, 0]);
        let late = it.world.provisioned("late", None).await;
        let before = it.world.position();
        it.world.unassign(&late).await;
        it.world.held(1).await;
        assert_eq!(it.world.kinds_since(before), Vec::<String>::new());
    })
    .await;
}
