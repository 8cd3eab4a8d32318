//! A gate in a turn: the provider stops there until the test opens it.

use std::sync::{Arc, Condvar, Mutex};

use tokio::sync::watch;

use super::PATIENCE;

/// Closed at first. The test waits until the provider stands before it, looks around, and opens it.
#[derive(Clone)]
pub struct Gate {
    reached: Arc<(Mutex<bool>, Condvar)>,
    open: Arc<watch::Sender<bool>>,
}

impl Gate {
    pub fn new() -> Self {
        Self {
            reached: Arc::default(),
            open: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Returns when a turn has come to the gate.
    pub fn wait_until_reached(&self) {
        let (reached, changed) = &*self.reached;
        let guard = reached.lock().unwrap();
        let (_guard, timeout) = changed
            .wait_timeout_while(guard, PATIENCE, |reached| !*reached)
            .unwrap();
        assert!(!timeout.timed_out(), "no turn came to the gate");
    }

    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// The provider's side.
    pub(super) async fn pass(&self) {
        let (reached, changed) = &*self.reached;
        *reached.lock().unwrap() = true;
        changed.notify_all();
        let mut open = self.open.subscribe();
        // The sender lives as long as `self`, so this ends only when the gate is open.
        let _ = open.wait_for(|open| *open).await;
    }
}
