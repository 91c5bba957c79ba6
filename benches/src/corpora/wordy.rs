//! Application logs that often speak of tokens and hold no secret.
//!
//! They are what a redactor meets in an authentication service: lines wake a
//! prefilter, and not one of them may change.

use crate::corpora::lines::{self, put};
use crate::scene::Scene;
use crate::tokens;

/// One line of such a log; every other one says nothing of tokens.
pub(crate) fn record(scene: &mut Scene, out: &mut Vec<u8>) {
    if scene.rng.one_in(2) {
        return lines::logfmt(scene, out);
    }
    speaking(scene, out);
}

/// One line that speaks of tokens.
pub(crate) fn speaking(scene: &mut Scene, out: &mut Vec<u8>) {
    scene.tick();
    let (at, service, path) = (scene.timestamp(), scene.service(), scene.path());
    let id = tokens::identifier(&mut scene.rng);
    let client = tokens::short_identifier(&mut scene.rng);
    let rng = &mut scene.rng;
    let (user, count, took) = (rng.below(100_000), rng.between(2, 900), rng.below(5000));
    match rng.below(22) {
        0 => put!(
            out,
            "{at} INFO  auth.session: access token expired for user {user}, refreshing"
        ),
        1 => put!(
            out,
            "{at} DEBUG nlp.tokenizer: tokenizer produced {count} tokens in {took} ms (vocab=bpe)"
        ),
        2 => put!(
            out,
            "{at} WARN  http.filter: Api-Token header missing from request GET {path}"
        ),
        3 => put!(
            out,
            "{at} INFO  auth.rotation: api token rotated, {count} tokens remain in use"
        ),
        4 => put!(
            out,
            "{at} INFO  config.loader: apiToken: *** paasToken: *** (both from the environment)"
        ),
        5 => put!(
            out,
            "{at} DEBUG rails.params: {{\"api_token\"=>\"[FILTERED]\", \"user\"=>{user}}}"
        ),
        6 => put!(
            out,
            "{at} INFO  oauth.client: token_type=bearer expires_in={took} scope=metrics.read"
        ),
        7 => put!(
            out,
            "{at} ERROR json.parser: Unexpected token }} in JSON at position {took} ({service})"
        ),
        8 => put!(
            out,
            "{at} WARN  csrf.guard: invalid CSRF token for session of user {user}, form rejected"
        ),
        9 => put!(
            out,
            "{at} INFO  llm.usage: max_tokens=4096 prompt_tokens={count} completion_tokens={took}"
        ),
        10 => put!(
            out,
            "{at} ERROR config.loader: DT_API_TOKEN is not set, exporter of {service} disabled"
        ),
        11 => put!(
            out,
            "{at} INFO  audit: API token {id} was used by user {user}"
        ),
        12 => put!(
            out,
            "{at} INFO  oauth.client: requesting an access token, client_id={client}"
        ),
        13 => put!(
            out,
            "{at} INFO  http.access: POST /oauth2/token 200 {took} ms"
        ),
        14 => put!(
            out,
            "{at} DEBUG http.dump: {{\"headers\":{{\"api-token\":\"<masked>\",\"accept\":\"*/*\"}}}}"
        ),
        15 => put!(
            out,
            "{at} DEBUG helm.render: apiToken: {{{{ .Values.apiToken }}}} -> api-token=${{DT_API_TOKEN}}"
        ),
        16 => put!(
            out,
            "{at} INFO  tokens.api: paas token \"installer\" of {service} has {count} scopes"
        ),
        17 => put!(
            out,
            "{at} WARN  oneagent.ctl: tenant token unchanged, ingest token not configured"
        ),
        18 => put!(
            out,
            "{at} DEBUG auth.cache: token cache hit rate {count}/1000, {took} tokens evicted"
        ),
        19 => put!(
            out,
            "{at} INFO  jwt.verify: token signature valid, kid={user} ({service})"
        ),
        20 => put!(
            out,
            "{at} ERROR auth.filter: Api-Token expired or revoked: dt0c01.*** (user {user})"
        ),
        _ => put!(
            out,
            "{at} DEBUG lexer: next token is Ident({service:?}) at line {count}, tokens left: {took}"
        ),
    }
}
