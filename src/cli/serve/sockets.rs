//! The sockets to serve: those that systemd passes, else one of our own.

use std::io;
use std::net::{IpAddr, SocketAddr};

use listenfd::ListenFd;
use tokio::net::TcpListener;

use crate::report::Report;

/// The sockets that whoever started us has opened and listens on for us (`sd_listen_fds(3)`); mostly none.
pub(super) fn passed() -> Result<Vec<std::net::TcpListener>, Report> {
    let mut given = ListenFd::from_env();
    let sockets = (0..given.len()).map(|number| given.take_tcp_listener(number));
    let sockets: Result<Vec<_>, _> = sockets.collect();
    let sockets = sockets.map_err(|error| Report::new("a socket that was passed is not one of TCP").source(error))?;
    Ok(sockets.into_iter().flatten().collect())
}

/// Where `sockets` listen; the one of our own at `own`, if there are none.
pub(super) fn addresses(sockets: &[std::net::TcpListener], own: SocketAddr) -> Result<Vec<SocketAddr>, Report> {
    if sockets.is_empty() {
        return Ok(vec![own]);
    }
    let addresses = sockets.iter().map(std::net::TcpListener::local_addr);
    addresses.collect::<io::Result<_>>().map_err(unusable)
}

/// Hands `sockets` to the runtime.
pub(super) fn adopted(sockets: Vec<std::net::TcpListener>) -> Result<Vec<TcpListener>, Report> {
    let adopted = sockets.into_iter().map(|socket| {
        socket.set_nonblocking(true)?;
        TcpListener::from_std(socket)
    });
    adopted.collect::<io::Result<_>>().map_err(unusable)
}

fn unusable(error: io::Error) -> Report {
    Report::new("a socket that was passed cannot be used").source(error)
}

/// Whether only this machine reaches `address`.
pub(super) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
