//! The binary as its users meet it: a process between other processes.
//!
//! One module for each thing a user does. All of them are one test binary, which
//! is linked once.

#[cfg(unix)]
mod comfort;
mod compressed;
mod config;
mod config_errors;
#[cfg(unix)]
mod documents;
mod errors;
mod explain;
mod files;
mod flags;
mod folder;
#[cfg(unix)]
mod in_place;
mod install;
#[cfg(unix)]
mod interrupted;
mod known;
#[cfg(unix)]
mod live;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(unix)]
mod mounted;
#[cfg(unix)]
mod nonblocking;
mod patterns;
#[cfg(unix)]
mod pipe;
mod process;
#[cfg(unix)]
mod run;
#[cfg(unix)]
mod run_terminal;
mod scan;
#[cfg(unix)]
mod signals;
mod table;
#[cfg(unix)]
mod terminal;
mod utf16;
