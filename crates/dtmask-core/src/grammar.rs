//! The bytes of Dynatrace secrets: every prefix, class, context and literal the
//! engine knows stands in this file and nowhere else.
//!
//! Token format: <https://docs.dynatrace.com/docs/dynatrace-api/basics/dynatrace-api-authentication>.
//! New prefixes appear every year, so the grammar is `dt0` letter digit digit, never a list.

use std::sync::LazyLock;

use crate::class::ByteClass;
use crate::prefilter::{Anchor, Edges, Landing, Needle};
use crate::rules::{Pattern, Rule};

macro_rules! sgr {
    () => {
        r"\x1b\[[0-9;]*[mK]"
    };
}
macro_rules! sgrs {
    () => {
        concat!("(?:", sgr!(), ")*")
    };
}
macro_rules! dot {
    () => {
        r"(?:\.|%2[Ee]|\\u002[Ee])"
    };
}
macro_rules! head {
    () => {
        concat!("(?i:dt0)[a-zA-Z][0-9]{2}", dot!())
    };
}
macro_rules! id {
    () => {
        "(?:[A-Z0-9]{24}|[A-Z0-9]{8})"
    };
}
macro_rules! nl {
    () => {
        r"(?:=?\r?\n|\\r\\n|\\n)[ \t]*"
    };
}
macro_rules! quote {
    () => {
        concat!(
            r#"(?:["'\\`]|%2[27]|\\u002[27]|&quot;|&#3[49];|"#,
            sgr!(),
            ")"
        )
    };
}
macro_rules! key {
    () => {
        "(?i:(?:api|paas|tenant|cluster|ingest)[-_. ]?token)"
    };
}
macro_rules! assign {
    () => {
        r"(?:=>|:=|==?|->|[:>]|%3[AaDd]|\\u003[AaDdEe])"
    };
}
macro_rules! open {
    () => {
        concat!(
            "(?:",
            quote!(),
            r#"|[ \t\[({<]|%20|%5[Bb]|%7[Bb]|b["']|Some\(|Optional\[)"#
        )
    };
}

/// How many bytes behind a key are secret: prose must survive.
const CONTEXT_MIN: u32 = 16;

const BASE32: &str = "[A-Z0-9]";
const WORD: &str = "[A-Za-z0-9_-]";
const BASE64: &str = "[A-Za-z0-9+/_=-]";

/// How the engine groups rules: rules whose expressions share their beginning
/// share one automaton and one set of anchors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    /// Expressions that start with `dt0` in lower case: the published one.
    PlainPrefix,
    /// Expressions that start with `dt0` in any case.
    Prefix,
    /// Expressions that end behind a prefix: those of identifiers that are hidden.
    HiddenPrefix,
    /// Expressions that start with a key such as `api-token`.
    Context,
    /// Base64 of a prefix.
    Base64,
    /// An expression with an automaton and a prefilter of its own.
    Own,
}

/// When a built-in rule is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    /// In the default profile.
    Default,
    /// In the published profile.
    Published,
    /// Only if asked for by name.
    OptIn,
}

/// A built-in rule and what the engine has to know of it.
#[derive(Debug)]
pub(crate) struct Builtin {
    pub(crate) rule: Rule,
    pub(crate) family: Family,
    pub(crate) activation: Activation,
}

