//! Lines that hold one token each, in the places where tokens are really seen.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::corpora::lines::put;
use crate::scene::Scene;
use crate::tokens;

/// A line with one token of the published form.
///
/// Both profiles mask the same bytes of it, so every engine can be held to the
/// same output.
pub(crate) fn record(scene: &mut Scene, out: &mut Vec<u8>) {
    scene.tick();
    let (at, service) = (scene.timestamp(), scene.service());
    let (address, order) = (scene.address(), scene.order());
    let token = tokens::published(&mut scene.rng);
    let rng = &mut scene.rng;
    let (count, took) = (rng.between(2, 900), rng.below(5000));
    match rng.below(9) {
        0 => put!(
            out,
            "{address} - - [{at}] \"GET /api/v1/deployment/installer/agent/unix/paas/latest?bitness=64&Api-Token={token} \
             HTTP/1.1\" 200 {took}"
        ),
        1 => put!(
            out,
            "+ curl -fsSL -H 'Authorization: Api-Token {token}' https://abc12345.live.example.com/api/v2/logs"
        ),
        2 => put!(
            out,
            "{at} ERROR exporter: Get \"https://abc12345.live.example.com/api/v2/metrics\": net/http: invalid header field \
             value \"Api-Token {token}\\n\" for key Authorization"
        ),
        3 => put!(
            out,
            "time={at} level=debug msg=\"sending {count} metrics\" service={service} authorization=\"Api-Token {token}\""
        ),
        4 => put!(
            out,
            "{{\"log\":\"{at} DEBUG order {order} http.headers {{authorization=Api-Token {token}}}\\n\",\"stream\":\"stderr\"}}"
        ),
        5 => put!(
            out,
            "    apiToken: {token} # {service}, asked for by {order}"
        ),
        6 => put!(
            out,
            "{at} INFO  java -Ddynatrace.api.token={token} -Xmx{took}m -jar {service}.jar"
        ),
        7 => put!(
            out,
            "{at} \x1b[32mDEBUG\x1b[0m \x1b[3mtoken\x1b[0m=\x1b[36m{token}\x1b[0m took={took}ms"
        ),
        _ => put!(
            out,
            "OTEL_EXPORTER_OTLP_HEADERS=Authorization=Api-Token%20{token} SERVICE={service}"
        ),
    }
}

/// A line with one secret of any form that the default rules know.
pub(crate) fn form(scene: &mut Scene, out: &mut Vec<u8>) {
    scene.tick();
    let (at, service) = (scene.timestamp(), scene.service());
    let rng = &mut scene.rng;
    match rng.below(10) {
        0 => put!(
            out,
            "{at} DEBUG Authorization: Bearer {}",
            tokens::platform(rng)
        ),
        1 => put!(
            out,
            "{at} POST /sso/oauth2/token grant_type=client_credentials&client_secret={}&scope=metrics.read",
            tokens::platform(rng)
        ),
        2 => put!(
            out,
            "{at} env DT_CONNECTION_AUTH_TOKEN={} SERVICE={service}",
            tokens::connection(rng)
        ),
        3 => put!(
            out,
            "{at} oneagentctl --set-tenant-token={} --set-server=https://x",
            tokens::tenant(rng)
        ),
        4 => put!(
            out,
            "{at} GET https://abc12345.live.example.com/api/v1/x?api-token={}&a=1",
            tokens::legacy(rng)
        ),
        5 => put!(
            out,
            "{at} <add key=\"apiToken\" value=\"{}\"/>",
            tokens::legacy(rng)
        ),
        6 => put!(out, "apiToken: |\n  {}", tokens::legacy(rng)),
        7 => put!(
            out,
            "{at} secret/{service}: {}",
            STANDARD.encode(tokens::published(rng))
        ),
        8 => {
            let token = tokens::published(rng);
            let (front, back) = token.split_at(72);
            put!(out, "{at} {service}: {front}\n    {back}");
        }
        _ => put!(
            out,
            "{at} --paas-token {} --tenant abc12345",
            tokens::legacy(rng)
        ),
    }
}

/// A token of the published form and a newline.
pub(crate) fn bare(scene: &mut Scene, out: &mut Vec<u8>) {
    put!(out, "{}", tokens::published(&mut scene.rng));
}
