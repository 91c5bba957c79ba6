//! Where secrets stand in events: each of the ways a program has of logging one.

use std::error::Error;
use std::fmt;

use dtmask_test::samples::{self, L21, S64, T16};

/// Every secret that [`log_all`] logs.
pub(crate) fn secrets() -> [&'static str; 3] {
    [S64, L21, T16]
}

/// How many events [`log_all`] logs.
pub(crate) const EVENTS: usize = 14;

/// What is read from a file and printed when something goes wrong.
#[derive(Debug)]
#[expect(dead_code, reason = "only printed")]
struct Config {
    url: &'static str,
    api_token: &'static str,
    headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
struct Failed {
    what: String,
    source: Option<Box<Failed>>,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// An error whose sources tell more and more.
fn failed() -> Failed {
    let link = |what: String, source: Option<Failed>| Failed {
        what,
        source: source.map(Box::new),
    };
    let third = format!(r#"invalid header field value "Api-Token {L21}\n""#);
    let second = format!(
        "GET /api/v2/tokens?api-token={}: {}",
        samples::api_token(),
        401
    );
    link(
        "could not send".to_owned(),
        Some(link(second, Some(link(third, None)))),
    )
}

/// Logs a secret in every place that an event has.
pub(crate) fn log_all() {
    let token = samples::api_token();
    let platform = samples::platform_token();
    let config = Config {
        url: "https://abc12345.live.dynatrace.com",
        api_token: L21,
        headers: vec![("Authorization", format!("Bearer {platform}"))],
    };

    tracing::info!("started with {token}");
    tracing::info!(authorization = %format_args!("Api-Token {token}"), "a displayed field");
    tracing::warn!(?config, "a debugged field");
    tracing::warn!(config = format!("{config:#?}"), "a pretty one");
    tracing::error!(error = &failed() as &dyn Error, "an error with its sources");
    tracing::error!(error = ?failed(), "the same debugged");

    // The name of the field alone tells what its value is.
    tracing::info!(api_token = L21, "a legacy token");
    tracing::info!(api_token = %L21, "displayed");
    tracing::info!(api_token = ?Some(L21), "optional");
    tracing::debug!(tenantToken = T16);

    let span = tracing::info_span!("request", api_token = L21, late = tracing::field::Empty);
    span.in_scope(|| tracing::info!("in a span"));
    span.record("late", format_args!("Bearer {platform}"));
    span.in_scope(|| {
        tracing::info!("in a span that learned something");
        let inner = tracing::error_span!("inner", %token);
        inner.in_scope(|| tracing::trace!(parent: &inner, r"C:\temp\ {platform}{token}"));
    });
    tracing::info!("nothing to see here");
}
