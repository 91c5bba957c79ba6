//! The layer with the real loggers of the log crate.

mod capture;
mod cost;
mod key_values;
mod loggers;
mod nested;
mod records;
mod sink;
mod values;

use std::sync::LazyLock;

use dtmask_test::oracle::Oracle;
use log::{Level, Log, Record};

/// The judge of all outputs.
static ORACLE: LazyLock<Oracle> = LazyLock::new(Oracle::default_rules);

/// Logs like `info!` does, without the one logger of the process.
fn info(logger: &dyn Log, message: std::fmt::Arguments<'_>) {
    logger.log(
        &Record::builder()
            .level(Level::Info)
            .target("service")
            .module_path(Some("service"))
            .file(Some("src/service.rs"))
            .line(Some(7))
            .args(message)
            .build(),
    );
}
