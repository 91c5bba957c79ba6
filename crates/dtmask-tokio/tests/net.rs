//! In real tokio: pipes in memory, TCP on loopback, several threads.

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::text_redactor;
use dtmask_core::Redactor;
use dtmask_test::expand::{chunks, input};
use dtmask_test::samples::{L21, api_token};
use dtmask_tokio::{RedactCodec, RedactRead, RedactStream, RedactWrite, copy};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_stream::StreamExt;
use tokio_util::codec::{BytesCodec, FramedRead};

const LIMIT: Duration = Duration::from_secs(60);

/// Inputs that differ, each with a way to cut it.
fn inputs() -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    (0..40u8).map(|n| {
        let seed: Vec<u8> = (0..70)
            .map(|i: u8| n.wrapping_mul(31) ^ i.wrapping_mul(n | 1))
            .collect();
        (input(&seed), seed[..9].to_vec())
    })
}

/// Both ends of a connection over loopback.
async fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (client, server) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (client, (server, _)) = (client.unwrap(), server.unwrap());
    client.set_nodelay(true).unwrap();
    (client, server)
}

/// Writes chunk by chunk, letting others run in between, and closes.
async fn send(mut to: impl AsyncWrite + Unpin, input: Vec<u8>, cuts: Vec<u8>) {
    for chunk in chunks(&input, &cuts) {
        to.write_all(chunk).await.unwrap();
        to.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
    to.shutdown().await.unwrap();
}

async fn receive(mut from: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut out = Vec::new();
    from.read_to_end(&mut out).await.unwrap();
    out
}

async fn frames<E: std::fmt::Debug>(
    stream: impl tokio_stream::Stream<Item = Result<Bytes, E>>,
) -> Vec<u8> {
    let frames: Result<Vec<Bytes>, E> = stream.collect().await;
    frames.unwrap().concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_adapter_over_tcp() {
    for (input, cuts) in inputs() {
        for redactor in [Redactor::new(), text_redactor()] {
            let expected = redactor.redact(&input).into_owned();
            for adapter in 0..5 {
                let (client, server) = connection().await;
                let sent = async {
                    let (input, cuts) = (input.clone(), cuts.clone());
                    if adapter == 0 {
                        send(RedactWrite::new(&redactor, client), input, cuts).await;
                    } else {
                        send(client, input, cuts).await;
                    }
                };
                let received = async {
                    match adapter {
                        0 => receive(server).await,
                        1 => receive(RedactRead::new(&redactor, server)).await,
                        2 => frames(FramedRead::new(server, RedactCodec::new(&redactor))).await,
                        3 => {
                            let bytes = FramedRead::new(server, BytesCodec::new())
                                .map(|chunk| chunk.map(bytes::BytesMut::freeze));
                            frames(RedactStream::new(&redactor, bytes)).await
                        }
                        _ => {
                            let (mut server, mut out) = (server, Vec::new());
                            copy(&mut server, &mut out, &redactor).await.unwrap();
                            out
                        }
                    }
                };
                let both = async { tokio::join!(sent, received) };
                let ((), out) = tokio::time::timeout(LIMIT, both).await.expect("in time");
                assert!(out == expected, "adapter {adapter}");
            }
        }
    }
}

#[tokio::test]
async fn a_reader_that_is_slow_holds_the_writer_up_and_loses_nothing() {
    let line = format!("GET /x?api-token={L21} 200 {}\n", api_token());
    let input = line.repeat(50_000).into_bytes();
    let redactor = Redactor::new();
    let expected = redactor.redact(&input).into_owned();
    let (client, mut server) = connection().await;
    let writer = tokio::spawn({
        let input = input.clone();
        let mut writer = RedactWrite::new(&redactor, client);
        async move {
            writer.write_all(&input).await.unwrap();
            writer.shutdown().await.unwrap();
            let secrets = writer.stats().secrets();
            (writer, secrets)
        }
    });
    let mut out = Vec::with_capacity(expected.len());
    let mut buf = vec![0; 100_000];
    loop {
        tokio::task::yield_now().await;
        match server.read(&mut buf).await.unwrap() {
            0 => break,
            len => out.extend_from_slice(&buf[..len]),
        }
    }
    let (_, secrets) = writer.await.unwrap();
    assert_eq!(secrets, 100_000);
    assert!(out == expected);
}

#[tokio::test]
async fn through_pipes_of_every_small_size() {
    let (input, cuts) = inputs().nth(7).unwrap();
    let redactor = Redactor::new();
    let expected = redactor.redact(&input).into_owned();
    for capacity in 1..=32 {
        let (source, mut reader) = tokio::io::duplex(capacity);
        let (mut writer, sink) = tokio::io::duplex(capacity);
        let copied = async {
            let copied = copy(&mut reader, &mut writer, &redactor).await.unwrap();
            writer.shutdown().await.unwrap();
            copied
        };
        let all = async {
            tokio::join!(
                send(source, input.clone(), cuts.clone()),
                copied,
                receive(sink)
            )
        };
        let ((), copied, out) = tokio::time::timeout(LIMIT, all).await.expect("in time");
        assert_eq!(copied, expected.len() as u64);
        assert!(out == expected, "pipes of {capacity}");
    }
}

#[tokio::test]
async fn a_prompt_comes_through_before_it_is_answered() {
    let redactor = Redactor::new();
    let (mut client, server) = connection().await;
    let (mut far, near) = connection().await;
    let relay = tokio::spawn(async move {
        let (mut server, mut near) = (server, near);
        copy(&mut server, &mut near, &redactor).await
    });
    for prompt in ["login: ", "api-token=? "] {
        client.write_all(prompt.as_bytes()).await.unwrap();
        let mut seen = vec![0; prompt.len()];
        let read = far.read_exact(&mut seen);
        tokio::time::timeout(LIMIT, read)
            .await
            .expect("in time")
            .unwrap();
        assert_eq!(seen, prompt.as_bytes());
    }
    drop(client);
    assert_eq!(relay.await.unwrap().unwrap(), 19);
}

#[tokio::test]
async fn a_connection_that_is_reset_masks_what_is_held() {
    let redactor = Redactor::new();
    let (mut client, server) = connection().await;
    let mut reader = RedactRead::new(&redactor, server);
    client.write_all(b"api-token=FAKE_lega").await.unwrap();
    let mut seen = [0; 10];
    reader.read_exact(&mut seen).await.unwrap();
    // Closed with a reset instead of an end.
    client.set_zero_linger().unwrap();
    drop(client);
    let mut rest = Vec::new();
    let read = tokio::time::timeout(LIMIT, reader.read_to_end(&mut rest));
    let error = read.await.expect("in time").expect_err("a reset");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(rest, b"*********");
}

#[tokio::test]
async fn adapters_are_at_home_in_spawned_tasks() {
    fn send_and_unpin<T: Send + Sync + Unpin + 'static>(_: &T) {}
    let redactor = Redactor::new();
    send_and_unpin(&RedactCodec::new(&redactor));
    send_and_unpin(&RedactRead::new(&redactor, tokio::io::empty()));
    send_and_unpin(&RedactWrite::new(&redactor, tokio::io::sink()));
    send_and_unpin(&RedactStream::new(
        &redactor,
        tokio_stream::iter(Vec::<Result<Bytes, std::io::Error>>::new()),
    ));
    let copied = tokio::spawn(async move {
        copy(&mut tokio::io::empty(), &mut tokio::io::sink(), &redactor).await
    });
    assert_eq!(copied.await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn debug_shows_counts_and_no_bytes() {
    let redactor = Redactor::new();
    let mut writer = RedactWrite::new(&redactor, tokio::io::sink());
    writer.write_all(b"api-token=FAKE_lega").await.unwrap();
    let (client, server) = tokio::io::duplex(64);
    send(client, b"api-token=FAKE_lega".to_vec(), vec![1]).await;
    let mut reader = RedactRead::new(&redactor, server);
    reader.read_exact(&mut [0; 10]).await.unwrap();
    let items = ["api-token=FAKE_lega"].map(|item| Ok::<_, std::io::Error>(Bytes::from(item)));
    let mut frames = FramedRead::new(&b"api-token=FAKE_lega"[..], RedactCodec::new(&redactor));
    frames.next().await;
    let mut stream = RedactStream::new(&redactor, Silent(tokio_stream::iter(items)));
    stream.next().await;
    for debug in [
        format!("{writer:?}"),
        format!("{reader:?}"),
        format!("{:?}", frames.decoder()),
        format!("{stream:?}"),
    ] {
        assert!(debug.contains("held: 9"), "{debug}");
        assert!(
            !debug.contains("FAKE") && !debug.contains("70, 65"),
            "{debug}"
        );
    }
}

/// A stream that says nothing of itself.
struct Silent<S>(S);

impl<S> std::fmt::Debug for Silent<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Silent")
    }
}

impl<S: tokio_stream::Stream + Unpin> tokio_stream::Stream for Silent<S> {
    type Item = S::Item;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<S::Item>> {
        std::pin::Pin::new(&mut self.0).poll_next(cx)
    }
}
