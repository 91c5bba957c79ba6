//! The file that must not stay behind if the process ends before its time.
//!
//! There is one at a time: what is written anew ([`crate::replacement`]), or a journal that
//! is not used yet ([`crate::in_place`]).

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
#[cfg(unix)]
use std::time::Duration;

#[cfg(unix)]
use crate::signals;

static PATH: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Where it is, if there is one. While this is held no signal ends the process, for a
/// moment.
pub(crate) fn lock() -> MutexGuard<'static, Option<PathBuf>> {
    PATH.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes it, since nobody else will.
pub(crate) fn remove() {
    if let Some(path) = lock().take() {
        let _ = std::fs::remove_file(path);
    }
}

/// As [`remove`], if it can be had within `patience`, and nobody makes another one.
#[cfg(unix)]
pub(crate) fn remove_within(patience: Duration) {
    if let Some(mut path) = signals::lock_within(&PATH, patience) {
        if let Some(path) = path.take() {
            let _ = std::fs::remove_file(path);
        }
        std::mem::forget(path);
    }
}
