//! The laws as checks of one case grown from arbitrary bytes: what the fuzz targets run,
//! and what replays the cases they once found.

mod adapters;
mod case;
mod views;

use std::borrow::Cow;
use std::sync::LazyLock;

use dtmask_core::{Mask, Redactor, Rule};
use dtmask_test::expand::{self, Dice};
use dtmask_test::oracle::{Oracle, OraclePattern, OracleRule};
use dtmask_test::user_rules as drawn;

pub(crate) use self::adapters::{flush_and_writer, reader};
pub(crate) use self::case::{Case, RuleCase, UserCase};
pub(crate) use self::views::{known_values_in_views, views, views_of_user_rules};
use super::linear::assert_linear_in;
use super::{assert_outputs, assert_secrets, assert_segments, no_rules, push, redactor_of, text};

static DEFAULT: LazyLock<Redactor> = LazyLock::new(Redactor::new);
static PUBLISHED: LazyLock<Redactor> = LazyLock::new(Redactor::published);
static DEFAULT_ORACLE: LazyLock<Oracle> = LazyLock::new(Oracle::default_rules);
static PUBLISHED_ORACLE: LazyLock<Oracle> = LazyLock::new(Oracle::published);

pub(crate) fn both() -> [(&'static Redactor, &'static Oracle); 2] {
    [(&DEFAULT, &DEFAULT_ORACLE), (&PUBLISHED, &PUBLISHED_ORACLE)]
}

fn text_mask(mask: &str) -> Redactor {
    let mask = Mask::text(mask).expect("the text is printable");
    Redactor::builder()
        .mask(mask)
        .build()
        .expect("the mask is inert")
}

/// Laws 1, 2 and 5, and what is told of secrets.
pub(crate) fn chunking_and_oracle(case: &Case<'_>) {
    let input = case.input();
    for (redactor, oracle) in both() {
        let chunks = case.chunks(&input);
        assert_secrets(redactor, oracle, &chunks);
        assert_outputs(redactor, oracle, &[chunks, input.chunks(1).collect()]);
    }
}

/// The same for rules as users may write them.
pub(crate) fn user_rules(case: &UserCase<'_>) {
    let (rules, oracle) = drawn::oracle(&case.rules);
    let redactor = redactor_of(&rules, Mask::default());
    let input = drawn::input(case.seed);
    let chunks = expand::chunks(&input, &case.chunking);
    assert_secrets(&redactor, &oracle, &chunks);
    assert_segments(&redactor, &chunks);
    assert_outputs(&redactor, &oracle, &[chunks, input.chunks(1).collect()]);
    if redactor.mask_warning().is_none() {
        let once = redactor.redact(&input);
        assert_eq!(text(&redactor.redact(&once)), text(&once));
    }
    // What is held is asked of the oracle for each prefix, which is not cheap.
    let input = &input[..input.len().min(100)];
    let mut stream = redactor.stream();
    for end in 1..=input.len() {
        let _ = stream.push(&input[end - 1..end]).count();
        assert_eq!(stream.held_len(), oracle.held(&input[..end]));
    }
}

/// A rule is refused or does what it says; nothing else.
pub(crate) fn any_rule(case: &RuleCase<'_>) {
    let max = case.max.map(u32::from);
    let rule = Rule::new("any").pattern(case.keep, case.secret, case.min.into(), max);
    let Ok(redactor) = no_rules().rule(rule).build() else {
        return;
    };
    let oracle = Oracle::new(&[OracleRule {
        name: "any".to_owned(),
        patterns: vec![OraclePattern {
            keep: case.keep.to_owned(),
            secret: case.secret.to_owned(),
            min: case.min.into(),
            max,
        }],
    }]);
    let input = &case.input[..case.input.len().min(200)];
    assert_outputs(
        &redactor,
        &oracle,
        &[vec![input], input.chunks(1).collect()],
    );
}

/// Law 3.
pub(crate) fn superset(case: &Case<'_>) {
    let input = case.input();
    let masked = DEFAULT.redact(&input);
    let published = PUBLISHED_ORACLE.secret_bytes(&input);
    for (&masked, secret) in masked.iter().zip(published) {
        assert!(!secret || masked == b'*');
    }
}

