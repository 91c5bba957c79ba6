//! What the public types promise beyond their methods: auto traits, traits and sizes,
//! checked when this compiles.

use std::error::Error as StdError;
use std::fmt::Debug;
use std::iter::FusedIterator;
use std::panic::{RefUnwindSafe, UnwindSafe};

use dtmask_core::{
    Builder, Error, ErrorKind, Found, InPlace, Mask, Pattern, Profile, RedactReader, RedactWriter,
    Redactor, Rule, Search, Secret, Secrets, Segment, Segments, Stats, Stream,
};

/// Implemented by what goes anywhere: to other threads, into futures, into logs.
trait Portable: Debug + Send + Sync + Unpin {}
impl<T: Debug + Send + Sync + Unpin> Portable for T {}

/// Implemented by what a panic cannot leave in a state that matters.
trait Sound: UnwindSafe + RefUnwindSafe {}
impl<T: UnwindSafe + RefUnwindSafe> Sound for T {}

const fn portable<T: Portable>() {}
const fn sound<T: Sound>() {}
const fn owned<T: 'static>() {}
const fn clone<T: Clone>() {}
const fn copy<T: Copy>() {}
const fn equal<T: Eq>() {}
const fn default<T: Default>() {}
const fn fused<T: FusedIterator>() {}

type Writer = RedactWriter<Vec<u8>>;
type Reader = RedactReader<&'static [u8]>;

const _: () = {
    portable::<Redactor>();
    portable::<Builder>();
    portable::<Rule>();
    portable::<Pattern>();
    portable::<Profile>();
    portable::<Mask>();
    portable::<Error>();
    portable::<ErrorKind>();
    portable::<Stream>();
    portable::<Segments<'static>>();
    portable::<Segment<'static>>();
    portable::<InPlace<'static>>();
    portable::<Stats<'static>>();
    portable::<Secret<'static, 'static>>();
    portable::<Secrets<'static, 'static>>();
    portable::<Search>();
    portable::<Found<'static>>();
    portable::<Writer>();
    portable::<Reader>();
};

const _: () = {
    sound::<Redactor>();
    sound::<Builder>();
    sound::<Rule>();
    sound::<Mask>();
    sound::<Error>();
    sound::<Stream>();
    sound::<Segment<'static>>();
    sound::<InPlace<'static>>();
    sound::<Stats<'static>>();
    sound::<Secret<'static, 'static>>();
    sound::<Secrets<'static, 'static>>();
    sound::<Search>();
    sound::<Found<'static>>();
    sound::<Writer>();
    // Not the reader: it may hold an `io::Error`, which is not.
};

const _: () = {
    // A stream and its adapters borrow nothing of the redactor.
    owned::<Redactor>();
    owned::<Stream>();
    owned::<Search>();
    owned::<Writer>();
    owned::<Reader>();
    clone::<Redactor>();
    clone::<Builder>();
    clone::<Rule>();
    clone::<Pattern>();
    clone::<Mask>();
    clone::<Error>();
    clone::<Secret<'static, 'static>>();
    copy::<Profile>();
    copy::<ErrorKind>();
    copy::<Segment<'static>>();
    copy::<InPlace<'static>>();
    copy::<Stats<'static>>();
    equal::<Rule>();
    equal::<Pattern>();
    equal::<Profile>();
    equal::<Mask>();
    equal::<Error>();
    equal::<ErrorKind>();
    equal::<Segment<'static>>();
    equal::<Secret<'static, 'static>>();
    equal::<Found<'static>>();
    default::<Redactor>();
    default::<Builder>();
    default::<Profile>();
    default::<Mask>();
    fused::<Segments<'static>>();
    fused::<Secrets<'static, 'static>>();
};

/// Sizes in words. What is passed around by value must not grow unnoticed.
const _: () = {
    const WORD: usize = size_of::<usize>();
    assert!(size_of::<Redactor>() == WORD);
    assert!(size_of::<Option<Redactor>>() == WORD);
    assert!(size_of::<Segment<'_>>() == 3 * WORD);
    assert!(size_of::<Option<Segment<'_>>>() == 3 * WORD);
    assert!(size_of::<InPlace<'_>>() == 4 * WORD);
    assert!(size_of::<Secret<'_, '_>>() == 8 * WORD);
    assert!(size_of::<ErrorKind>() == 1);
    assert!(size_of::<Profile>() == 1);
    assert!(size_of::<Mask>() == 3 * WORD);
    assert!(size_of::<Error>() == 4 * WORD);
    // Not to be exceeded: these may shrink as they like.
    assert!(size_of::<Stream>() <= 56 * WORD);
    assert!(size_of::<Segments<'_>>() <= 32 * WORD);
    assert!(size_of::<Secrets<'_, '_>>() <= 48 * WORD);
    assert!(size_of::<Writer>() <= size_of::<Stream>() + 8 * WORD);
    assert!(size_of::<Reader>() <= size_of::<Stream>() + 12 * WORD);
};

#[test]
fn an_error_can_be_handed_to_anyone() {
    fn anyone(error: impl StdError + Send + Sync + 'static) -> Box<dyn StdError + Send + Sync> {
        error.into()
    }
    let error = Redactor::builder()
        .with("nope")
        .build()
        .expect_err("there is no such rule");
    assert!(
        anyone(error.clone())
            .downcast::<Error>()
            .is_ok_and(|same| *same == error)
    );
}

#[test]
fn a_stream_outlives_the_redactors_it_came_from() {
    let redactor = Redactor::new();
    let clone = redactor.clone();
    let mut stream = clone.stream();
    drop((redactor, clone));
    let token = dtmask_test::samples::api_token();
    let mut out = Vec::new();
    for segment in stream.push(token.as_bytes()) {
        out.extend_from_slice(segment.as_bytes());
    }
    assert_eq!(out, dtmask_test::samples::masked(&token).into_bytes());
    assert_eq!(stream.redactor().rules().count(), 10);
}
