//! The least that anything between two ends can do: it copies bytes.

use tokio::net::TcpStream;

use crate::processes;

/// Copies between whoever connects and `to`, until standard input ends.
pub async fn serve(to: String) {
    let listener = processes::listen().await;
    loop {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut far = TcpStream::connect(&to).await.unwrap();
        near.set_nodelay(true).unwrap();
        far.set_nodelay(true).unwrap();
        tokio::spawn(async move {
            // Whoever hangs up has his reasons.
            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        });
    }
}