/// Law 4.
pub(crate) fn transparency(case: &Case<'_>) {
    let input = case.input();
    for (redactor, oracle) in both() {
        assert_segments(redactor, &case.chunks(&input));
        assert_segments(redactor, &[&input]);
        let secret = oracle.secret_bytes(&input);
        match redactor.redact(&input) {
            Cow::Borrowed(bytes) => {
                assert!(!secret.contains(&true));
                assert_eq!(super::span(bytes), super::span(&input));
            }
            Cow::Owned(bytes) => {
                assert!(secret.contains(&true));
                let mut kept = input.iter().zip(&bytes).zip(secret);
                assert!(kept.all(|((before, after), secret)| secret || before == after));
            }
        }
    }
}

/// Law 6, and that an abnormal end masks what is held.
pub(crate) fn bounded(case: &Case<'_>) {
    let mut input = case.input();
    input.truncate(400);
    for (redactor, oracle) in both() {
        let (mut stream, mut in_place) = (redactor.stream(), redactor.stream());
        let (mut out, mut seen) = (Vec::new(), 0);
        for chunk in case.chunks(&input) {
            push(&mut stream, chunk, &mut out);
            let _ = in_place.push_in_place(&mut chunk.to_vec());
            seen += chunk.len();
            assert_eq!(stream.held_len(), oracle.held(&input[..seen]));
            assert_eq!(stream.held_len(), in_place.held_len());
            assert!(stream.held_len() <= redactor.max_held());
            assert_eq!(out.len() + stream.held_len(), seen);
        }
        out.extend(
            stream
                .abort()
                .flat_map(|segment| segment.as_bytes().to_vec()),
        );
        assert_eq!(text(&out), text(&oracle.redact_fill_on_abort(&input, b'*')));
        assert_eq!(stream.held_len(), 0);
    }
}

/// Law 7, and that a text stands once for each secret.
pub(crate) fn idempotence(case: &Case<'_>) {
    static TEXTS: LazyLock<[(&str, Redactor); 3]> =
        LazyLock::new(|| ["[REDACTED]", "<masked>", "***"].map(|mask| (mask, text_mask(mask))));
    let input = case.input();
    for (redactor, _) in both() {
        let once = redactor.redact(&input);
        assert_eq!(text(&redactor.redact(&once)), text(&once));
    }
    for (mask, redactor) in &*TEXTS {
        let once = redactor.redact(&input);
        assert_eq!(text(&once), text(&DEFAULT_ORACLE.redact_text(&input, mask)));
        assert_eq!(
            text(&super::stream_output(redactor, &case.chunks(&input))),
            text(&once)
        );
        assert_eq!(text(&redactor.redact(&once)), text(&once));
    }
}

/// Masking in place, also when only some of the chunks are.
pub(crate) fn in_place(case: &Case<'_>) {
    let input = case.input();
    for (redactor, oracle) in both() {
        let expected = text(&oracle.redact_fill(&input, b'*'));
        let mut whole = input.clone();
        assert_eq!(
            redactor.redact_in_place(&mut whole),
            oracle.secrets(&input).len()
        );
        assert_eq!(text(&whole), expected);
        let mut stream = redactor.stream();
        let mut out = Vec::new();
        for (turn, chunk) in case.chunks(&input).into_iter().enumerate() {
            if case.form >> (turn % 8) & 1 == 0 {
                let mut chunk = chunk.to_vec();
                let masked = stream.push_in_place(&mut chunk);
                out.extend_from_slice(masked.held);
                out.extend_from_slice(masked.ready);
            } else {
                push(&mut stream, chunk, &mut out);
            }
        }
        out.extend(
            stream
                .finish()
                .flat_map(|segment| segment.as_bytes().to_vec()),
        );
        assert_eq!(text(&out), expected);
    }
}

