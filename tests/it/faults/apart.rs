//! A relay on a thread of its own, where nothing else takes memory.

use std::thread::JoinHandle;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::memory::most_held;
use crate::relay::running::{Relay, Setup};

pub struct Apart {
    pub relay: Relay,
    ended: oneshot::Sender<()>,
    thread: JoinHandle<u64>,
}

pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

impl Apart {
    pub async fn start(setup: Setup) -> Self {
        let (started, relay) = oneshot::channel();
        let (ended, end) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            most_held(|| {
                runtime().block_on(async {
                    assert!(started.send(setup.start().await).is_ok());
                    // When the test is gone, nobody waits for us either.
                    let _ = end.await;
                });
            })
        });
        Self {
            relay: relay.await.unwrap(),
            ended,
            thread,
        }
    }

    /// Stops the relay, which no turn may hold up any more, and gives the most bytes that it held at once.
    pub async fn stopped(self) -> u64 {
        self.relay.stopped().await;
        self.ended.send(()).unwrap();
        self.thread.join().unwrap()
    }
}