/// All built-in rules of a fixed form, in table order.
pub(crate) static BUILTINS: LazyLock<Vec<Builtin>> = LazyLock::new(|| {
    use Activation::{Default, OptIn, Published};
    vec![
        builtin("token", Default, Family::Prefix)
            .about("tokens with an 8 or 24 character public portion")
            .complete_at(64)
            .pattern(concat!(head!(), id!(), dot!(), sgrs!()), BASE32, 1, None),
        builtin("token-any-id", Default, Family::Prefix)
            .about("tokens with any other public portion, or a lower-case secret")
            .complete_at(64)
            .pattern(
                concat!(head!(), "[A-Za-z0-9_-]+", dot!(), sgrs!()),
                BASE32,
                16,
                None,
            )
            .pattern(
                concat!(head!(), "[A-Za-z0-9_-]+", dot!(), sgrs!()),
                "[a-z0-9]",
                16,
                None,
            ),
        builtin("token-wrapped", Default, Family::Prefix)
            .about("the rest of a token after a line wrap")
            .complete_at(64)
            .pattern(
                concat!(head!(), id!(), dot!(), "[A-Z0-9]+", nl!()),
                BASE32,
                16,
                None,
            ),
        builtin("tenant-token", Default, Family::Prefix)
            .about("dt0a02 tenant tokens, whose second part is the secret")
            .complete_at(24)
            .pattern(concat!("(?i:dt0a02)", dot!()), "[A-Za-z0-9]", 1, None),
        builtin("context-assign", Default, Family::Context)
            .about("values assigned to an api, paas, tenant, cluster or ingest token")
            .pattern(
                concat!(
                    key!(),
                    "(?:",
                    quote!(),
                    r"|\])*[ \t]*",
                    sgrs!(),
                    assign!(),
                    open!(),
                    "*"
                ),
                WORD,
                CONTEXT_MIN,
                None,
            )
            .pattern(
                concat!(key!(), quote!(), r"[ \t]*,[ \t]*", quote!()),
                WORD,
                CONTEXT_MIN,
                None,
            ),
        builtin("context-pair", Default, Family::Context)
            .about("a token's name and its value as separate fields")
            .pattern(
                concat!(
                    key!(),
                    quote!(),
                    r"*(?:,[ \t]*|\r?\n[ \t]*|[ \t]+)",
                    quote!(),
                    "*(?i:value)",
                    quote!(),
                    r"*[ \t]*[:=]",
                    open!(),
                    "*"
                ),
                WORD,
                CONTEXT_MIN,
                None,
            ),
        builtin("context-block", Default, Family::Context)
            .about("YAML block values of a token")
            .pattern(
                concat!(
                    key!(),
                    quote!(),
                    r"*[ \t]*:[ \t]+[|>][-+0-9]*[ \t]*\r?\n[ \t]+"
                ),
                WORD,
                CONTEXT_MIN,
                None,
            ),
        builtin("context-realm", Default, Family::Context)
            .about("Authorization headers and command line options")
            .pattern(
                concat!(
                    "(?i:(?:api|paas|tenant|cluster|ingest)[-_]?token)",
                    r"(?:%(?:25)*20|[ \t+])+",
                    quote!(),
                    "*"
                ),
                WORD,
                CONTEXT_MIN,
                None,
            ),
        Builtin {
            rule: (0..3).fold(
                Rule::builtin("base64", "tokens inside base64, at any alignment"),
                |rule, alignment| rule.pattern(base64_prefix(alignment), BASE64, 16, Some(260)),
            ),
            family: Family::Base64,
            activation: Default,
        },
        Builtin {
            rule: (0..3).fold(
                Rule::builtin(
                    "base64-wrapped",
                    "the rest of such base64 after a line wrap",
                ),
                |rule, alignment| {
                    let keep = base64_prefix(alignment) + "[A-Za-z0-9+/_-]+" + nl!();
                    rule.pattern(keep, BASE64, 16, Some(132))
                },
            ),
            family: Family::Base64,
            activation: Default,
        },
        builtin("published", Published, Family::PlainPrefix)
            .about("exactly the expression the vendor publishes")
            .complete_at(64)
            .pattern(r"dt0[a-zA-Z][0-9]{2}\.[A-Z0-9]{24}\.", BASE32, 64, Some(64)),
        builtin("jwt", OptIn, Family::Own)
            .about("signatures of JSON web tokens")
            .pattern(r"ey[A-Za-z0-9_-]+\.ey[A-Za-z0-9_-]+\.", WORD, 16, None),
        builtin("token-response", OptIn, Family::Own)
            .about("legacy answers of the Tokens API")
            .pattern(r#"["']token["'\\]*[ \t]*:[ \t]*["'\\]+"#, WORD, 16, None)
            .pattern(r#"\ntoken["']?\r?\n["']?"#, WORD, 16, None),
    ]
});

/// The name of the rule that hides token identifiers, which has a form for each prefix.
pub(crate) const HIDE_ID: &str = "hide-id";

/// The name of the rule that known values are counted by.
pub(crate) const KNOWN_VALUE: &str = "known-value";

/// The rule that known values are counted by; it has no pattern.
pub(crate) fn known_value_rule(values: usize) -> Rule {
    let values = match values {
        1 => "one known value".to_owned(),
        values => format!("{values} known values"),
    };
    Rule::builtin(KNOWN_VALUE, &format!("{values}, plain and encoded"))
}

/// The rule that hides everything behind the dot of `prefix`, or nothing if
/// `prefix` is not exactly `dt0` letter digit digit.
pub(crate) fn hide_id_pattern(prefix: &str) -> Option<Pattern> {
    match prefix.as_bytes() {
        [b'd', b't', b'0', letter, tens, units]
            if letter.is_ascii_alphabetic() && tens.is_ascii_digit() && units.is_ascii_digit() =>
        {
            Some(Pattern::new(format!(r"{prefix}\."), WORD, 1, None))
        }
        _ => None,
    }
}

fn builtin(name: &str, activation: Activation, family: Family) -> Builtin {
    Builtin {
        rule: Rule::builtin(name, ""),
        family,
        activation,
    }
}

impl Builtin {
    fn about(mut self, description: &str) -> Self {
        self.rule = self.rule.described(description);
        self
    }

    fn complete_at(mut self, bytes: u64) -> Self {
        self.rule = self.rule.completed_at(bytes);
        self
    }

    fn pattern(mut self, keep: &str, secret: &str, min: u32, max: Option<u32>) -> Self {
        self.rule = self.rule.pattern(keep, secret, min, max);
        self
    }
}

impl Family {
    /// Whether its expressions start with `dt0`. Of these families each one's needles and
    /// guards do for those before it too.
    pub(crate) fn is_prefix(self) -> bool {
        self <= Self::HiddenPrefix
    }

    /// What a prefilter looks for on behalf of a built-in family; nothing for a family
    /// of its own.
    ///
    /// Every match of an expression of the family contains one of the needles; the first
    /// one to be complete in it has no more bytes of the match in front than it says. The
    /// automaton's construction proves both. Where two needles start in this order in
    /// a haystack, matches of the first do not begin behind those of the second.
    pub(crate) fn needles(self) -> Vec<Needle> {
        match self {
            Self::PlainPrefix => vec![Needle::exact("dt0").guarded(guard_token)],
            Self::Prefix => vec![Needle::any_case("dt0").guarded(guard_token)],
            Self::HiddenPrefix => vec![Needle::any_case("dt0").guarded(guard_prefix)],
            // The rarest part of a key.
            Self::Context => vec![Needle::any_case("tok").behind(KEY_LEAD).guarded(guard_key)],
            // The characters of `dt0` that no neighbour has a share in.
            Self::Base64 => vec![
                Needle::exact("ZHQw").guarded(guard_base64::<0, 0>),
                Needle::exact("R0M").behind(1).guarded(guard_base64::<1, 1>),
                Needle::exact("kdDB")
                    .behind(1)
                    .guarded(guard_base64::<2, 1>),
            ],
            Self::Own => Vec::new(),
        }
    }

    /// The leaps of a built-in family.
    pub(crate) fn leaps(self) -> &'static Leaps {
        match self {
            Self::PlainPrefix | Self::Prefix => &TOKEN_LEAPS,
            Self::Context => &KEY_LEAPS,
            Self::HiddenPrefix | Self::Base64 | Self::Own => &NO_LEAPS,
        }
    }
}

/// The leaps of a family.
#[derive(Debug)]
pub(crate) struct Leaps {
    /// Samples that lead to where the leaps of guards do.
    pub(crate) starts: &'static [&'static str],
    pub(crate) others: &'static [Leap],
}

