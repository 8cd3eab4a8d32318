//! Who is connected: so many at most. Who has waited longest without being answered makes room for who comes.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::{Frame, SizeHint};
use hyper::header::CONNECTION;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::refusal::Body;

/// All connections. Dropping it ends them.
pub struct Seats {
    most: usize,
    open: JoinSet<()>,
    taken: Vec<(AbortHandle, Arc<Seat>)>,
    freed: Arc<Notify>,
}

/// What is known of one connection.
pub struct Seat {
    /// Since when it has nothing to be answered; `None` while it has.
    idle_since: Mutex<Option<Instant>>,
    has_left_unread: AtomicBool,
    freed: Arc<Notify>,
}

impl Seats {
    /// So many.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            open: JoinSet::new(),
            taken: Vec::new(),
            freed: Arc::default(),
        }
    }

    /// A seat for who comes next.
    pub fn seat(&self) -> Arc<Seat> {
        Arc::new(Seat {
            idle_since: Mutex::new(Some(Instant::now())),
            has_left_unread: AtomicBool::new(false),
            freed: Arc::clone(&self.freed),
        })
    }

    /// Serves who has taken `seat`.
    pub fn serve(&mut self, seat: Arc<Seat>, connection: impl Future<Output = ()> + Send + 'static) {
        let task = self.open.spawn(connection);
        self.taken.push((task, seat));
    }

    /// Returns when there is room for one more. Who has been idle longest must leave for that; where everybody is being
    /// answered, the first who was.
    pub async fn room(&mut self) {
        while self.taken.len() >= self.most && !self.send_away() {
            self.changed().await;
        }
    }

    /// Sends away who has been idle longest; whether there was anybody.
    pub fn send_away(&mut self) -> bool {
        let idle = self.taken.iter().enumerate();
        let idle = idle.filter_map(|(place, (_, seat))| Some((seat.idle_since()?, place)));
        let Some((_, place)) = idle.min() else {
            return false;
        };
        let (task, _) = self.taken.swap_remove(place);
        task.abort();
        true
    }

    /// Returns when somebody has left, or has nothing to be answered any more.
    pub async fn changed(&mut self) {
        tokio::select! {
            Some(_) = self.open.join_next() => self.taken.retain(|(task, _)| !task.is_finished()),
            () = self.freed.notified() => {}
        }
    }

    /// Returns when everybody has left.
    pub async fn empty(&mut self) {
        while self.open.join_next().await.is_some() {}
    }

    /// Ends all who are left, and returns when their turns have let go of everything.
    pub async fn clear(mut self) {
        self.open.shutdown().await;
    }

    /// How many are connected.
    pub fn len(&self) -> usize {
        self.open.len()
    }
}

impl Seat {
    /// A request has come.
    pub fn begin(&self) {
        self.note(None);
    }

    /// The same answer, with whose last byte the connection has nothing to be answered any more.
    pub fn hold(self: &Arc<Self>, response: Response<Body>) -> Response<Body> {
        if response.headers().contains_key(CONNECTION) {
            self.has_left_unread.store(true, Ordering::Relaxed);
        }
        let answering = Answering(Arc::clone(self));
        response.map(|body| Held { body, answering }.boxed_unsync())
    }

    /// Whether its last request had a body that nobody read.
    pub fn has_left_unread(&self) -> bool {
        self.has_left_unread.load(Ordering::Relaxed)
    }

    fn idle_since(&self) -> Option<Instant> {
        *self.idle_since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, since: Option<Instant>) {
        *self.idle_since.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }
}

/// An answer that is being given.
struct Answering(Arc<Seat>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.note(Some(Instant::now()));
        self.0.freed.notify_one();
    }
}

/// A body, and what ends with it.
struct Held {
    body: Body,
    #[expect(dead_code, reason = "it is there to be dropped")]
    answering: Answering,
}

impl hyper::body::Body for Held {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
