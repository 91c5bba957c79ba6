//! A file of findings that are known: what is in it is not reported.
//!
//! It holds no secrets, but the first bytes of their hashes, so that another secret in
//! the place of a known one is reported.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::finding::{Finding, Fingerprint};
use crate::sink::Sink;

/// The version of the file's form.
const VERSION: u32 = 1;

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Baseline {
    version: u32,
    findings: BTreeSet<Fingerprint>,
}

/// The known findings in the file at `path`.
///
/// # Errors
///
/// If it cannot be read, or is no baseline.
pub(super) fn read(path: &Path) -> Result<BTreeSet<Fingerprint>> {
    let name = path.display();
    let text = fs::read(path).with_context(|| {
        format!("cannot read the baseline {name} (--write-baseline {name} makes one)")
    })?;
    let baseline: Baseline =
        serde_json::from_slice(&text).with_context(|| format!("{name} is no baseline"))?;
    if baseline.version != VERSION {
        bail!(
            "{name} is a baseline of version {}, this program knows version {VERSION} (--write-baseline {name} makes a new one)",
            baseline.version
        );
    }
    Ok(baseline.findings)
}

/// Makes `findings` the known ones, in the file at `path`, and returns how many differ.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn write(path: &Path, findings: &[Finding]) -> Result<usize> {
    let baseline = Baseline {
        version: VERSION,
        findings: findings.iter().map(Finding::fingerprint).collect(),
    };
    put(path, &baseline)
        .with_context(|| format!("cannot write the baseline {}", path.display()))?;
    Ok(baseline.findings.len())
}

/// Who reads the old one at the same time reads all of it.
fn put(path: &Path, baseline: &Baseline) -> Result<()> {
    let mut text = serde_json::to_vec_pretty(baseline)?;
    text.push(b'\n');
    let mut sink = Sink::plain(path)?;
    sink.write_all(&text)?;
    sink.finish()?;
    Ok(())
}