/// A text over which an automaton needs no look at each byte: where it leads depends on
/// little, and a sample leads there too.
///
/// Within the text no expression may end, and at its end no match may be alive that the
/// sample has not.
#[derive(Debug)]
pub(crate) struct Leap {
    /// A sample that leads to where the text begins.
    pub(crate) from: &'static str,
    /// Samples that lead to where such texts lead.
    pub(crate) to: &'static [&'static str],
    /// Where such a text ends that begins at an offset of a haystack, if there is one.
    /// Nothing may depend on what is behind the haystack.
    pub(crate) over: fn(haystack: &[u8], at: usize) -> Option<Landing>,
}

/// The longest start of a token without its dot.
pub(crate) const PREFIX_LEN: usize = 6;

static NO_LEAPS: Leaps = Leaps {
    starts: &[],
    others: &[],
};

/// Over prefix and public portion, and over the secret portion to where it is wrapped.
static TOKEN_LEAPS: Leaps = Leaps {
    starts: &["dt0c01.a.", SHORT_ID, LONG_ID],
    others: &[
        Leap {
            from: SHORT_ID,
            to: &["dt0c01.AAAAAAAA.A"],
            over: leap_secret,
        },
        Leap {
            from: LONG_ID,
            to: &["dt0c01.AAAAAAAAAAAAAAAAAAAAAAAA.A"],
            over: leap_secret,
        },
    ],
};
const SHORT_ID: &str = "dt0c01.AAAAAAAA.";
const LONG_ID: &str = "dt0c01.AAAAAAAAAAAAAAAAAAAAAAAA.";

