//! The bytes of an answer, as many at once as have come.
//!
//! hyper hands the body of an answer over chunk by chunk, each when the one before it was taken, and many providers
//! make a chunk of each token. Between two of them the task that reads the connection and the one that takes its chunks
//! would both have a turn, and every token would be translated and sent alone, however many had come. So chunks are
//! taken at the moment in which they are offered: by the waker, within the turn of the connection's task.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use futures_util::future::poll_fn;
use futures_util::task::AtomicWaker;
use hyper::body::Body as _;
use reqwest::Version;

/// How many bytes are taken before anybody wants them.
const MOST_HELD: usize = 16 * 1024;

/// A body while it comes in.
pub struct Inflow {
    shared: Arc<Shared>,
    /// Whether the waker may take chunks. HTTP/2 wakes while it holds what is needed to take one, and gives all that
    /// have come without a turn between.
    is_collected: bool,
}

struct Shared {
    held: Mutex<Held>,
    /// Who waits for more.
    waiting: AtomicWaker,
}

struct Held {
    /// Gone when it has ended.
    body: Option<reqwest::Body>,
    chunks: Vec<Bytes>,
    length: usize,
    failure: Option<reqwest::Error>,
}

impl Inflow {
    /// The body of `response`.
    pub fn new(response: reqwest::Response) -> Self {
        let is_collected = response.version() < Version::HTTP_2;
        let held = Held {
            body: Some(response.into()),
            chunks: Vec::new(),
            length: 0,
            failure: None,
        };
        Self {
            shared: Arc::new(Shared {
                held: Mutex::new(held),
                waiting: AtomicWaker::new(),
            }),
            is_collected,
        }
    }

    /// Waits until there is more, and gives all that has come; `None` at the end. Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// When the connection broke off; what came before was given.
    pub async fn next(&self) -> Result<Option<Bytes>, reqwest::Error> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&self, context: &Context<'_>) -> Poll<Result<Option<Bytes>, reqwest::Error>> {
        self.shared.waiting.register(context.waker());
        let mut held = self.shared.lock();
        if held.chunks.is_empty() {
            match self.is_collected {
                true => held.collect(&Waker::from(Arc::clone(&self.shared))),
                false => held.collect(context.waker()),
            }
        }
        if !held.chunks.is_empty() {
            return Poll::Ready(Ok(Some(held.take())));
        }
        match (held.failure.take(), &held.body) {
            (Some(failure), _) => Poll::Ready(Err(failure)),
            (None, None) => Poll::Ready(Ok(None)),
            (None, Some(_)) => Poll::Pending,
        }
    }
}

impl Drop for Inflow {
    /// The connection holds the waker, which holds the body: it would never be dropped, and the provider speak on.
    fn drop(&mut self) {
        self.shared.lock().body = None;
    }
}

impl fmt::Debug for Inflow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Inflow").finish_non_exhaustive()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Held> {
        // What is in it is whole at any time.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let held = match self.held.try_lock() {
            Ok(held) => Some(held),
            Err(TryLockError::Poisoned(held)) => Some(held.into_inner()),
            // Who has it looks for chunks just now, and will do so again.
            Err(TryLockError::WouldBlock) => None,
        };
        if let Some(mut held) = held {
            held.collect(&Waker::from(Arc::clone(self)));
        }
        self.waiting.wake();
    }
}

impl Held {
    /// Takes what is offered, until nothing more is or enough is held; then `waker` hears of the next.
    fn collect(&mut self, waker: &Waker) {
        while self.length < MOST_HELD
            && let Some(body) = &mut self.body
        {
            match Pin::new(body).poll_frame(&mut Context::from_waker(waker)) {
                Poll::Pending => return,
                Poll::Ready(Some(Ok(frame))) => {
                    // Others are trailers, which say nothing.
                    if let Ok(bytes) = frame.into_data() {
                        self.length += bytes.len();
                        self.chunks.push(bytes);
                    }
                }
                Poll::Ready(Some(Err(failure))) => {
                    self.failure = Some(failure);
                    self.body = None;
                }
                Poll::Ready(None) => self.body = None,
            }
        }
    }

    /// All that is held.
    fn take(&mut self) -> Bytes {
        self.length = 0;
        match self.chunks.as_mut_slice() {
            [only] => {
                let only = std::mem::take(only);
                self.chunks.clear();
                only
            }
            chunks => {
                let whole = chunks.concat();
                self.chunks.clear();
                whole.into()
            }
        }
    }
}
