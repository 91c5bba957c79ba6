//! Both ways to redact what env_logger prints.
//!
//! ```console
//! $ cargo run -p dtmask-log --example env_logger           # in front of the logger
//! $ cargo run -p dtmask-log --example env_logger -- sink   # behind it
//! ```

use std::io;

use dtmask_log::{RedactLog, RedactWriter, Redactor};
use env_logger::{Builder, Env, Target};

fn main() -> Result<(), log::SetLoggerError> {
    let mut builder = Builder::from_env(Env::default().default_filter_or("info"));
    if std::env::args().nth(1).as_deref() == Some("sink") {
        let writer = RedactWriter::new(&Redactor::new(), io::stderr());
        builder.target(Target::Pipe(Box::new(writer))).try_init()?;
    } else {
        let logger = builder.build();
        let level = logger.filter();
        RedactLog::new(logger).install(level)?;
    }

    let token = std::env::var("DT_API_TOKEN").unwrap_or_else(|_| made_up_token());
    log::info!("POST /api/v2/logs/ingest Authorization: Api-Token {token}");
    log::warn!(status = 401, api_token = "FAKE_legacy-tok3n_abc"; "refused");
    if let Some((identifier, _)) = token.rsplit_once('.') {
        log::info!("the token identifier {identifier} stays readable");
    }
    Ok(())
}

/// A token that was never issued, assembled here because no file may hold a whole one.
fn made_up_token() -> String {
    ["dt0c01", &"FAKE".repeat(6), &"FAKEONLY".repeat(8)].join(".")
}
