//! Inputs to repeat: what logs look like, and what makes a redactor slow.

use dtmask_test::placeholder::expand;

/// Input without a secret: lines as logs have them, some of which say `token`, and
/// identifiers, which are no secrets.
pub(crate) const CLEAN: &str = "\
2024-05-04T10:11:12.123Z INFO  [main] c.e.shop.Cart - added 3 items to cart 77f1, total 12.30 EUR\n\
10.0.0.1 - - [04/May/2024:10:11:12 +0000] \"GET /api/v2/metrics?from=now-2h HTTP/1.1\" 200 5123\n\
{\"level\":\"warn\",\"msg\":\"the Api-Token expired\",\"scopes\":[\"metrics.read\",\"InstallerDownload\"]}\n\
token refresh: tenant token accepted, api token of dt0c01.{P24} is valid until noon\n\
client_id=dt0s02.{P8} dt.auth.origin=dt0c01.{P24} ${DT_API_TOKEN} {{ .Values.apiToken }}\n";

/// A line with a secret of every kind.
pub(crate) const DENSE: &str = "\
Authorization: Api-Token dt0c01.{P24}.{S64} dt0s16.{P8}.{S64}\n\
dt0a01.{ENV}.{HEX64} latest/dt0a02.{A24} ?api-token={L21}& tenantToken: {T16}\n\
{b64:dt0c01.{P24}.{S64}} dt0c01.{P24}.{first40:{S64}}\n  {after40:{S64}} \
{wrap64:{b64:dt0s16.{P8}.{S64}}}\n";

/// What is hard on a redactor, repeated.
pub(crate) const ADVERSARIAL: [&str; 22] = [
    "d",
    "dt0",
    "dt0c01.",
    "dt0c01.a.",
    "dt0dt0c01.dt0c01.{P24}",
    "dt0c01.{P24}.{first63:{S64}}!",
    "dt0c01.a-b.{first15:{S64}}.",
    "dt0c01.a.aaaaaaaaaaaaaaaA",
    "dt0c01.{P24}.A\n",
    "{S64}",
    "tok",
    "token",
    "api token",
    "Api-Token ",
    "api-token=",
    "api-token=a.",
    "apiToken\"\"\"\"  ",
    "api-token=> \\\"'",
    "ZHQw",
    "R0MZHQwkdDB",
    "{b64:dt0c01.}{b64:dt0c01.}",
    "dt0c01.\x1b[0m\x1b[",
];

/// `pattern` with its placeholders expanded, repeated to `len` bytes.
pub(crate) fn repeated(pattern: &str, len: usize) -> Vec<u8> {
    expand(pattern).into_iter().cycle().take(len).collect()
}

/// Clean lines with a secret in one of a hundred.
pub(crate) fn sparse(len: usize) -> Vec<u8> {
    let lines = CLEAN.repeat(20) + DENSE;
    repeated(&lines, len)
}

/// A prefix and a public portion, and then one run of `len` bytes.
pub(crate) fn long_run(len: usize) -> Vec<u8> {
    let mut input = expand("dt0c01.{P24}.");
    input.resize(len.max(input.len()), b'A');
    input
}

/// Too many sets of places for the table of a rule such as `a.{1,200}b`: each gap between
/// two `a`s makes its own.
pub(crate) fn gaps(len: usize) -> Vec<u8> {
    let mut seed = 1u32;
    std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b"aabcdefgh."[(seed >> 24) as usize % 10]
    })
    .take(len)
    .collect()
}
