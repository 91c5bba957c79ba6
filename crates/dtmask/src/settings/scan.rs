//! What the flags of `dtmask scan` mean.

use anyhow::{Result, bail};

use super::{Job, join, without_mask};
use crate::flags::scan::ScanFlags;
use crate::flags::selection::Selection;
use crate::{report, scan};

/// Makes sense of `flags`, given those before the command.
///
/// # Errors
///
/// If there is none.
pub(super) fn resolve(before: Selection, flags: ScanFlags) -> Result<(Selection, Job)> {
    let mut selection = without_mask("scan", join(before, flags.selection)?)?;
    if !flags.strict {
        tokens_only(&mut selection);
    }
    for id in &flags.allow_id {
        if report::safe(id) != *id {
            bail!("--allow-id takes a token identifier, without the secret portion");
        }
    }
    let target = match flags.history {
        Some(range) => scan::Target::History(range, flags.paths),
        None if flags.staged => scan::Target::Staged(flags.paths),
        None => scan::Target::Files(flags.paths),
    };
    let options = scan::Options {
        target,
        scope: scan::Scope {
            binary: flags.binary,
            cut_off: flags.strict,
        },
        walk: scan::Walk {
            hidden: flags.hidden,
            no_ignore: flags.no_ignore,
            follow: flags.follow,
            threads: flags.threads.map(usize::from),
        },
        format: flags.format,
        allowed: flags.allow_id,
        baseline: flags.baseline,
        write_baseline: flags.write_baseline,
    };
    Ok((selection, Job::Scan(options)))
}

/// Turns off the rules that find more than tokens and were not asked for by name.
fn tokens_only(selection: &mut Selection) {
    let others = dtmask_core::builtin_rules().filter(|rule| rule.complete_at().is_none());
    let names = others.map(|rule| rule.name().to_owned());
    let not_asked_for = names.filter(|name| !selection.with.contains(name));
    selection.without.extend(not_asked_for);
}
