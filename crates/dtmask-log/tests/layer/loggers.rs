//! The real loggers, wrapped.

use std::fs;
use std::path::Path;
use std::thread;

use dtmask_log::RedactLog;
use dtmask_test::hostile::RecordingWriter;
use dtmask_test::samples::{self, L21, S64};
use log::{Level, LevelFilter, Log, Record};

use crate::info;

/// Logs a secret in every part of a record.
fn log_all(logger: &dyn Log) {
    let token = samples::api_token();
    let pairs = [("authorization", token.as_str()), ("api_token", L21)];
    let log = |target: &str, message: std::fmt::Arguments<'_>| {
        let mut builder = Record::builder();
        builder.level(Level::Error).module_path(Some("service"));
        builder.target(target).key_values(&pairs);
        logger.log(&builder.args(message).build());
    };
    for target in ["service", token.as_str()] {
        log(target, format_args!("Bearer {token}"));
        log(target, format_args!("all is well"));
    }
    logger.flush();
}

/// The text has `messages` masked tokens and no whole one.
fn check(text: &str, messages: usize) {
    let masked = format!("Bearer {}", samples::masked(&samples::api_token()));
    assert_eq!(text.matches(&masked).count(), messages, "{text}");
    assert_eq!(text.matches("all is well").count(), messages, "{text}");
    for secret in [S64, L21] {
        assert!(!text.contains(secret), "{text}");
    }
}

fn text(record: &RecordingWriter) -> String {
    String::from_utf8(record.bytes()).unwrap()
}

fn content(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn env_logger_() {
    for style in [
        env_logger::WriteStyle::Never,
        env_logger::WriteStyle::Always,
    ] {
        let record = RecordingWriter::new();
        let logger = env_logger::Builder::new()
            .filter_level(LevelFilter::Info)
            .write_style(style)
            .target(env_logger::Target::Pipe(Box::new(record.clone())))
            .build();
        log_all(&RedactLog::new(logger));
        // One write for each record: the wrapper adds none.
        assert_eq!(record.writes().len(), 4);
        check(&text(&record), 2);
        let masked = format!("={}\n", "*".repeat(L21.len()));
        assert_eq!(
            text(&record).matches(&masked).count(),
            4,
            "{}",
            text(&record)
        );
    }
}

/// env_logger, wrapped, that prints plain lines.
pub(crate) fn plain_env_logger(record: &RecordingWriter) -> RedactLog<env_logger::Logger> {
    let logger = env_logger::Builder::new()
        .filter_level(LevelFilter::Info)
        .format_timestamp(None)
        .target(env_logger::Target::Pipe(Box::new(record.clone())))
        .build();
    RedactLog::new(logger)
}

#[test]
fn env_logger_prints_a_record_of_a_mebibyte() {
    let record = RecordingWriter::new();
    let logger = plain_env_logger(&record);
    let token = samples::api_token();
    let filler = "all is well. ".repeat(45_000);
    info(&logger, format_args!("{filler}{token}{filler}{token}"));
    let masked = samples::masked(&token);
    let line = format!("[INFO  service] {filler}{masked}{filler}{masked}\n");
    let [write] = record.writes().try_into().unwrap();
    assert!(write.len() > 1 << 20);
    assert!(write == line.into_bytes());
}

#[test]
fn env_logger_does_not_join_half_a_secret_with_the_next_record() {
    let record = RecordingWriter::new();
    let logger = plain_env_logger(&record);
    let token = samples::api_token();
    let (half, rest) = token.split_at(token.len() - 32);
    info(&logger, format_args!("Bearer {half}"));
    info(&logger, format_args!("{rest} {token}"));
    let (legacy, of_it) = L21.split_at(8);
    info(&logger, format_args!("api_token={legacy}"));
    info(&logger, format_args!("{of_it}"));
    let masked = samples::masked(&token);
    let lines = [
        // Half a token is masked as far as it goes.
        format!("[INFO  service] Bearer {}\n", &masked[..half.len()]),
        format!("[INFO  service] {rest} {masked}\n"),
        format!("[INFO  service] api_token={legacy}\n"),
        format!("[INFO  service] {of_it}\n"),
    ];
    assert_eq!(record.writes(), lines.map(String::into_bytes));
}

#[test]
fn eight_threads_write_each_record_once_and_whole() {
    const RECORDS: usize = 10_000;
    let record = RecordingWriter::new();
    let logger = plain_env_logger(&record);
    let token = samples::api_token();
    thread::scope(|scope| {
        for number in 0..8 {
            let (logger, token) = (&logger, &token);
            scope.spawn(move || {
                for count in 0..RECORDS {
                    info(logger, format_args!("{number} sent {count} {token}"));
                }
            });
        }
    });
    let masked = samples::masked(&token);
    let mut next = [0; 8];
    for write in record.writes() {
        let line = String::from_utf8(write).unwrap();
        let (_, number) = line.split_once("service] ").expect("every record has it");
        let number: usize = number[..1].parse().unwrap();
        let count = next[number];
        next[number] += 1;
        assert_eq!(
            line,
            format!("[INFO  service] {number} sent {count} {masked}\n")
        );
    }
    assert_eq!(next, [RECORDS; 8]);
}

#[test]
fn fern_() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("service.log");
    let format =
        |out: fern::FormatCallback<'_>, message: &std::fmt::Arguments<'_>, record: &Record<'_>| {
            out.finish(format_args!(
                "{} [{}] {message}",
                record.level(),
                record.target()
            ));
        };
    let (level, logger) = fern::Dispatch::new()
        .format(format)
        .level(LevelFilter::Info)
        .chain(fern::log_file(&path).unwrap())
        .into_log();
    assert_eq!(level, LevelFilter::Info);
    log_all(&RedactLog::new(logger));
    check(&content(&path), 2);
}

