//! A TCP proxy that masks what passes, in both directions.
//!
//! ```text
//! cargo run -p dtmask-tokio --example proxy -- 127.0.0.1:5140 logs.example.com:514
//! ```
//!
//! It stands where logs leave a machine: senders connect to the first address, and what
//! they send reaches the second one without secrets. Masks are as long as what they
//! mask, so protocols that announce lengths work through it.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use dtmask_tokio::{Redactor, copy};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main]
async fn main() -> ExitCode {
    let Some((listen, target)) = addresses(std::env::args().skip(1)) else {
        eprintln!("usage: proxy LISTEN-ADDRESS TARGET-ADDRESS");
        return ExitCode::from(2);
    };
    let listener = match TcpListener::bind(&listen).await {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("proxy: {listen}: {error}");
            return ExitCode::from(2);
        }
    };
    // Of port 0 the system makes a free one.
    let listen = match listener.local_addr() {
        Ok(address) => address.to_string(),
        Err(_) => listen,
    };
    eprintln!("proxy: masking from {listen} to {target}");
    serve(listener, target, Redactor::new()).await;
    ExitCode::SUCCESS
}

/// The two arguments, if there are two.
pub(crate) fn addresses(mut args: impl Iterator<Item = String>) -> Option<(String, String)> {
    match (args.next(), args.next(), args.next()) {
        (Some(listen), Some(target), None) => Some((listen, target)),
        _ => None,
    }
}

/// Connects everyone who comes to `listener` with `target`. Never ends: one connection
/// that fails is no reason to end the others.
pub(crate) async fn serve(listener: TcpListener, target: String, redactor: Redactor) {
    loop {
        let (client, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely; some will be closed soon.
                eprintln!("proxy: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (target, redactor) = (target.clone(), redactor.clone());
        tokio::spawn(async move {
            match relay(client, &target, &redactor).await {
                Ok((there, back)) => eprintln!("proxy: {peer}: {there} bytes there, {back} back"),
                Err(error) => eprintln!("proxy: {peer}: {error}"),
            }
        });
    }
}

/// Passes on what both sides say until both have said all, and returns how much that was.
pub(crate) async fn relay(
    mut client: TcpStream,
    target: &str,
    redactor: &Redactor,
) -> io::Result<(u64, u64)> {
    let mut target = TcpStream::connect(target).await?;
    // What is read is written at once; the kernel should not wait for more either.
    client.set_nodelay(true)?;
    target.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_target, mut to_target) = target.split();
    // The first error ends both: with one direction gone, the other has no use.
    tokio::try_join!(
        pass(&mut from_client, &mut to_target, redactor),
        pass(&mut from_target, &mut to_client, redactor),
    )
}

/// Passes on one direction, its end included.
async fn pass<R, W>(reader: &mut R, writer: &mut W, redactor: &Redactor) -> io::Result<u64>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let written = copy(reader, writer, redactor).await?;
    writer.shutdown().await?;
    Ok(written)
}
