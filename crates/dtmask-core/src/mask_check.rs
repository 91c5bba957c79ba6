//! Whether a mask can be told from a secret.

use crate::automaton::Threads;
use crate::engine::{Engine, Family, Group};
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
    let name_of = |group: &Group| engine.rules[group.rule].name();
    // The tests do this for the default mask.
    if *mask != Mask::default()
        && let Some(group) = engine
            .families()
            .filter(is_builtin)
            .find_map(|family| fooled(family, sample))
    {
        let rule = name_of(group);
        return Err(Error::new(
            ErrorKind::Mask,
            format!(
                "the mask `{}` could become part of a secret (rule `{rule}`); \
                 `*`, `~` or a text such as `[REDACTED]` can not",
                String::from_utf8_lossy(sample)
            ),
        ));
    }
    let group = engine
        .families()
        .filter(|family| !is_builtin(family))
        .find_map(|family| fooled(family, sample));
    let what = match group {
        Some(group) => format!("rule `{}` can take the mask for a secret", name_of(group)),
        None if known::collides(known, sample, mask.fill_byte().is_some()) => {
            "the mask and its neighbours can make a known value".to_owned()
        }
        None => return Ok(None),
    };
    Ok(Some(format!("{what}: masking twice may mask more")))
}

/// Whose run could go on into the mask, or who has an expression that, wherever in a match
/// the mask begins, ends in the mask with a run that could be secret, or goes on behind it.
fn fooled<'f>(family: &'f Family, mask: &[u8]) -> Option<&'f Group> {
    let groups = &family.groups;
    let goes_on = |group: &&Group| group.class.contains(mask[0]);
    if let Some(group) = groups.iter().find(goes_on) {
        return Some(group);
    }
    let nfa = family.nfa();
    let mut states = nfa.reachable(&nfa.start).states;
    let mut next = Threads::default();
    for (index, &byte) in mask.iter().enumerate() {
        next.clear();
        for &state in states.iter().chain(&nfa.start) {
            nfa.step(state, byte, &mut next);
        }
        let end = index + 1;
        let could_be_secret = |(index, group): &(usize, &Group)| {
            let run_end = group.class.run_end(mask, end);
            next.ends >> index & 1 == 1
                && (run_end == mask.len() || (run_end - end) as u64 >= group.min)
        };
        if let Some((_, group)) = groups.iter().enumerate().find(could_be_secret) {
            return Some(group);
        }
        states.clone_from(&next.states);
    }
    // Every state leads to the end of some expression.
    groups.get(nfa.reachable(&states).ends.trailing_zeros() as usize)
}