static WORD_CLASS: LazyLock<ByteClass> = LazyLock::new(|| class(WORD));
static BASE32_CLASS: LazyLock<ByteClass> = LazyLock::new(|| class(BASE32));

fn class(expression: &str) -> ByteClass {
    let pattern = Pattern::new(String::new(), expression, 1, None);
    pattern.secret_class().expect("the class parses")
}

fn leap_secret(haystack: &[u8], start: usize) -> Option<Landing> {
    let end = BASE32_CLASS.run_end(haystack, start);
    let run = &haystack[start..end];
    let leaps = !run.is_empty() && !may_begin_token(run);
    leaps.then_some(Landing { at: end, sample: 0 })
}

/// Whether a token may begin in the run and go on behind it.
fn may_begin_token(run: &[u8]) -> bool {
    let last = &run[run.len().saturating_sub(PREFIX_LEN)..];
    let may = |at: usize| last[at] | 0x20 == b'd' && begins_prefix(&last[at..]);
    (0..last.len()).any(may)
}

/// Whether these few bytes are the first ones of a prefix.
fn begins_prefix(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(index, byte)| match index {
        0 => byte | 0x20 == b'd',
        1 => byte | 0x20 == b't',
        2 => *byte == b'0',
        3 => byte.is_ascii_alphabetic(),
        _ => byte.is_ascii_digit(),
    })
}

/// Over a key; only some rules know all separators.
static KEY_LEAPS: Leaps = Leaps {
    starts: &["api-token", "api token"],
    others: &[],
};
/// What every key ends with.
const TOKEN: &[u8] = b"token";
/// What a key may have in front of it.
const KEY_LEAD: usize = "cluster-".len();
/// The words that begin a key. None is at the end of another one.
const KEY_WORDS: [KeyWord; 5] = [
    KeyWord::new("api"),
    KeyWord::new("paas"),
    KeyWord::new("tenant"),
    KeyWord::new("cluster"),
    KeyWord::new("ingest"),
];

/// A word as the last bytes of a number.
#[derive(Clone, Copy)]
struct KeyWord {
    value: u64,
    len: usize,
}

impl KeyWord {
    const fn new(word: &str) -> Self {
        let (mut value, mut len) = (0, word.len());
        while len > 0 {
            len -= 1;
            value = value << 8 | word.as_bytes()[len] as u64;
        }
        Self {
            value,
            len: word.len(),
        }
    }

    /// Whether eight bytes in lower case end with it.
    fn ends(self, bytes: u64) -> bool {
        bytes >> (64 - 8 * self.len) == self.value
    }

    /// Its last three letters.
    const fn ending(self) -> u64 {
        self.value >> (8 * (self.len - 3))
    }
}

/// Whether the last three of eight bytes in lower case are those of a key's word. All are
/// compared, because nobody can foresee which one it is.
fn may_end_key_word(bytes: u64) -> bool {
    let ending = bytes >> 40;
    let is_ending = |found, word: KeyWord| found | (ending == word.ending());
    KEY_WORDS.into_iter().fold(false, is_ending)
}

/// Eight bytes with their letters in lower case.
fn folded(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes) | 0x2020_2020_2020_2020
}

/// What may stand between the parts of a key.
static SEPARATORS: [bool; 256] = {
    let mut separators = [false; 256];
    separators[b'-' as usize] = true;
    separators[b'_' as usize] = true;
    separators[b'.' as usize] = true;
    separators[b' ' as usize] = true;
    separators
};

/// `dt0` must go on with a letter, two digits and the start of a dot.
fn guard_prefix(haystack: &[u8], needle: usize, edges: Edges) -> Option<Anchor> {
    let passes = match haystack.get(needle + 3..needle + 7) {
        Some(&[letter, tens, units, dot]) => {
            letter.is_ascii_alphabetic()
                && tens.is_ascii_digit()
                && units.is_ascii_digit()
                && matches!(dot, b'.' | b'%' | b'\\')
        }
        _ => edges == Edges::Cut,
    };
    passes.then_some(Anchor::behind(0))
}

