//! What the server says of its own work at `/metrics`.

use super::support::Server;

/// Operations that succeeded so far, each of them one change that was planned.
pub async fn operations(server: &Server) -> f64 {
    let url = format!("{}/metrics", server.url);
    let text = reqwest::get(url).await.unwrap().text().await.unwrap();
    let lines = text.lines().filter(|line| {
        line.starts_with("provisioner_okta_operations_total{")
            && line.to_lowercase().contains("succeeded")
    });
    lines
        .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
        .sum()
}
