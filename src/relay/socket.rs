//! A connection that is closed so that the other side hears the last answer.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::seats::Seat;

/// How long a client may go on to send what nobody reads. It stops when it has read the answer, which is there already.
const LINGER: Duration = Duration::from_secs(2);

/// How much of that is taken: more than fits into the buffers of both sides, which is what a client had sent before.
const MOST_IGNORED: usize = 16 * 1024 * 1024;

/// The socket of a client.
///
/// Whoever closes a socket with unread bytes in it resets the connection, and a client that is still writing its body
/// may then never read why it was refused (RFC 9112, section 9.6). So where a body was left unread, what still comes is
/// taken and thrown away for a while.
pub struct Socket {
    stream: TcpStream,
    seat: Arc<Seat>,
    lingering: Option<Pin<Box<Sleep>>>,
    ignored: usize,
}

impl Socket {
    pub fn new(stream: TcpStream, seat: Arc<Seat>) -> Self {
        Self {
            stream,
            seat,
            lingering: None,
            ignored: 0,
        }
    }

    /// Takes what comes until the other side closes, or has had its time.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let until = self.lingering.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        let mut taken = [0; 16 * 1024];
        while self.ignored < MOST_IGNORED && until.as_mut().poll(context).is_pending() {
            let mut buffer = ReadBuf::new(&mut taken);
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => self.ignored += buffer.filled().len(),
                _ => break,
            }
        }
        Poll::Ready(())
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        }
        if self.seat.has_left_unread() {
            ready!(self.poll_linger(context));
        }
        Poll::Ready(Ok(()))
    }
}