/// A prefix must have a public portion with a dot behind it, or be that of a tenant token.
fn guard_token(haystack: &[u8], needle: usize, edges: Edges) -> Option<Anchor> {
    let walked = guard_prefix(haystack, needle, edges)?;
    let Some((prefix, rest)) = haystack[needle..].split_at_checked(PREFIX_LEN + 1) else {
        return Some(walked);
    };
    // The secret of a tenant token begins here.
    if prefix[PREFIX_LEN] != b'.' || prefix[3..PREFIX_LEN].eq_ignore_ascii_case(b"a02") {
        return Some(walked);
    }
    let id = BASE32_CLASS.run_end(rest, 0);
    let goes_on = rest.get(id).is_some_and(|&byte| WORD_CLASS.contains(byte));
    let len = if goes_on {
        WORD_CLASS.run_end(rest, id)
    } else {
        id
    };
    match rest.get(len) {
        Some(b'.') if len > 0 => (),
        Some(b'%' | b'\\') => return Some(walked),
        None if edges == Edges::Cut => return Some(walked),
        // An identifier alone. A prefix within it has no dot behind it.
        Some(_) | None => return None,
    }
    // Only the prefix of a token can have the dot behind it; and one of the rules is only
    // about tokens in lower case.
    let last = rest[..len].last_chunk::<PREFIX_LEN>();
    if last.is_some_and(|last| begins_prefix(last)) || !prefix.starts_with(b"dt") {
        return Some(walked);
    }
    let sample = match len {
        8 if len == id => 1,
        24 if len == id => 2,
        _ => 0,
    };
    Some(Anchor {
        leap: Some(Landing {
            at: needle + PREFIX_LEN + 1 + len + 1,
            sample,
        }),
        ..walked
    })
}

/// `tok` must have one of the key's words in front, and `en` behind.
fn guard_key(haystack: &[u8], needle: usize, edges: Edges) -> Option<Anchor> {
    const LEN: usize = KEY_LEAD + TOKEN.len();
    let seen = needle.checked_sub(KEY_LEAD).map(|start| &haystack[start..]);
    let all;
    let key: &[u8; LEN] = match (seen.and_then(|seen| seen.first_chunk()), edges) {
        (Some(key), _) => key,
        (None, Edges::Cut) => return Some(Anchor::behind(KEY_LEAD)),
        (None, Edges::Whole) => {
            let before = &haystack[needle.saturating_sub(KEY_LEAD)..needle];
            all = padded([&[0; KEY_LEAD][before.len()..], before, &haystack[needle..]]);
            &all
        }
    };
    let [before @ .., _, _, _, e, n] = *key;
    let separator = before[KEY_LEAD - 1];
    let separated = SEPARATORS[usize::from(separator)];
    let word = folded(before) << (8 * u32::from(separated));
    if ([e | 0x20, n | 0x20] != *b"en") | !may_end_key_word(word) {
        return None;
    }
    anchor_key(
        haystack,
        needle,
        edges,
        word,
        separated.then_some(separator),
    )
}

/// As many bytes of these texts as there is room for, and zeros, which no expression knows,
/// behind them.
fn padded<const LEN: usize>(texts: [&[u8]; 3]) -> [u8; LEN] {
    let mut padded = [0; LEN];
    let bytes = texts.into_iter().flatten();
    padded
        .iter_mut()
        .zip(bytes)
        .for_each(|(to, byte)| *to = *byte);
    padded
}

/// The anchor of a key with this word in front of its `token`, and this separator.
fn anchor_key(
    haystack: &[u8],
    needle: usize,
    edges: Edges,
    word: u64,
    separator: Option<u8>,
) -> Option<Anchor> {
    let word = KEY_WORDS.into_iter().find(|of_key| of_key.ends(word))?;
    let end = needle + TOKEN.len();
    if is_prose(&haystack[end..], edges) {
        return None;
    }
    Some(Anchor {
        lead: word.len + usize::from(separator.is_some()),
        leap: Some(Landing {
            at: end,
            sample: usize::from(matches!(separator, Some(b'.' | b' '))),
        }),
    })
}

