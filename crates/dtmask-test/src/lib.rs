//! What the tests, fuzz targets and benches of dtmask share.
//!
//! - [`oracle`]: a naive evaluation of the rules, the judge of every engine.
//! - [`rules`]: the built-in rules, written down a second time.
//! - [`table`]: cases with their expected outputs, and the [`placeholder`]s they use.
//! - [`samples`]: fake tokens, assembled at run time so that no file holds one.
//! - [`expand`] and [`user_rules`]: inputs and rules grown from arbitrary bytes.
//! - [`strategies`]: the same as proptest strategies.
//! - [`hostile`]: readers and writers that misbehave on schedule.
//! - [`example`]: the examples as processes.
//!
//! This crate knows nothing of the engine under test: a fault that both had in
//! common could not be found.

pub mod example;
pub mod expand;
mod forms;
pub mod hostile;
mod nfa;
pub mod oracle;
pub mod placeholder;
pub mod rules;
pub mod samples;
pub mod strategies;
pub mod table;
pub mod user_rules;
