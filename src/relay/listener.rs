//! The socket: bound, served until told to stop, drained within a limit.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

use super::seats::{Seat, Seats};
use super::socket::Socket;
use super::{State, routes};

/// The pause after a connection that could not be taken.
const BREATH: Duration = Duration::from_millis(50);

/// How many may have connected before they are looked at: all that have a seat, at once. Beyond the 128 that are usual,
/// the system makes connections that break off at the first request (seen on Linux 6.18).
const WAITING: u32 = 1024;

/// How much of a request's head is read, and how much of an answer waits for a slow client, in bytes. Codex's heads are
/// smaller than 8 KiB (seen on 0.118 to 0.169); one that is larger than this is answered with 431.
const BUFFER: usize = 64 * 1024;

/// Takes a free port of 127.0.0.1. It is held from here on: the listener travels, not its number.
///
/// # Errors
///
/// When this machine has no loopback or no free port.
pub async fn bind() -> io::Result<TcpListener> {
    if let Some(port) = portpicker::pick_unused_port()
        && let Ok(listener) = bind_to((Ipv4Addr::LOCALHOST, port).into()).await
    {
        return Ok(listener);
    }
    bind_to((Ipv4Addr::LOCALHOST, 0).into()).await
}

/// Takes this address, for others than Codex.
///
/// # Errors
///
/// When it is not this machine's, or somebody has it.
pub async fn bind_to(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // Connections of who listened there before may still be fading.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// Serves `listener` until `shutdown` ends; then takes no more connections and gives the open ones a short while.
pub async fn run(listener: TcpListener, state: Arc<State>, shutdown: impl Future<Output = ()>) {
    let (stop, stopped) = watch::channel(());
    let mut seats = Seats::new(state.limits.connections);
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::select! {
                        () = &mut shutdown => break,
                        () = seats.room() => {}
                    }
                    let seat = seats.seat();
                    let connection = serve(stream, Arc::clone(&seat), Arc::clone(&state), stopped.clone());
                    seats.serve(seat, connection);
                }
                // A connection that broke before it was taken, or too many open files: turns may close theirs
                // meanwhile.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    seats.send_away();
                    tokio::time::sleep(BREATH).await;
                }
            },
            () = seats.changed() => {}
        }
    }
    drop(listener);
    stop.send_replace(());
    if tokio::time::timeout(state.limits.drain, seats.empty()).await.is_err() {
        tracing::info!(open = seats.len(), "turns were cut off at the end");
    }
    // What is still open is dropped, and with it the requests to the provider; when this ends, all turns are counted.
    seats.clear().await;
}

async fn serve(stream: TcpStream, seat: Arc<Seat>, state: Arc<State>, mut stopped: watch::Receiver<()>) {
    // Without it, the last delta of a write may wait for an acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let _connected = state.ledger.connect();
    let idle = state.limits.idle;
    let socket = Socket::new(stream, Arc::clone(&seat));
    let service = service_fn(move |request| {
        let state = Arc::clone(&state);
        let seat = Arc::clone(&seat);
        seat.begin();
        async move { Ok::<_, Infallible>(seat.hold(routes::answer(request, &state).await)) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(socket), service);
    let mut connection = pin!(connection);
    // A client that hangs up ends the connection, and with it the turn and its request to the provider.
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended early");
    }
}
