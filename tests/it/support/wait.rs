//! Waiting for something to become true.

use std::time::Duration;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Looks again and again until `condition` gives a value; panics, naming what it waited for, after `seconds` of real time.
pub async fn wait_until<T>(
    what: &str,
    seconds: u64,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> T {
    let looking = async {
        loop {
            if let Some(value) = condition().await {
                return value;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    match tokio::time::timeout(Duration::from_secs(seconds), looking).await {
        Ok(value) => value,
        Err(_) => panic!("waited {seconds} s in vain for: {what}"),
    }
}