/// Whether the next word in what stands behind a key is one that no expression goes on with
/// and that is too short to be secret, so that whatever is said of the key is no secret.
fn is_prose(rest: &[u8], edges: Edges) -> bool {
    const LEN: usize = 32;
    let all;
    let text: &[u8; LEN] = match (rest.first_chunk(), edges) {
        (Some(text), _) => text,
        (None, Edges::Cut) => return false,
        (None, Edges::Whole) => {
            all = padded([rest, &[], &[]]);
            &all
        }
    };
    let (near, far) = (&text.as_chunks().0[0], &text.as_chunks().0[1]);
    let word = u64::from(WORD_CLASS.members(near)) | u64::from(WORD_CLASS.members(far)) << 16;
    let gap = word.trailing_zeros() as usize;
    if gap >= near.len() {
        // Without a word there is nothing that could be secret.
        return word == 0 && rest.len() < LEN;
    }
    let len = (word >> gap).trailing_ones();
    let special = PROSE.special.members(near) & !(u16::MAX << gap);
    (len < CONTEXT_MIN) & (special == 0) & PROSE.initial.contains(near[gap])
}

/// What prose behind a key is known by.
struct Prose {
    /// What else than a word begins something that expressions go on with.
    special: ByteClass,
    /// What a word begins with that they do not go on with. Others are `b"`,
    /// `Optional[`, `Some(` and `value`.
    initial: ByteClass,
}

static PROSE: LazyLock<Prose> = LazyLock::new(|| Prose {
    special: class(r"[%\\&\x1b]"),
    initial: class("[A-Za-z--BbOoSsVv]"),
});

/// All characters of the prefix must be there, of which the needle has `LEAD` in front.
fn guard_base64<const ALIGNMENT: usize, const LEAD: usize>(
    haystack: &[u8],
    needle: usize,
    _: Edges,
) -> Option<Anchor> {
    let classes = &BASE64_PREFIXES[ALIGNMENT];
    let (classes, start) = match needle.checked_sub(LEAD) {
        Some(start) => (&classes[..], start),
        None => (&classes[LEAD..], needle),
    };
    let mut characters = classes.iter().zip(&haystack[start..]);
    characters
        .all(|(class, &character)| class.contains(character))
        .then_some(Anchor::behind(LEAD))
}

/// The characters of the base64 of `dt0` letter digit digit `.` that starts at byte 0, 1
/// or 2 of a group of three.
static BASE64_PREFIXES: LazyLock<[Vec<ByteClass>; 3]> = LazyLock::new(|| {
    [0, 1, 2].map(|alignment| base64_classes(alignment).map(|c| class(&c)).collect())
});

/// The expression for such a prefix.
fn base64_prefix(alignment: usize) -> String {
    base64_classes(alignment).collect()
}

/// For each character that holds at least one bit of the prefix, also those shared with
/// a neighbour, the class of all values it can take.
fn base64_classes(alignment: usize) -> impl Iterator<Item = String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let any: Vec<u8> = (0..=255).collect();
    let digits: Vec<u8> = (b'0'..=b'9').collect();
    let letters: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').collect();
    let prefix = [
        vec![b'd'],
        vec![b't'],
        vec![b'0'],
        letters,
        digits.clone(),
        digits,
        vec![b'.'],
    ];
    let first_bit = alignment * 8;
    let last_bit = first_bit + prefix.len() * 8 - 1;
    let byte_at = move |index: usize| match index.checked_sub(alignment) {
        Some(index) if index < prefix.len() => prefix[index].clone(),
        _ => any.clone(),
    };
    (first_bit / 6..=last_bit / 6).map(move |character| {
        let bit = character * 6;
        let mut values = [false; 64];
        for high in byte_at(bit / 8) {
            for &low in &byte_at(bit / 8 + 1) {
                let pair = u16::from_be_bytes([high, low]);
                values[usize::from(pair >> (10 - bit % 8) & 0x3f)] = true;
            }
        }
        let held = (0..64).filter(|&value| values[value]);
        // The standard and the URL-safe alphabet differ in the last two values.
        let characters: String = held
            .map(|value| match value {
                62 => r"+\-".to_owned(),
                63 => "/_".to_owned(),
                value => char::from(ALPHABET[value]).to_string(),
            })
            .collect();
        format!("[{characters}]")
    })
}

#[cfg(test)]
mod tests;
