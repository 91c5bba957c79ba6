//! The codec: frames that share memory, ends, errors.

mod common;

use std::task::Poll;

use bytes::{Bytes, BytesMut};
use common::{Chunks, Polled, poll_once, run, text_redactor};
use dtmask_core::{Mask, Redactor};
use dtmask_test::samples::{A24, P24, api_token, client_secret};
use dtmask_tokio::RedactCodec;
use tokio_stream::StreamExt;
use tokio_util::codec::{Decoder, FramedRead};

/// The frames of one decode call after the other.
fn frames(codec: &mut RedactCodec, src: &mut BytesMut) -> Vec<Bytes> {
    std::iter::from_fn(|| codec.decode(src).expect("decoding never fails")).collect()
}

fn line() -> String {
    format!("a {} b {} c\n", api_token(), client_secret())
}

#[test]
fn clean_frames_are_slices_of_the_inputs_allocation() {
    let line = line();
    let mut src = BytesMut::from(line.as_str());
    let memory = src.as_ptr_range();
    let frames = frames(&mut RedactCodec::new(&Redactor::new()), &mut src);
    let clean: Vec<_> = frames
        .iter()
        .filter(|frame| frame.iter().any(|&byte| byte != b'*'))
        .collect();
    assert_eq!(clean.len(), 3);
    for frame in clean {
        // The same place: not only in that memory, but where the bytes were.
        let offset = frame.as_ptr() as usize - memory.start as usize;
        assert_eq!(frame, &line.as_bytes()[offset..offset + frame.len()]);
    }
    assert_eq!(frames.concat(), *Redactor::new().redact(line.as_bytes()));
}

#[test]
fn a_clean_chunk_is_one_frame_and_the_chunk_itself() {
    for len in [1, 100, 64 << 10, 1 << 20] {
        let mut src = BytesMut::from(&b"nothing here. ".repeat(len / 14 + 1)[..len]);
        let memory = src.as_ptr_range();
        let frames = frames(&mut RedactCodec::new(&Redactor::new()), &mut src);
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].as_ptr_range(), memory);
    }
}

#[test]
fn the_buffer_is_reused_when_the_frames_are_gone() {
    let mut codec = RedactCodec::new(&Redactor::new());
    // Chunks that end in a clean frame, in a mask, and in an undecided run.
    let ends = ["c", &api_token(), "api-token=short"];
    let mut src = BytesMut::with_capacity(4096);
    let mut places = std::collections::BTreeSet::new();
    for end in ends.into_iter().cycle().take(64) {
        src.reserve(4096);
        places.insert(src.as_ptr() as usize);
        src.extend_from_slice(&line().as_bytes().repeat(10));
        src.extend_from_slice(end.as_bytes());
        drop(frames(&mut codec, &mut src));
    }
    assert_eq!(
        places.len(),
        1,
        "a frame or the codec keeps the buffer alive"
    );
}

#[test]
fn mask_frames_are_static() {
    let masks = |redactor: &Redactor| -> Vec<Bytes> {
        let mut src = BytesMut::from(line().as_str());
        let frames = frames(&mut RedactCodec::new(redactor), &mut src);
        frames.into_iter().skip(1).step_by(2).collect()
    };
    // Codecs that share nothing but the program.
    let (one, other) = (masks(&Redactor::new()), masks(&Redactor::published()));
    assert_eq!((one.len(), other.len()), (2, 1));
    for mask in one.iter().chain(&other) {
        assert_eq!(*mask, "*".repeat(64));
        assert_eq!(mask.as_ptr(), one[0].as_ptr());
    }
    let texts = masks(&text_redactor());
    assert_eq!(texts, ["[REDACTED]"; 2]);
    assert_eq!(texts[0].as_ptr(), texts[1].as_ptr());
}

/// A frame of a mask in another encoding is not the one that all share.
#[test]
fn masks_are_in_the_encoding_of_the_stream() {
    let in_utf16 = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    for (mask, shown) in [
        (Mask::text("[REDACTED]").unwrap(), "[REDACTED]".to_owned()),
        (Mask::default(), "*".repeat(64)),
    ] {
        let redactor = Redactor::builder().utf16(true).mask(mask).build().unwrap();
        let token = api_token();
        let input = in_utf16(&format!("a {token} b {token}\n"));
        let masked = format!("dt0c01.{P24}.{shown}");
        let expected = in_utf16(&format!("a {masked} b {masked}\n"));
        let mut codec = RedactCodec::new(&redactor);
        let mut out = Vec::new();
        for chunk in input.chunks(50) {
            out.extend(frames(&mut codec, &mut BytesMut::from(chunk)));
        }
        while let Some(frame) = codec.decode_eof(&mut BytesMut::new()).unwrap() {
            out.push(frame);
        }
        assert_eq!(out.concat(), expected);
    }
}

