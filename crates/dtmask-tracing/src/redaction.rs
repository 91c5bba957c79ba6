//! What all events of a layer share: how to redact, and how often it was needed.

use dtmask_core::Redactor;

use crate::counters::Counters;

/// A redactor and its numbers.
#[derive(Clone, Debug)]
pub(crate) struct Redaction {
    pub(crate) redactor: Redactor,
    pub(crate) counters: Counters,
    /// Whether no secret can go on behind a line break, so that all is decided of an
    /// event that ends with one.
    lines_decide: bool,
}

impl Redaction {
    pub(crate) fn new(redactor: Redactor) -> Self {
        Self {
            counters: Counters::new(&redactor),
            lines_decide: !redactor.may_hold(b'\n'),
            redactor,
        }
    }

    /// Whether an event can be redacted by itself once it ends like this.
    pub(crate) fn decides(&self, event: &[u8]) -> bool {
        self.lines_decide && ends_line(event)
    }

    pub(crate) fn lines_decide(&self) -> bool {
        self.lines_decide
    }

    /// Redacts a whole event into `out`. Says `false` and leaves `out` as it is if
    /// there is nothing to mask.
    pub(crate) fn redact(&self, event: &[u8], out: &mut Vec<u8>) -> bool {
        self.redactor
            .redact_into(event, out, |rule| self.counters.add(rule, 1))
    }
}

pub(crate) fn ends_line(bytes: &[u8]) -> bool {
    bytes.last() == Some(&b'\n')
}

#[cfg(test)]
mod tests {
    use dtmask_core::Rule;

    use super::*;

    fn with_rule(secret: &str, min: u32) -> Redaction {
        let rule = Rule::new("own").pattern("key=", secret, min, None);
        Redaction::new(Redactor::builder().rule(rule).build().unwrap())
    }

    #[test]
    fn a_line_break_decides_unless_a_rule_of_the_user_masks_it() {
        assert!(Redaction::new(Redactor::new()).lines_decide());
        assert!(Redaction::new(Redactor::published()).lines_decide());
        assert!(with_rule("[a-z]", 8).lines_decide());
        assert!(!with_rule("[^;]", 8).lines_decide());
        // Nothing is ever withheld of this one.
        assert!(with_rule("[^;]", 1).lines_decide());
        let known = |value: &str| {
            Redactor::builder()
                .known_value("own", value)
                .build()
                .unwrap()
        };
        assert!(Redaction::new(known("one-line-of-it")).lines_decide());
        assert!(!Redaction::new(known("first\nsecond")).lines_decide());
    }

    #[test]
    fn the_default_rules_never_hold_a_line_break() {
        let opt_in = Redactor::builder().with("jwt").with("token-response");
        for builder in [Redactor::builder(), opt_in.hide_id("dt0s01").ansi(true)] {
            assert!(!builder.build().unwrap().may_hold(b'\n'));
        }
    }
}
