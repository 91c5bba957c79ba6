//! Known values in environment variables.

use std::env;
use std::ffi::OsStr;

use anyhow::{Result, bail};

use super::{MIN, Values};

/// What the names of secrets end in, in any case. A glob takes no others: `*` must not
/// mask the name of the user's home.
const ENDINGS: [&str; 4] = ["TOKEN", "SECRET", "PASSWORD", "KEY"];

/// Adds the value of the variable `name`, or of all that fit it if it is a glob.
///
/// # Errors
///
/// If `name` is no glob and not set, or a value is too short or too long.
pub(super) fn read(values: &mut Values, name: &OsStr) -> Result<()> {
    if name
        .as_encoded_bytes()
        .iter()
        .any(|byte| b"*?".contains(byte))
    {
        return read_all(values, name);
    }
    let Some(value) = env::var_os(name) else {
        bail!("the environment variable {} is not set", name.display());
    };
    values.add(called(name), value.as_encoded_bytes())
}

fn read_all(values: &mut Values, glob: &OsStr) -> Result<()> {
    let fitting: Vec<_> = env::vars_os()
        .filter(|(name, _)| is_telling(name))
        .filter(|(name, _)| fits(glob.as_encoded_bytes(), name.as_encoded_bytes()))
        .collect();
    if fitting.is_empty() {
        values.warn(format!(
            "no environment variable fits {} and has a name that ends in {}",
            glob.display(),
            ENDINGS.join(", ")
        ));
    }
    for (name, value) in fitting {
        if value.len() < MIN {
            values.warn(format!(
                "{} is skipped: a known value has {MIN} bytes or more",
                called(&name)
            ));
        } else {
            values.add(called(&name), value.as_encoded_bytes())?;
        }
    }
    Ok(())
}

fn called(name: &OsStr) -> String {
    format!("the environment variable {}", name.display())
}

/// Whether `name` says that the value is a secret.
fn is_telling(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    ENDINGS.iter().any(|ending| {
        name.len()
            .checked_sub(ending.len())
            .is_some_and(|at| name[at..].eq_ignore_ascii_case(ending.as_bytes()))
    })
}

/// Whether all of `name` fits `glob`, in which `*` stands for any bytes and `?` for one.
fn fits(glob: &[u8], name: &[u8]) -> bool {
    // Which parts of the name, from its start, fit what was seen of the glob.
    let mut ends = vec![false; name.len() + 1];
    ends[0] = true;
    for &part in glob {
        if part == b'*' {
            if let Some(first) = ends.iter().position(|&end| end) {
                ends[first..].fill(true);
            }
        } else {
            for at in (0..name.len()).rev() {
                ends[at + 1] = ends[at] && (part == b'?' || part == name[at]);
            }
            ends[0] = false;
        }
    }
    ends[name.len()]
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::{fits, is_telling};

    #[test]
    fn a_glob_fits_the_whole_name() {
        for (glob, name) in [
            ("*", ""),
            ("*", "DB_TOKEN"),
            ("DB_*", "DB_TOKEN"),
            ("*_TOKEN", "DB_TOKEN"),
            ("*_TOKEN", "A_TOKEN_TOKEN"),
            ("D?_T*N", "DB_TOKEN"),
            ("**", "DB_TOKEN"),
            ("DB_TOKEN*", "DB_TOKEN"),
            ("????????", "DB_TOKEN"),
        ] {
            assert!(fits(glob.as_bytes(), name.as_bytes()), "{glob} {name}");
        }
        for (glob, name) in [
            ("?", ""),
            ("DB_?", "DB_TOKEN"),
            ("B_*", "DB_TOKEN"),
            ("*_TOKE", "DB_TOKEN"),
            ("db_*", "DB_TOKEN"),
            ("DB_TOKEN?", "DB_TOKEN"),
            ("???????", "DB_TOKEN"),
        ] {
            assert!(!fits(glob.as_bytes(), name.as_bytes()), "{glob} {name}");
        }
        // A naive matcher tries every way to share the name among the stars.
        let glob = "*a".repeat(500) + "b";
        assert!(!fits(glob.as_bytes(), "a".repeat(2000).as_bytes()));
    }

    #[test]
    fn names_of_secrets_end_in_a_word() {
        for name in ["TOKEN", "npm_token", "DbPassword", "X_SECRET", "AWS_KEY"] {
            assert!(is_telling(OsStr::new(name)), "{name}");
        }
        for name in ["", "KE", "HOME", "TOKEN_FILE", "TOKENS", "KEYS"] {
            assert!(!is_telling(OsStr::new(name)), "{name}");
        }
    }
}
