//! Tells systemd how far we are, by the protocol of `sd_notify(3)`: one datagram to the socket in `NOTIFY_SOCKET`.

use std::ffi::OsStr;
use std::io;
use std::os::unix::net::UnixDatagram;

/// Sends `state` to `socket`, if there is one. Nobody depends on it but systemd, which has its own deadline.
pub(super) fn tell(socket: Option<&OsStr>, state: &str) {
    let Some(socket) = socket else { return };
    if let Err(error) = send(socket, state) {
        tracing::warn!(%error, "systemd cannot be told that we are at {state:?}");
    }
}

fn send(socket: &OsStr, state: &str) -> io::Result<()> {
    let sender = UnixDatagram::unbound()?;
    match abstract_name(socket) {
        Some(address) => sender.send_to_addr(state.as_bytes(), &address?)?,
        None => sender.send_to(state.as_bytes(), socket)?,
    };
    Ok(())
}

/// The address of a socket without a file, which is written with an `@`.
#[cfg(target_os = "linux")]
fn abstract_name(socket: &OsStr) -> Option<io::Result<std::os::unix::net::SocketAddr>> {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::ffi::OsStrExt as _;
    let name = socket.as_bytes().strip_prefix(b"@")?;
    Some(std::os::unix::net::SocketAddr::from_abstract_name(name))
}

#[cfg(not(target_os = "linux"))]
fn abstract_name(_: &OsStr) -> Option<io::Result<std::os::unix::net::SocketAddr>> {
    None
}
