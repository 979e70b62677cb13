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
