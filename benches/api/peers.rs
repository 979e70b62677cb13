//! Servers that answer the same question.

use std::process::Child;
use std::time::Duration;

use serde_json::Value;

use super::load::Question;
use super::processor::Processes;
use super::support::Server;

/// A server, and the question in its own words.
pub struct Peer {
    /// For the report.
    pub name: &'static str,
    /// Its processes.
    pub processes: Processes,
    /// The pages, one after the other.
    pub questions: Vec<Question>,
    /// Ends with this; null for our own, which outlives the comparison.
    child: Option<Child>,
}

impl Peer {
    /// Our own server.
    pub fn ours(server: &Server, questions: Vec<Question>) -> Self {
        Self {
            name: "provisioner",
            processes: Processes::of(server.id()),
            questions,
            child: None,
        }
    }

    /// A server that was just started, once it answers.
    pub async fn started(name: &'static str, child: Child, questions: Vec<Question>) -> Self {
        let peer = Self {
            name,
            processes: Processes::of(child.id()),
            questions,
            child: Some(child),
        };
        for _ in 0..400 {
            if peer.questions[0].try_ask().await.is_some() {
                return peer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{name} does not answer");
    }

    /// What it answers, without what each server words in its own way: ids and cursors.
    pub async fn rows(&self) -> Vec<Value> {
        let mut answers = Vec::with_capacity(self.questions.len());
        for question in &self.questions {
            let answer = question.try_ask().await.unwrap();
            let mut answer: Value = serde_json::from_slice(&answer).unwrap();
            assert!(answer.get("errors").is_none(), "{}: {answer:#}", self.name);
            even_out(&mut answer);
            answers.push(answer);
        }
        answers
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Processes that it started end with it when it is asked to, not when it is killed.
            let _gone = std::process::Command::new("kill")
                .arg(child.id().to_string())
                .status();
            let _gone = child.wait();
        }
    }
}

/// Takes ids and cursors out, and writes times in one way.
fn even_out(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| name != "id" && !name.to_lowercase().ends_with("cursor"));
            for (name, value) in fields {
                if name.ends_with("At")
                    && let Some(time) = value.as_str()
                {
                    let time = chrono::DateTime::parse_from_rfc3339(time).unwrap();
                    *value = time.timestamp_millis().into();
                }
                even_out(value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(even_out),
        _ => {}
    }
}
