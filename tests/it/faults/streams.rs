//! The provider's side of HTTP/2: streams that do what a fault says.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use h2::server::{Builder, SendResponse};
use h2::{Reason, RecvStream};
use hyper::{Request, Response};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::server::TlsStream;

use super::fault::Step;
use super::provider::Signals;

/// Serves one connection until the relay hangs up, which keeps it for further turns.
pub async fn serve(stream: TlsStream<TcpStream>, window: u32, steps: Vec<Step>, signals: Arc<Signals>) {
    let builder = Builder::new().initial_window_size(window).to_owned();
    let mut connection = builder.handshake::<_, Bytes>(stream).await.unwrap();
    let (leave, mut left) = mpsc::unbounded_channel();
    let mut playing = JoinSet::new();
    loop {
        tokio::select! {
            accepted = connection.accept() => match accepted {
                Some(Ok((request, answer))) => {
                    signals.streams.fetch_add(1, Ordering::Relaxed);
                    let played = play(request, answer, steps.clone(), Arc::clone(&signals), leave.clone());
                    let until_the_end = Open(Arc::clone(&signals));
                    playing.spawn(async move {
                        played.await;
                        drop(until_the_end);
                    });
                }
                _ => return,
            },
            Some(reason) = left.recv() => connection.abrupt_shutdown(reason),
        }
    }
}

/// A stream that is played, to its end or to that of its connection.
struct Open(Arc<Signals>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
        self.0.end.notify_one();
    }
}

async fn play(
    request: Request<RecvStream>,
    mut answer: SendResponse<Bytes>,
    steps: Vec<Step>,
    signals: Arc<Signals>,
    leave: mpsc::UnboundedSender<Reason>,
) {
    let mut request = request.into_body();
    let mut body = None;
    for step in steps {
        match step {
            Step::HearsBody => while let Some(Ok(_)) = request.data().await {},
            Step::Says(bytes) => {
                let body = body.get_or_insert_with(|| answer.send_response(Response::new(()), false).unwrap());
                body.send_data(bytes, false).unwrap();
            }
            Step::WaitsForCodex => signals.codex.notified().await,
            Step::Refuses(reason) => match &mut body {
                Some(body) => body.send_reset(reason),
                None => answer.send_reset(reason),
            },
            Step::GoesAway(reason) => leave.send(reason).unwrap(),
            Step::Closes => {
                let body = body.get_or_insert_with(|| answer.send_response(Response::new(()), false).unwrap());
                body.send_data(Bytes::new(), true).unwrap();
            }
            // How the relay ends it does not matter.
            Step::Stalls => match &mut body {
                Some(body) => drop(poll_fn(|context| body.poll_reset(context)).await),
                None => drop(poll_fn(|context| answer.poll_reset(context)).await),
            },
            // The head came with the stream.
            _ => {}
        }
    }
}
