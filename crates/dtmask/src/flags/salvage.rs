//! What can be made of a command line that is wrong somewhere.

use std::ffi::OsString;

use super::config::ConfigFlags;
use super::known::Known;

/// Where the known values of a command line would have come from: what is said about its
/// fault must not show them.
pub(crate) fn salvage(words: impl Iterator<Item = OsString>) -> (Known, ConfigFlags) {
    let (mut known, mut config) = (Known::default(), ConfigFlags::default());
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
            "--config" => config.config = Some(value.into()),
            _ => {}
        }
    }
    (known, config)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::{Path, PathBuf};

    use super::salvage;

    #[test]
    fn sources_are_found_in_any_place_and_order() {
        let words = "rules --bogus --known-env A --known-env=B --known-file=c --x --known-dir d \
                     --config e --no-config --known-env";
        let (known, config) = salvage(words.split(' ').map(OsString::from));
        assert_eq!(known.known_env, ["A", "B"]);
        assert_eq!(known.known_file, [PathBuf::from("c")]);
        assert_eq!(known.known_dir, [PathBuf::from("d")]);
        assert_eq!(config.config.as_deref(), Some(Path::new("e")));
        assert!(config.no_config);
    }
}