#[test]
fn flexi_logger_() {
    for format in [flexi_logger::detailed_format, flexi_logger::json_format] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("service.log");
        let logger = flexi_logger::Logger::try_with_str("info").unwrap();
        let file = flexi_logger::FileSpec::try_from(&path).unwrap();
        let (logger, handle) = logger.log_to_file(file).format(format).build().unwrap();
        log_all(&RedactLog::new(logger));
        drop(handle);
        check(&content(&path), 2);
    }
}

/// The handle has to be kept: what it does at its end has to come after the last record.
#[test]
fn flexi_logger_writes_what_it_gathered_when_its_handle_goes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("service.log");
    let logger = flexi_logger::Logger::try_with_str("info").unwrap();
    let logger = logger
        .log_to_file(flexi_logger::FileSpec::try_from(&path).unwrap())
        .write_mode(flexi_logger::WriteMode::BufferDontFlush);
    let (logger, handle) = logger.build().unwrap();
    // As the logger of a process, it is never dropped.
    let logger = RedactLog::new(logger);
    let token = samples::api_token();
    info(&logger, format_args!("Bearer {token}"));
    assert_eq!(content(&path), "");
    drop(handle);
    let line = format!("Bearer {}\n", samples::masked(&token));
    assert!(content(&path).ends_with(&line), "{}", content(&path));
}

#[test]
fn log4rs_() {
    use log4rs::append::file::FileAppender;
    use log4rs::config::{Appender, Config, Root};
    use log4rs::encode::Encode;
    use log4rs::encode::json::JsonEncoder;
    use log4rs::encode::pattern::PatternEncoder;

    let pattern = "{l} {t} {m} {K(authorization)} {K(api_token)}{n}";
    let encoders: [Box<dyn Encode>; 2] = [
        Box::new(PatternEncoder::new(pattern)),
        Box::new(JsonEncoder::new()),
    ];
    for encoder in encoders {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("service.log");
        let file = FileAppender::builder()
            .encoder(encoder)
            .build(&path)
            .unwrap();
        let config = Config::builder()
            .appender(Appender::builder().build("file", Box::new(file)))
            .build(Root::builder().appender("file").build(LevelFilter::Info))
            .unwrap();
        log_all(&RedactLog::new(log4rs::Logger::new(config)));
        check(&content(&path), 2);
    }
}

#[test]
fn simplelog_() {
    use simplelog::{CombinedLogger, ConfigBuilder, WriteLogger};

    let record = RecordingWriter::new();
    let config = ConfigBuilder::new()
        .set_target_level(LevelFilter::Error)
        .build();
    let one = |config| WriteLogger::new(LevelFilter::Info, config, record.clone());
    log_all(&RedactLog::new(one(config.clone())));
    check(&text(&record), 2);
    log_all(&RedactLog::new(CombinedLogger::new(vec![
        one(config.clone()),
        one(config),
    ])));
    check(&text(&record), 6);
}
