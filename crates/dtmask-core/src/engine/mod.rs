//! A set of rules, compiled: families of patterns with an automaton each, in lanes
//! with a prefilter each. Immutable, and built no further than an input asks for.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use regex_syntax::hir::literal::Extractor;

use crate::automaton::{Automaton, MAX_AUTOMATON_SIZE, Nfa};
use crate::class::ByteClass;
use crate::error::{Error, ErrorKind};
use crate::escapes::{self, ESC};
use crate::grammar;
use crate::known::{Known, KnownValue};
use crate::prefilter::{Edges, Hit, Needle, Prefilter};
use crate::rules::{Pattern, Rule};
use crate::tail::MAX_TAIL;

/// Classes by their expressions, so that each is parsed once.
type Classes = HashMap<String, ByteClass>;

/// The most groups a family can tell apart.
const MAX_GROUPS: usize = 32;

/// A rule and where it belongs.
pub(crate) struct ActiveRule {
    pub(crate) rule: Rule,
    pub(crate) family: grammar::FamilyKind,
}

/// All active rules, ready to scan.
#[derive(Debug)]
pub(crate) struct Engine {
    /// Tells it from every other one.
    pub(crate) id: u64,
    /// In table order.
    pub(crate) rules: Vec<Rule>,
    pub(crate) lanes: Vec<Lane>,
    /// The known values, if there are any.
    pub(crate) known: Option<Known>,
    /// Whether escape sequences are passed over.
    pub(crate) ansi: bool,
    /// Whether a byte order mark tells that characters are UTF-16.
    pub(crate) utf16: bool,
    /// The number of groups of all families.
    pub(crate) group_count: usize,
    /// How many bytes of earlier blocks a match may have begun in whose anchor is not
    /// complete.
    pub(crate) tail_len: usize,
}

/// Families that are searched for together.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) families: Vec<Family>,
    prefilter: OnceLock<Prefilter>,
    /// Whether every family has anchors; if not, each byte is looked at.
    pub(crate) anchored: bool,
    /// Whether an anchor or what a match has in front of it can hold a line break.
    crosses_lines: bool,
}

/// Patterns that share an automaton.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) groups: Vec<Group>,
    /// The number of groups of the families before this one.
    pub(crate) first_group: usize,
    /// What anchors every match of the family; empty if nothing does.
    needles: Vec<Needle>,
    leaps: &'static grammar::Leaps,
    /// Each pattern with its group; parsed when an input asks for it.
    keeps: Vec<(Pattern, u8)>,
    automaton: OnceLock<Automaton>,
}

/// What becomes secret where an expression ends; shared by the patterns of a rule
/// that differ in nothing else.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) class: ByteClass,
    pub(crate) min: u64,
    /// `u64::MAX` for no maximum.
    pub(crate) max: u64,
    /// The index of the rule in the table.
    pub(crate) rule: usize,
}

/// What there is to find besides rules, and where to look for it.
#[derive(Debug, Default)]
pub(crate) struct Extras<'b> {
    pub(crate) known: &'b [KnownValue],
    pub(crate) ansi: bool,
    pub(crate) utf16: bool,
}

/// What is known of a haystack before it is scanned.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Glance {
    /// Nothing in it is secret.
    Clean,
    /// Nothing is before this anchor.
    Anchor(Start),
    /// It has to be scanned from its beginning.
    Unclear,
}

/// Where the scan of a haystack can start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// The first lane that has an anchor.
    pub(crate) lane: usize,
    /// Its first one.
    pub(crate) first: Hit,
    /// The offset from which the others are to be searched for.
    pub(crate) rest_from: usize,
}

