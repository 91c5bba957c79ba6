//! Whether a mask can be told from a secret.

use crate::automaton::Threads;
use crate::engine::{Engine, Family};
use crate::error::{Error, ErrorKind};
use crate::known::{self, KnownValue};
use crate::mask::Mask;

/// Refuses a mask that masking could change, or that could make a secret of itself and
/// its neighbours, by any of the first `builtin_count` rules. For the other rules, and
/// for known values, it says so, once.
pub(crate) fn check(
    mask: &Mask,
    engine: &Engine,
    builtin_count: usize,
    known: &[KnownValue],
) -> Result<Option<String>, Error> {
    let sample = mask.sample();
    let is_builtin = |family: &&Family| family.groups.iter().all(|g| g.rule < builtin_count);
    // The tests do this for the default mask.
    if *mask != Mask::default()
        && let Some(family) = engine
            .families()
            .filter(is_builtin)
            .find(|family| !is_inert(family, sample))
    {
        let rule = engine.rules[family.groups[0].rule].name();
        return Err(Error::new(
            ErrorKind::Mask,
            format!(
                "the mask `{}` could become part of a secret (rule `{rule}` and those like it); \
                 `*`, `~` or a text such as `[REDACTED]` can not",
                String::from_utf8_lossy(sample)
            ),
        ));
    }
    let fooled = engine
        .families()
        .filter(|family| !is_builtin(family))
        .find(|family| !is_inert(family, sample));
    let what = match fooled {
        Some(family) => {
            let rule = engine.rules[family.groups[0].rule].name();
            format!("rule `{rule}` can take the mask for a secret")
        }
        None if known::collides(known, sample, mask.fill_byte().is_some()) => {
            "the mask and its neighbours can make a known value".to_owned()
        }
        None => return Ok(None),
    };
    Ok(Some(format!("{what}: masking twice may mask more")))
}

/// Whether no expression of the family, wherever in a match the mask begins, ends in the
/// mask with a run that could be secret, goes on behind it, or begins in it and does;
/// and no run goes on into the mask.
fn is_inert(family: &Family, mask: &[u8]) -> bool {
    if family
        .groups
        .iter()
        .any(|group| group.class.contains(mask[0]))
    {
        return false;
    }
    let nfa = family.nfa();
    let mut states = nfa.reachable(&nfa.start);
    let mut next = Threads::default();
    for (index, &byte) in mask.iter().enumerate() {
        next.clear();
        for &state in states.iter().chain(&nfa.start) {
            nfa.step(state, byte, &mut next);
        }
        let end = index + 1;
        let could_be_secret = family.groups.iter().enumerate().any(|(index, group)| {
            let run_end = group.class.run_end(mask, end);
            next.ends >> index & 1 == 1
                && (run_end == mask.len() || (run_end - end) as u64 >= group.min)
        });
        if could_be_secret {
            return false;
        }
        states.clone_from(&next.states);
    }
    states.is_empty()
}
