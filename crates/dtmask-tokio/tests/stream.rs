//! The stream adapter: memory, errors, ends, cancellation.

mod common;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use common::{poll_once, run};
use dtmask_core::Redactor;
use dtmask_test::samples::{L21, api_token};
use dtmask_tokio::RedactStream;
use futures_core::Stream;
use futures_core::stream::FusedStream;
use tokio_stream::StreamExt;

/// Gives its items, pending before each, and counts what is asked of it.
struct Items {
    items: std::vec::IntoIter<Result<Bytes, io::Error>>,
    pends: bool,
    ended: usize,
}

impl Items {
    fn new(items: Vec<Result<&str, &'static str>>) -> Items {
        let items: Vec<_> = items
            .into_iter()
            .map(|item| match item {
                Ok(chunk) => Ok(Bytes::copy_from_slice(chunk.as_bytes())),
                Err(message) => Err(io::Error::other(message)),
            })
            .collect();
        Items {
            items: items.into_iter(),
            pends: true,
            ended: 0,
        }
    }
}

impl Stream for Items {
    type Item = Result<Bytes, io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.pends = !self.pends;
        if !self.pends {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let item = self.items.next();
        self.ended += usize::from(item.is_none());
        Poll::Ready(item)
    }
}

/// The items until the end, errors as their messages.
fn all(stream: &mut RedactStream<Items>) -> Vec<Result<Bytes, String>> {
    let mut items = Vec::new();
    while let Some(item) = run(stream.next()) {
        items.push(item.map_err(|error| error.to_string()));
    }
    items
}

fn ok(text: &str) -> Result<Bytes, String> {
    Ok(Bytes::copy_from_slice(text.as_bytes()))
}

#[test]
fn clean_chunks_come_out_as_they_are() {
    let chunk = Bytes::from(format!("a {} b", api_token()));
    let clean = Bytes::from("nothing here");
    let items = [chunk.clone(), clean.clone()].map(Ok::<_, io::Error>);
    let stream = RedactStream::new(&Redactor::new(), tokio_stream::iter(items));
    let frames: Vec<Bytes> = run(stream.map(|item| item.expect("no error")).collect());
    assert_eq!(frames.len(), 4);
    assert_eq!(frames[0].as_ptr(), chunk.as_ptr());
    assert_eq!(frames[2].as_ptr_range().end, chunk.as_ptr_range().end);
    assert_eq!(frames[3].as_ptr_range(), clean.as_ptr_range());
}

#[test]
fn an_error_in_the_middle_masks_what_is_held_then_comes_and_ends_the_stream() {
    let (front, back) = L21.split_at(12);
    let key = format!("api-token={front}");
    let items = vec![Ok(key.as_str()), Err("reset"), Ok(back)];
    let mut stream = RedactStream::new(&Redactor::new(), Items::new(items));
    let expected = [
        ok("api-token="),
        ok("************"),
        Err("reset".to_owned()),
    ];
    assert_eq!(all(&mut stream), expected);
    assert!(stream.is_terminated());
    // It stays at its end, and the inner stream is left alone.
    for _ in 0..3 {
        assert!(run(stream.next()).is_none());
    }
    assert_eq!(stream.get_ref().ended, 0);
    assert_eq!(stream.into_inner().items.len(), 1);
}

#[test]
fn an_error_with_nothing_held_comes_alone() {
    let items = vec![Ok("a"), Err("reset")];
    let mut stream = RedactStream::new(&Redactor::new(), Items::new(items));
    assert_eq!(all(&mut stream), [ok("a"), Err("reset".to_owned())]);
    let mut stream = RedactStream::new(&Redactor::new(), Items::new(vec![Err("first")]));
    assert_eq!(all(&mut stream), [Err("first".to_owned())]);
}

#[test]
fn the_end_settles_what_is_undecided_and_is_asked_for_once() {
    let items = vec![Ok("api-token=sh"), Ok(""), Ok("ort")];
    let mut stream = RedactStream::new(&Redactor::new(), Items::new(items));
    assert!(!stream.is_terminated());
    assert_eq!(all(&mut stream), [ok("api-token="), ok("short")]);
    assert!(stream.is_terminated());
    assert!(run(stream.next()).is_none());
    assert_eq!(stream.get_ref().ended, 1);
    assert_eq!(stream.stats().bytes_in(), 15);
    assert_eq!(stream.stats().secrets(), 0);
}

#[test]
fn what_is_decided_comes_before_the_next_chunk_is_asked_for() {
    let mut stream = RedactStream::new(&Redactor::new(), Items::new(vec![Ok("login: "), Ok("x")]));
    assert_eq!(run(stream.next()).unwrap().unwrap(), "login: ");
    assert_eq!(stream.get_ref().items.len(), 1);
}

#[test]
fn nothing_is_shown_of_what_is_not_redacted_yet() {
    let inner = tokio_stream::iter([Ok::<_, io::Error>(Bytes::from(api_token()))]);
    let stream = RedactStream::new(&Redactor::new(), inner);
    let shown = format!("{stream:?}");
    assert!(shown.starts_with("RedactStream"), "{shown}");
    assert!(!shown.contains("SECRET"), "{shown}");
}

#[test]
fn next_is_cancel_safe() {
    let line = format!("a {} b api-token={L21} c", api_token());
    let items = (0..line.len()).map(|at| Ok(&line[at..=at])).collect();
    let mut stream = RedactStream::new(&Redactor::new(), Items::new(items));
    let (mut out, mut cancelled) = (Vec::new(), 0);
    loop {
        match poll_once(stream.next()) {
            Poll::Pending => cancelled += 1,
            Poll::Ready(Some(frame)) => out.extend_from_slice(&frame.expect("no error")),
            Poll::Ready(None) => break,
        }
    }
    assert_eq!(out, *Redactor::new().redact(line.as_bytes()));
    assert!(cancelled >= line.len());
}

#[test]
fn dropped_half_way_it_has_shown_a_front_part() {
    let line = format!("a {} b api-token={L21} c", api_token());
    let expected = Redactor::new().redact(line.as_bytes()).into_owned();
    for taken in 0..line.len() {
        let items = (0..line.len()).map(|at| Ok(&line[at..=at])).collect();
        let stream = RedactStream::new(&Redactor::new(), Items::new(items));
        let frames: Vec<Bytes> = run(stream
            .take(taken)
            .map(|item| item.expect("no error"))
            .collect());
        assert!(expected.starts_with(&frames.concat()));
    }
}