impl Engine {
    pub(crate) fn new(active: Vec<ActiveRule>, extras: &Extras<'_>) -> Result<Self, Error> {
        let mut shared: Vec<(grammar::FamilyKind, Family)> = Vec::new();
        let mut own = Vec::new();
        let mut classes = Classes::new();
        // What anchors the last of these families does for those before it.
        let prefixes = active.iter().map(|a| a.family).filter(|f| f.is_prefix());
        let prefix = prefixes.max();
        for (index, ActiveRule { rule, family }) in active.iter().enumerate() {
            let kind = prefix.filter(|_| family.is_prefix()).unwrap_or(*family);
            if kind == grammar::FamilyKind::Own {
                rule.check()?;
                for patterns in rule.patterns().chunks(MAX_GROUPS) {
                    let mut family = Family::new(grammar::FamilyKind::Own);
                    family.extend(patterns, index, &mut classes);
                    family.check(rule)?;
                    own.push(family);
                }
                continue;
            }
            let position = shared.iter().position(|(of, _)| *of == kind);
            let position = position.unwrap_or_else(|| {
                shared.push((kind, Family::new(kind)));
                shared.len() - 1
            });
            let family = &mut shared[position].1;
            family.extend(rule.patterns(), index, &mut classes);
            // Of built-in rules it alone can have any number of patterns.
            if rule.name() == grammar::HIDE_ID {
                family.compiled(rule)?;
            }
        }
        let shared: Vec<Family> = shared.into_iter().map(|(_, family)| family).collect();
        let mut lanes: Vec<Lane> = [shared]
            .into_iter()
            .chain(own.into_iter().map(|family| vec![family]))
            .filter(|families| !families.is_empty())
            .map(Lane::new)
            .collect();
        let mut group_count = 0;
        for family in lanes.iter_mut().flat_map(|lane| &mut lane.families) {
            family.first_group = group_count;
            group_count += family.groups.len();
        }
        let anchored = lanes.iter().filter(|lane| lane.anchored);
        let reach = anchored
            .flat_map(|lane| &lane.families)
            .map(Family::reach)
            .max();
        let tail_len = reach.map_or(0, |reach| reach - 1).min(MAX_TAIL);
        let mut rules: Vec<Rule> = active.into_iter().map(|active| active.rule).collect();
        let known = Known::new(extras.known, rules.len());
        if known.is_some() {
            rules.push(grammar::known_value_rule(extras.known.len()));
        }
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        Ok(Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            rules,
            lanes,
            known,
            ansi: extras.ansi,
            utf16: extras.utf16,
            group_count,
            tail_len,
        })
    }

    /// The most bytes that are ever undecided at once.
    pub(crate) fn max_held(&self) -> usize {
        let patterns = self.rules.iter().flat_map(Rule::patterns);
        let of_rules = patterns.map(|p| p.min() as usize - 1).max();
        let of_known = self.known.as_ref().map(Known::max_withheld);
        let characters = of_rules.max(of_known).unwrap_or(0);
        // Each can have escape sequences behind it.
        let characters = characters * if self.ansi { escapes::MAX_LEN + 1 } else { 1 };
        // One of two bytes can be cut.
        if self.utf16 {
            characters * 2 + 1
        } else {
            characters
        }
    }

    /// Whether this byte can be withheld.
    pub(crate) fn may_withhold(&self, byte: u8) -> bool {
        let mut groups = self.families().flat_map(|family| &family.groups);
        groups.any(|group| group.min > 1 && group.class.contains(byte))
            || self
                .known
                .as_ref()
                .is_some_and(|known| known.may_withhold(byte))
            || (self.ansi && escapes::may_hold(byte))
            || self.utf16
    }

    pub(crate) fn families(&self) -> impl Iterator<Item = &Family> {
        self.lanes.iter().flat_map(|lane| &lane.families)
    }

    /// The group of this index among those of all families.
    pub(crate) fn group(&self, index: usize) -> &Group {
        let of_family = |family: &'_ Family| index.checked_sub(family.first_group);
        let mut groups = self.families();
        groups
            .find_map(|family| family.groups.get(of_family(family)?))
            .expect("every group has a family")
    }

    /// What the needles alone tell of `haystack`.
    pub(crate) fn glance(&self, haystack: &[u8], edges: Edges) -> Glance {
        let has_view = (self.ansi && memchr::memchr(ESC, haystack).is_some())
            || (self.utf16 && matches!(haystack, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]));
        let has_known = || {
            let known = self.known.as_ref();
            known.is_some_and(|known| known.may_be_in(haystack))
        };
        if has_view || has_known() {
            return Glance::Unclear;
        }
        for (lane, searched) in self.lanes.iter().enumerate() {
            if !searched.anchored {
                return Glance::Unclear;
            }
            let mut hits = searched.prefilter().hits(haystack, edges, 0);
            if let Some(first) = hits.next() {
                return hits.rest_from().map_or(Glance::Unclear, |rest_from| {
                    Glance::Anchor(Start {
                        lane,
                        first,
                        rest_from,
                    })
                });
            }
        }
        Glance::Clean
    }
}

impl Lane {
    fn new(families: Vec<Family>) -> Self {
        let mut needles = families.iter().flat_map(|family| &family.needles);
        Self {
            anchored: families.iter().all(Family::is_anchored),
            // What the built-in rules have in front of a needle is within a line.
            crosses_lines: needles.any(|needle| needle.contains(b'\n')),
            families,
            prefilter: OnceLock::new(),
        }
    }