/// Law 10, for what is repeated.
pub(crate) fn linear(case: &Case<'_>) {
    let piece = case.input();
    let single = case.chunking[0] % 2 == 1;
    for (redactor, _) in both() {
        assert_linear_in(redactor, &piece, single);
    }
    let redactor = redactor_of(&drawn::rules(&mut Dice::new(case.seed)), Mask::default());
    assert_linear_in(&redactor, &drawn::input(case.seed), single);
}

/// A search tells of the same as a look at the whole.
pub(crate) fn searched_is_found(redactor: &Redactor, input: &[u8], chunks: &[&[u8]]) {
    let found = redactor.find_iter(input).map(|secret| {
        let range = secret.range().start as u64..secret.range().end as u64;
        let identifier = secret.identifier().map(<[u8]>::to_vec);
        (
            secret.rule().to_owned(),
            range,
            identifier,
            secret.is_complete(),
        )
    });
    let mut searched = Vec::new();
    let mut search = redactor.search();
    let mut tell = |found: dtmask_core::Found<'_>| {
        let identifier = found.identifier().map(<[u8]>::to_vec);
        let rule = found.rule().to_owned();
        searched.push((rule, found.range(), identifier, found.is_complete()));
    };
    for chunk in chunks {
        search.push(chunk, &mut tell);
    }
    search.finish(&mut tell);
    assert_eq!(searched, found.collect::<Vec<_>>());
}

/// A search of chunks.
pub(crate) fn search(case: &Case<'_>) {
    let input = case.input();
    for (redactor, _) in both() {
        searched_is_found(redactor, &input, &case.chunks(&input));
        searched_is_found(redactor, &input, &input.chunks(1).collect::<Vec<_>>());
    }
}

/// Known values, in union with rules that are drawn.
pub(crate) fn known_values(case: &UserCase<'_>) {
    let (rules, oracle) = drawn::oracle(&case.rules);
    let input = drawn::input(case.seed);
    let mut dice = Dice::new(&case.chunking);
    let mut values = Vec::new();
    for _ in 0..=dice.below(3) {
        // Taken from the input, so that they are in it; two may overlap or be the same.
        let len = (8 + dice.below(12)).min(input.len());
        let at = dice.below(input.len() - len + 1);
        if len >= 8 {
            values.push(&input[at..at + len]);
        }
    }
    let redactor = values
        .iter()
        .fold(super::with_rules(no_rules(), &rules), |builder, value| {
            builder.known_value("drawn", *value)
        })
        .build()
        .expect("the rules and values are valid");
    let mut expected = oracle.redact_fill(&input, b'*');
    for value in &values {
        for (at, window) in input.windows(value.len()).enumerate() {
            if window == *value {
                expected[at..at + value.len()].fill(b'*');
            }
        }
    }
    let chunks = expand::chunks(&input, &case.chunking);
    for chunks in [vec![&input[..]], chunks, input.chunks(1).collect()] {
        let lens: Vec<_> = chunks.iter().map(|chunk| chunk.len()).collect();
        let streamed = super::stream_output(&redactor, &chunks);
        assert_eq!(text(&streamed), text(&expected), "{lens:?}");
        let in_place = super::in_place_output(&redactor, &chunks);
        assert_eq!(text(&in_place), text(&expected), "{lens:?}");
        assert_segments(&redactor, &chunks);
        searched_is_found(&redactor, &input, &chunks);
        let (mut stream, mut out, mut seen) = (redactor.stream(), Vec::new(), 0);
        for chunk in chunks {
            push(&mut stream, chunk, &mut out);
            seen += chunk.len();
            assert!(stream.held_len() <= redactor.max_held());
            // As much as the rules and the values themselves have to.
            let held = values.iter().filter_map(|value| {
                (1..value.len())
                    .rev()
                    .find(|len| input[..seen].ends_with(&value[..*len]))
            });
            // An encoded form can begin with some letters of the input, too.
            let most = held
                .max()
                .unwrap_or(0)
                .max(oracle.held(&input[..seen]))
                .max(3);
            assert!(stream.held_len() <= most);
            assert_eq!(out.len() + stream.held_len(), seen);
        }
    }
    assert_eq!(text(&redactor.redact(&input)), text(&expected));
}
