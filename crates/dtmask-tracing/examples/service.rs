//! A service that logs more than it should: each request it answers makes one of its own,
//! and logs that with all headers, Authorization included.
//!
//! ```console
//! $ cargo run -p dtmask-tracing --example service             # asks itself once, then ends
//! $ cargo run -p dtmask-tracing --example service -- 8080     # serves until it is stopped
//! $ curl localhost:8080/metrics
//! ```
//!
//! The log is on standard error, as JSON. What stands in for the Dynatrace API answers
//! with the length of the token that it was sent: the requests themselves are unchanged.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use axum::routing::get;
use dtmask_tracing::{Counters, RedactExt};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What the service knows: where the API is, and its token.
#[derive(Clone)]
struct Service {
    api: SocketAddr,
    token: String,
    leaks: Counters,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    // The line this is about, and a look at how often it was needed.
    let writer = io::stderr.redacted();
    let leaks = writer.counters();
    tracing_subscriber::fmt().json().with_writer(writer).init();
    dtmask_tracing::redact_panics();

    let port = std::env::args()
        .nth(1)
        .map(|port| port.parse())
        .transpose()?;
    let listener = TcpListener::bind(("127.0.0.1", port.unwrap_or(0))).await?;
    let address = listener.local_addr()?;
    let service = Service {
        api: address,
        token: std::env::var("DT_API_TOKEN").unwrap_or_else(|_| made_up_token()),
        leaks,
    };
    tracing::info!(%address, "listening");
    let server = tokio::spawn(axum::serve(listener, router(service)).into_future());
    if port.is_some() {
        return Ok(server.await??);
    }
    println!("{}", ask(address, "/metrics", None).await?);
    print!("{}", ask(address, "/leaks", None).await?);
    Ok(())
}

fn router(service: Service) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/leaks", get(leaks))
        .route("/api/v2/metrics", get(api))
        .with_state(service)
}

/// Answers with what the API says.
async fn metrics(State(service): State<Service>) -> Result<String, StatusCode> {
    let answer = ask(service.api, "/api/v2/metrics", Some(&service.token)).await;
    answer.map_err(|error| {
        tracing::error!(error = &*error as &dyn std::error::Error, "no answer");
        StatusCode::BAD_GATEWAY
    })
}

/// How many secrets would have been logged, for whatever collects metrics.
async fn leaks(State(service): State<Service>) -> String {
    let leaks = service.leaks.by_rule().filter(|&(_, count)| count > 0);
    leaks
        .map(|(rule, count)| format!("masked_secrets{{rule=\"{rule}\"}} {count}\n"))
        .collect()
}

/// Stands in for the API.
async fn api(headers: HeaderMap) -> String {
    let sent = headers.get(AUTHORIZATION).map_or(0, HeaderValue::len);
    format!("the API got {sent} bytes of authorization")
}

/// Makes a request and logs it.
async fn ask(address: SocketAddr, path: &str, token: Option<&str>) -> Result<String, BoxError> {
    let mut request = Request::get(path).header(HOST, address.to_string());
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Api-Token {token}"));
    }
    let request = request.body(Empty::<Bytes>::new())?;
    tracing::info!(uri = %request.uri(), headers = ?request.headers(), "outgoing request");

    let stream = TokioIo::new(TcpStream::connect(address).await?);
    let (mut sender, connection) = http1::handshake(stream).await?;
    tokio::spawn(connection);
    let body = sender.send_request(request).await?.into_body();
    Ok(String::from_utf8(body.collect().await?.to_bytes().into())?)
}

/// A token that was never issued, assembled here because no file may hold a whole one.
fn made_up_token() -> String {
    ["dt0c01", &"FAKE".repeat(6), &"FAKEONLY".repeat(8)].join(".")
}
