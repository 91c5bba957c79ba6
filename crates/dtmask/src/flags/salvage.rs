//! What can be made of a command line that is wrong somewhere.

use std::ffi::OsString;

use super::config::ConfigFlags;
use super::known::Known;

/// What a command line wanted hidden, or where that would have come from: what is said
/// about its fault must not show it.
#[derive(Debug, Default)]
pub(crate) struct Salvage {
    pub(crate) known: Known,
    pub(crate) config: ConfigFlags,
    pub(crate) hide_id: Vec<String>,
}

/// Looks through `words`, whatever else they say.
pub(crate) fn salvage(words: impl Iterator<Item = OsString>) -> Salvage {
    let mut salvage = Salvage::default();
    let Salvage {
        known,
        config,
        hide_id,
    } = &mut salvage;
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        if word == "--no-config" {
            config.no_config = true;
        }
        let Some(word) = word.to_str() else { continue };
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(OsString::from(value))),
            None => (word, words.peek().cloned()),
        };
        let Some(value) = value else { continue };
        match flag {
            "--known-env" => known.known_env.push(value),
            "--known-file" => known.known_file.push(value.into()),
            "--known-dir" => known.known_dir.push(value.into()),
            "--hide-id" => hide_id.extend(value.into_string()),
            "--config" => config.config = Some(value.into()),
            _ => {}
        }
    }
    salvage
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::{Path, PathBuf};

    use super::{Salvage, salvage};

    #[test]
    fn sources_are_found_in_any_place_and_order() {
        let words = "rules --bogus --known-env A --known-env=B --known-file=c --x --known-dir d \
                     --hide-id f --hide-id=g --config e --no-config --known-env";
        let Salvage {
            known,
            config,
            hide_id,
        } = salvage(words.split(' ').map(OsString::from));
        assert_eq!(known.known_env, ["A", "B"]);
        assert_eq!(known.known_file, [PathBuf::from("c")]);
        assert_eq!(known.known_dir, [PathBuf::from("d")]);
        assert_eq!(config.config.as_deref(), Some(Path::new("e")));
        assert!(config.no_config);
        assert_eq!(hide_id, ["f", "g"]);
    }
}
