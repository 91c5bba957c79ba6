//! Keeps Dynatrace secrets out of what the `fmt` layers of
//! [tracing-subscriber](tracing_subscriber) write: message, fields, spans, errors, `Debug`
//! output, JSON or text, coloured or not. **What passes by:** other layers
//! ([OpenTelemetry](#opentelemetry), [journald](#journald), [Sentry](#sentry)), which have
//! their own path and need redaction of their own; a `&[u8]` field, which is printed in
//! hexadecimal (`[64 74 30]`), by the JSON formatter in decimal (`[100,116,48]`) if it is
//! a span's, and in neither is a secret found (log `String::from_utf8_lossy(bytes)`
//! instead); a legacy token, which only its name gives away, where `Debug` sets it apart
//! from that: `ApiToken("…")`, a tuple or a `Some` in `{:#?}`, in JSON any tuple; and what
//! a panic prints, which is no event ([a hook](redact_panics) redacts it).
//!
//! One word where logging is set up:
//!
//! ```
//! use dtmask_tracing::RedactExt;
//!
//! tracing_subscriber::fmt().with_writer(std::io::stderr.redacted()).init();
//! ```
//!
//! An event with a secret then reads
//!
//! ```text
//! INFO request: Authorization="Api-Token dt0c01.FAKEPUBLICFAKEPUBLIC2345.****************************************************************"
//! ```
//!
//! # What is promised
//!
//! - The inner writer is called once for each event, so lines of many threads never mix.
//! - An event without a secret is handed on as it is. One of a `fmt` layer needs no
//!   allocation then if its thread has from earlier ones what it takes: a buffer as long
//!   as the event, kept up to 64 KiB, and for one that needs a closer look, or is longer
//!   than that, the state of its redactor.
//! - No state crosses events: what one ends with is not joined with what the next begins
//!   with. Half a secret at an event's end is masked if half of it is enough to know it.
//! - An event whose writing is cut off by a panic has its undecided bytes masked. (One
//!   whose formatting panics is not written, but tracing-subscriber 0.3 begins the next
//!   event of the thread with what it had of it, so the first characters of a secret may
//!   show there, up to 15 by default. Those of a token with a secret in upper case behind
//!   an identifier of 8 or 24 of `A-Z` and `0-9`, and those of a `dt0a02` token, never
//!   do; those of other tokens may, such as legacy ones or `dt0a01`, and what stands in
//!   base64 or behind a line break within a token.)
//! - An error of the inner writer is returned as it is, and nothing of the event is
//!   written afterwards.
//!
//! [`EventWriter`] tells what becomes of an event that is written in several pieces, and
//! [`Counters`] tell at run time how much was masked, and by which rules.
//!
//! # With other writers
//!
//! `redacted()` is there on every [`MakeWriter`]: closures, files, a `Mutex`, `Tee`,
//! [`BoxMakeWriter`]. Level filters belong outside, where they spare the redaction too:
//! `stderr.redacted().with_max_level(Level::INFO)`. Under `and`, redact the whole:
//! `stderr.and(file).redacted()`.
//!
//! **tracing-appender.** Redact before the queue, so that no secret enters it, each event
//! is redacted by itself, and what the queue drops was never printed either:
//!
//! ```
//! use dtmask_tracing::RedactExt;
//!
//! let logs = tempfile::tempdir()?;
//! let file = tracing_appender::rolling::daily(logs.path(), "service.log");
//! let (queue, guard) = tracing_appender::non_blocking(file);
//! let subscriber = tracing_subscriber::fmt().with_writer(queue.redacted()).finish();
//! # drop((subscriber, guard));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Behind the queue there is one stream of bytes and one thread. A [`RedactWriter`] there
//! takes the work off the threads that log, and keeps its state across events on purpose,
//! because the queue's bytes may be cut anywhere. Secrets are in memory longer, and
//! undecided bytes (at most 15 by default, never any behind a line break) wait for the
//! next event or for the guard to be dropped:
//!
//! ```
//! use dtmask_tracing::{RedactWriter, Redactor};
//!
//! let writer = RedactWriter::new(&Redactor::new(), std::io::stderr());
//! let (queue, guard) = tracing_appender::non_blocking(writer);
//! let subscriber = tracing_subscriber::fmt().with_writer(queue).finish();
//! # drop((subscriber, guard));
//! ```
//!
//! # Layers that need their own
//!
//! A field's name is often what gives a secret away, so redact name and value together.
//!
//! ## OpenTelemetry
//!
//! A layer such as tracing-opentelemetry makes spans of an SDK, and a `SpanExporter` sees
//! all of them last. Wrap the one you use:
//!
//! ```
//! use std::borrow::Cow;
//! use dtmask_tracing::Redactor;
//! use opentelemetry::{KeyValue, trace::Status};
//! use opentelemetry_sdk::{error::OTelSdkResult, trace::{SpanData, SpanExporter}};
//!
//! #[derive(Debug)]
//! struct RedactExporter<E>(E, Redactor);
//!
//! impl<E: SpanExporter> SpanExporter for RedactExporter<E> {
//!     async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
//!         for span in &mut batch {
//!             span.name = self.1.redact_str(&span.name).into_owned().into();
//!             redact(&self.1, &mut span.attributes);
//!             for event in &mut span.events.events {
//!                 event.name = self.1.redact_str(&event.name).into_owned().into();
//!                 redact(&self.1, &mut event.attributes);
//!             }
//!             for link in &mut span.links.links {
//!                 redact(&self.1, &mut link.attributes);
//!             }
//!             if let Status::Error { description } = &mut span.status {
//!                 *description = self.1.redact_str(description).into_owned().into();
//!             }
//!         }
//!         self.0.export(batch).await
//!     }
//! }
//!
//! fn redact(redactor: &Redactor, attributes: &mut [KeyValue]) {
//!     for KeyValue { key, value, .. } in attributes {
//!         let pair = format!("{key}={value}");
//!         if let Cow::Owned(pair) = redactor.redact_str(&pair) {
//!             // A mask may have taken the place of the `=`.
//!             let (redacted, rest) = pair.split_once('=').unwrap_or((&pair, ""));
//!             *key = redacted.to_owned().into();
//!             *value = rest.to_owned().into();
//!         }
//!     }
//! }
//! # use opentelemetry::trace::{Link, Span, Tracer, TracerProvider};
//! # use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
//! # let redactor = Redactor::builder().mask(dtmask_tracing::dtmask_core::Mask::text("~")?);
//! # let kept = InMemorySpanExporter::default();
//! # let exporter = RedactExporter(kept.clone(), redactor.build()?);
//! # let provider = SdkTracerProvider::builder().with_simple_exporter(exporter).build();
//! # let secret = "Api-Token FAKE_legacy-tok3n_abc";
//! # let attributes = || vec![
//! #     KeyValue::new("api_token", "FAKE_legacy-tok3n_abc"),
//! #     KeyValue::new("?api_token=FAKE_legacy-tok3n_abc&page", 1),
//! #     KeyValue::new("page", 2),
//! # ];
//! # let tracer = provider.tracer("recipe");
//! # let other = tracer.start("other").span_context().clone();
//! # let link = Link::new(other, attributes(), 0);
//! # let span = tracer.span_builder(secret).with_attributes(attributes());
//! # let mut span = tracer.build(span.with_links(vec![link]));
//! # span.add_event(secret, attributes());
//! # span.set_status(Status::error(secret));
//! # span.end();
//! # let [_, span] = kept.get_finished_spans()?.try_into().unwrap();
//! # let masked = [
//! #     KeyValue::new("api_token", "~"),
//! #     KeyValue::new("?api_token", "~&page=1"),
//! #     KeyValue::new("page", 2),
//! # ];
//! # assert_eq!(span.attributes, masked);
//! # assert_eq!(span.links[0].attributes, masked);
//! # assert_eq!(span.events[0].attributes, masked);
//! # assert_eq!([&span.name, &span.events[0].name], ["Api-Token ~"; 2]);
//! # assert_eq!(span.status, Status::error("Api-Token ~"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Forward `shutdown_with_timeout`, `force_flush` and `set_resource` too. Resource, scope
//! and trace state are left as they are. The same goes for a `LogExporter`.
//!
//! ## journald
//!
//! The layer of tracing-journald sends each field to its socket itself and has no place
//! to step in. Under systemd use a `fmt` layer instead: standard error is the journal.
//!
//! ```
//! use dtmask_tracing::RedactExt;
//!
//! let subscriber = tracing_subscriber::fmt()
//!     .without_time() // The journal has its own.
//!     .with_ansi(false)
//!     .with_writer(std::io::stderr.redacted())
//!     .finish();
//! # drop(subscriber);
//! ```
//!
//! ## Sentry
//!
//! An event passes `before_send` last, whatever layer or integration it came from. As
//! JSON it can be redacted as a whole; one that does not survive that is not sent. Logs
//! and metrics pass `before_send_log` and `before_send_metric` in the same way:
//!
//! ```
//! use std::sync::Arc;
//! use dtmask_tracing::Redactor;
//! use sentry_core::ClientOptions; // `sentry::ClientOptions` is the same.
//!
//! let redactor = Redactor::new();
//! let options = ClientOptions {
//!     before_send: Some(Arc::new(move |event| {
//!         let json = serde_json::to_string(&event).ok()?;
//!         serde_json::from_str(&redactor.redact_str(&json)).ok()
//!     })),
//!     ..ClientOptions::default()
//! };
//! # let mut event = sentry_core::protocol::Event::new();
//! # event.message = Some("Api-Token FAKE_legacy-tok3n_abc".to_owned());
//! # let event = options.before_send.as_ref().unwrap()(event).unwrap();
//! # assert_eq!(event.message.unwrap(), "Api-Token *********************");
//! ```
//!
//! Transactions, which the spans of sentry-tracing become, and attachments pass none of
//! them (sentry-core 0.48). Let a `traces_sampler` return 0 for the former (at a
//! `traces_sample_rate` of 0 one whose parent was sampled is still sent), or wrap the
//! `Transport`, which gets every envelope, and redact there.
//!
//! [`BoxMakeWriter`]: tracing_subscriber::fmt::writer::BoxMakeWriter
//! [`MakeWriter`]: tracing_subscriber::fmt::MakeWriter

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod counters;
mod event;
mod make_writer;
mod panic_hook;
mod redaction;

pub use dtmask_core::{self, RedactWriter, Redactor};

pub use crate::counters::Counters;
pub use crate::event::EventWriter;
pub use crate::make_writer::{RedactExt, RedactMakeWriter};
pub use crate::panic_hook::{panic_hook, redact_panics};