    /// Whether a match may have begun at the end of `tail` whose anchor is not complete.
    pub(crate) fn may_cross(&self, tail: &[u8]) -> bool {
        tail.last() != Some(&b'\n') || self.crosses_lines
    }

    /// The search for this lane's anchors; only for an anchored lane.
    pub(crate) fn prefilter(&self) -> &Prefilter {
        self.prefilter.get_or_init(|| {
            Prefilter::new(self.families.iter().map(|family| family.needles.as_slice()))
        })
    }
}

impl Group {
    /// Whether an end of this group makes all secret that one of `other` at the same
    /// offset does, on behalf of a rule before it in the table.
    pub(crate) fn implies(&self, other: &Self) -> bool {
        self.rule < other.rule
            && self.class == other.class
            && self.min <= other.min
            && self.max >= other.max
    }
}

impl Family {
    fn new(kind: grammar::FamilyKind) -> Self {
        Self {
            groups: Vec::new(),
            first_group: 0,
            needles: kind.needles(),
            leaps: kind.leaps(),
            keeps: Vec::new(),
            automaton: OnceLock::new(),
        }
    }

    fn extend(&mut self, patterns: &[Pattern], rule: usize, classes: &mut Classes) {
        for pattern in patterns {
            let class = classes.entry(pattern.secret().to_owned());
            let class = class.or_insert_with(|| {
                let class = pattern.secret_class();
                class.expect("built-in and checked classes parse")
            });
            let min = pattern.min().into();
            let max = pattern.max().map_or(u64::MAX, u64::from);
            let known = self.groups.iter().position(|group| {
                group.rule == rule && group.class == *class && (group.min, group.max) == (min, max)
            });
            let group = known.unwrap_or_else(|| {
                self.groups.push(Group {
                    class: class.clone(),
                    min,
                    max,
                    rule,
                });
                self.groups.len() - 1
            });
            self.keeps.push((pattern.clone(), group as u8));
        }
    }

    /// Compiles the family of a user rule as far as is needed to know that it can be
    /// compiled, and finds it needles.
    fn check(&mut self, rule: &Rule) -> Result<(), Error> {
        let nfa = self.compiled(rule)?;
        let needles = self.literal_needles().unwrap_or_default();
        if Automaton::is_anchored_by(&nfa, &needles) {
            self.needles = needles;
        }
        Ok(())
    }

    /// The automaton, unless `rule`, which is the last one of the family, makes it too large.
    fn compiled(&self, rule: &Rule) -> Result<Nfa, Error> {
        self.compile().ok_or_else(|| {
            rule.fault(
                ErrorKind::TooLarge,
                format!("has an automaton over the size limit of {MAX_AUTOMATON_SIZE} bytes"),
            )
        })
    }

    /// The literals that every match begins with, if they are few and long enough to
    /// be worth a search.
    fn literal_needles(&self) -> Option<Vec<Needle>> {
        const FEW: usize = 32;
        const LONG: std::ops::RangeInclusive<usize> = 2..=8;
        let mut needles: Vec<Vec<u8>> = Vec::new();
        for (pattern, _) in &self.keeps {
            let mut literals = Extractor::new().extract(&pattern.keep_expression());
            literals.keep_first_bytes(*LONG.end());
            let literals = literals.literals()?;
            needles.extend(literals.iter().map(|literal| literal.as_bytes().to_vec()));
        }
        needles.sort();
        needles.dedup();
        let shortest = needles.iter().map(Vec::len).min()?;
        (needles.len() <= FEW && LONG.contains(&shortest))
            .then(|| needles.into_iter().map(Needle::exact).collect())
    }

    /// Whether every match has a needle.
    pub(crate) fn is_anchored(&self) -> bool {
        !self.needles.is_empty()
    }

    /// How many bytes behind the start of a match its first needle ends at most.
    pub(crate) fn reach(&self) -> usize {
        self.needles.iter().map(Needle::reach).max().unwrap_or(0)
    }

    pub(crate) fn automaton(&self) -> &Automaton {
        self.automaton
            .get_or_init(|| Automaton::new(self.nfa(), &self.needles, &self.groups, self.leaps))
    }

    pub(crate) fn nfa(&self) -> Nfa {
        self.compile()
            .expect("built-in and checked expressions are small")
    }

    fn compile(&self) -> Option<Nfa> {
        let keeps = self.keeps.iter();
        let keeps: Vec<_> = keeps
            .map(|(p, group)| (p.keep_expression(), *group))
            .collect();
        Nfa::new(&keeps)
    }
}

#[cfg(test)]
mod tests;