#[test]
fn a_decode_call_gives_one_frame_and_takes_all_input() {
    let mut codec = RedactCodec::new(&Redactor::new());
    let mut src = BytesMut::from(line().as_str());
    assert_eq!(
        codec.decode(&mut src).unwrap().unwrap(),
        "a dt0c01.FAKEPUBLICFAKEPUBLIC2345."
    );
    assert!(src.is_empty());
    // What comes in between waits for its turn.
    src.extend_from_slice(b"more");
    assert_eq!(codec.decode(&mut src).unwrap().unwrap(), "*".repeat(64));
    assert_eq!(src, "more");
}

#[test]
fn the_end_of_the_input_settles_what_is_undecided() {
    let mut codec = RedactCodec::new(&Redactor::new());
    let mut src = BytesMut::from("login: api-token=short");
    assert_eq!(frames(&mut codec, &mut src), ["login: api-token="]);
    assert_eq!(codec.decode_eof(&mut src).unwrap().unwrap(), "short");
    assert_eq!(codec.decode_eof(&mut src).unwrap(), None);
    // What comes after an end is another stream: it does not complete the key.
    src.extend_from_slice(A24.as_bytes());
    assert_eq!(frames(&mut codec, &mut src), [A24]);
    assert_eq!(codec.stats().bytes_in(), 22 + 24);
}

#[test]
fn decode_eof_takes_what_was_not_decoded_yet() {
    let mut codec = RedactCodec::new(&Redactor::new());
    let mut src = BytesMut::from(format!("dt0a02.{A24} api-token=short").as_str());
    let frames: Vec<_> =
        std::iter::from_fn(|| codec.decode_eof(&mut src).expect("decoding never fails")).collect();
    assert_eq!(frames, ["dt0a02.", &"*".repeat(24), " api-token=", "short"]);
    assert_eq!(codec.stats().secrets(), 1);
}

#[test]
fn an_error_in_the_middle_shows_nothing_that_was_held() {
    let reader = Polled::new(Chunks::failing(&[b"api-token=FAKE_lega"], "reset"));
    let mut framed = FramedRead::new(reader, RedactCodec::new(&Redactor::new()));
    let next = run(framed.next()).expect("a frame").expect("no error yet");
    assert_eq!(next, "api-token=");
    let error = run(framed.next()).expect("an error").expect_err("an error");
    assert_eq!(error.to_string(), "reset");
    assert_eq!(framed.decoder_mut().abort(), ["*********"]);
    assert!(run(framed.next()).is_none());
}

#[test]
fn polling_on_after_an_error_resumes_the_stream() {
    // What the documentation warns of: to the decoder a reset is a clean end.
    let polled_on = |abort: bool| {
        let reader = Polled::new(Chunks::failing(&[b"api-token=FAKE_lega"], "reset"));
        let mut framed = FramedRead::new(reader, RedactCodec::new(&Redactor::new()));
        let mut frames = Vec::new();
        loop {
            match run(framed.next()) {
                Some(Ok(frame)) => frames.push(frame),
                Some(Err(_)) if abort => frames.extend(framed.decoder_mut().abort()),
                Some(Err(_)) => (),
                None => break,
            }
        }
        while let Some(frame) = run(framed.next()) {
            frames.push(frame.expect("it fails once"));
        }
        frames
    };
    assert_eq!(polled_on(false), ["api-token=", "FAKE_lega"]);
    assert_eq!(polled_on(true), ["api-token=", "*********"]);
}

#[test]
fn a_codec_that_is_dropped_half_way_keeps_nothing() {
    let chunk = Bytes::from("api-token=FAKE_legacy-tok3n_abc api-token=FAKE_lega");
    let mut codec = RedactCodec::new(&Redactor::new());
    let mut src = BytesMut::from(&chunk[..]);
    let first = codec.decode(&mut src).unwrap().unwrap();
    assert_eq!(first, "api-token=");
    assert!(!first.is_unique());
    drop((codec, src));
    // The frame that was taken is all that is left of the allocation.
    assert!(first.is_unique());
}

#[test]
fn abort_gives_what_was_not_taken_first() {
    let mut codec = RedactCodec::new(&Redactor::new());
    let mut src = BytesMut::from(format!("dt0a02.{A24} api-token=short").as_str());
    assert_eq!(codec.decode(&mut src).unwrap().unwrap(), "dt0a02.");
    assert_eq!(codec.abort(), [&"*".repeat(24), " api-token=", "*****"]);
    assert!(codec.abort().is_empty());
}

#[test]
fn next_is_cancel_safe() {
    let line = line();
    let singles: Vec<_> = line.as_bytes().chunks(1).collect();
    let reader = Polled::new(Chunks::new(&singles));
    let mut framed = FramedRead::new(reader, RedactCodec::new(&Redactor::new()));
    let (mut out, mut cancelled) = (Vec::new(), 0);
    loop {
        // Every future is dropped after its first poll.
        match poll_once(framed.next()) {
            Poll::Pending => cancelled += 1,
            Poll::Ready(Some(frame)) => out.extend_from_slice(&frame.expect("no chunk fails")),
            Poll::Ready(None) => break,
        }
    }
    assert_eq!(out, *Redactor::new().redact(line.as_bytes()));
    assert!(cancelled >= line.len());
}
