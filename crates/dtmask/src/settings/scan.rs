//! What the flags of `dtmask scan` mean.

use anyhow::{Context, Result, bail};

use super::{Job, Settings, join};
use crate::config::Config;
use crate::flags::mask::MaskFlags;
use crate::flags::scan::ScanFlags;
use crate::flags::selection::Selection;
use crate::{report, scan, selection};

/// Makes sense of `flags`, given those before the command. What they do not say, a rule
/// file may, also one that nobody named.
///
/// # Errors
///
/// If there is none.
pub(super) fn resolve(before: Selection, flags: ScanFlags) -> Result<Settings> {
    let mut selection = join(before, flags.selection);
    let folder = std::env::current_dir().context("cannot find the current folder")?;
    let config = Config::named_or_found(&selection.config, &folder)?.without_mask();
    let table = config.scan();

    let strict = flags.strict || table.strict;
    if !strict {
        tokens_only(&mut selection, &config);
    }
    let mut allowed = flags.allow_id;
    if allowed.iter().any(|id| holds_secret(id)) {
        bail!("--allow-id {ONLY_ID}");
    }
    for (id, place) in config.allowed() {
        if holds_secret(id) {
            bail!("{place}: allow-id {ONLY_ID}");
        }
        allowed.push(id.to_owned());
    }
    let target = match flags.history {
        Some(range) => scan::Target::History(range, flags.paths),
        None if flags.staged => scan::Target::Staged(flags.paths),
        None => scan::Target::Files(flags.paths),
    };
    // What is about to be written need not be there yet.
    let configured = config.baseline().filter(|_| flags.write_baseline.is_none());
    let options = scan::Options {
        target,
        scope: scan::Scope {
            binary: flags.binary || table.binary,
            cut_off: strict,
        },
        walk: scan::Walk {
            hidden: flags.hidden || table.hidden,
            no_ignore: flags.no_ignore || table.no_ignore,
            follow: flags.follow,
            threads: flags.threads.map(usize::from),
        },
        format: flags.format,
        allowed,
        baseline: flags.baseline.or(configured),
        write_baseline: flags.write_baseline,
    };
    let redactor = selection::redactor(selection, &MaskFlags::default(), &config)?;
    selection::warn_if_idle(&redactor);
    config.tell_if_above(&folder);
    let job = Job::Scan(options);
    Ok(Settings { redactor, job })
}

const ONLY_ID: &str = "takes a token identifier, without the secret portion";

fn holds_secret(id: &str) -> bool {
    report::safe(id) != id
}

/// Turns off the rules that find more than tokens and were not asked for by name.
fn tokens_only(selection: &mut Selection, config: &Config) {
    let others = dtmask_core::builtin_rules().filter(|rule| rule.complete_at().is_none());
    let asked_for = |name: &str| {
        let typed = selection.with.iter().any(|with| with == name);
        typed || config.with().any(|with| with == name)
    };
    let not_asked_for: Vec<String> = others
        .map(|rule| rule.name().to_owned())
        .filter(|name| !asked_for(name))
        .collect();
    selection.without.extend(not_asked_for);
}
