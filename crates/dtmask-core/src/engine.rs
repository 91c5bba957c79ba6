//! A set of rules, compiled: families of patterns with an automaton each, in lanes
//! with a prefilter each. Immutable, and built no further than an input asks for.

use std::sync::OnceLock;

use regex_syntax::hir::Hir;
use regex_syntax::hir::literal::Extractor;

use crate::automaton::{Automaton, Nfa, SIZE_LIMIT};
use crate::class::ByteClass;
use crate::error::{Error, ErrorKind};
use crate::grammar::{self, Anchors};
use crate::prefilter::Prefilter;
use crate::rules::{CompiledPattern, Rule};

/// The most bytes of earlier chunks an anchor's match may reach back to.
pub(crate) const MAX_TAIL: usize = 15;

/// The most groups a family can tell apart.
const MAX_GROUPS: usize = 64;

/// A rule and where it belongs.
pub(crate) struct ActiveRule {
    pub(crate) rule: Rule,
    pub(crate) family: grammar::Family,
}

/// All active rules, ready to scan.
#[derive(Debug)]
pub(crate) struct Engine {
    /// In table order.
    pub(crate) rules: Vec<Rule>,
    pub(crate) lanes: Vec<Lane>,
    /// The largest `min - 1` of all patterns.
    pub(crate) max_held: usize,
    /// The number of groups of all families.
    pub(crate) group_count: usize,
}

/// Families that are searched for together.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) families: Vec<Family>,
    prefilter: OnceLock<Prefilter>,
    /// Whether every family has anchors; if not, each byte is looked at.
    pub(crate) anchored: bool,
}

/// Patterns that share an automaton.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) groups: Vec<Group>,
    /// The number of groups of the families before this one.
    pub(crate) first_group: usize,
    pub(crate) anchors: Option<Anchors>,
    keeps: Vec<(Hir, u8)>,
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

impl Engine {
    pub(crate) fn new(active: Vec<ActiveRule>) -> Result<Self, Error> {
        let mut shared: Vec<(grammar::Family, Family)> = Vec::new();
        let mut own = Vec::new();
        let mut max_held = 0;
        // The anchors of `dt0` in any case find it in lower case too.
        let any_case = active.iter().any(|a| a.family == grammar::Family::Prefix);
        for (index, ActiveRule { rule, family }) in active.iter().enumerate() {
            let patterns = rule.compile()?;
            let longest = patterns.iter().map(|p| p.min as usize - 1).max();
            max_held = max_held.max(longest.unwrap_or(0));
            let kind = match family {
                grammar::Family::PlainPrefix if any_case => grammar::Family::Prefix,
                family => *family,
            };
            let Some(anchors) = kind.anchors() else {
                for patterns in patterns.chunks(MAX_GROUPS) {
                    let mut family = Family::new(None);
                    family.extend(patterns, index);
                    family.check(rule)?;
                    own.push(family);
                }
                continue;
            };
            let position = shared.iter().position(|(of, _)| *of == kind);
            let position = position.unwrap_or_else(|| {
                shared.push((kind, Family::new(Some(anchors))));
                shared.len() - 1
            });
            shared[position].1.extend(&patterns, index);
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
        Ok(Self {
            rules: active.into_iter().map(|active| active.rule).collect(),
            lanes,
            max_held,
            group_count,
        })
    }

    pub(crate) fn families(&self) -> impl Iterator<Item = &Family> {
        self.lanes.iter().flat_map(|lane| &lane.families)
    }

    /// Whether `haystack` has to be scanned: `false` only if nothing in it is secret.
    pub(crate) fn may_have_secrets(&self, haystack: &[u8]) -> bool {
        self.lanes.iter().any(|lane| {
            !lane.anchored || {
                let prefilter = lane.prefilter();
                let mut from = 0;
                loop {
                    match prefilter.find(haystack, from) {
                        None => break false,
                        Some(hit) if lane.families[hit.family].passes(haystack, hit.start) => {
                            break true;
                        }
                        Some(hit) => from = hit.start + 1,
                    }
                }
            }
        })
    }
}

impl Lane {
    fn new(families: Vec<Family>) -> Self {
        Self {
            anchored: families.iter().all(|family| family.anchors.is_some()),
            families,
            prefilter: OnceLock::new(),
        }
    }

    /// The search for this lane's anchors; only for an anchored lane.
    pub(crate) fn prefilter(&self) -> &Prefilter {
        self.prefilter.get_or_init(|| {
            let needles: Vec<(&[u8], usize)> = self
                .families
                .iter()
                .enumerate()
                .flat_map(|(index, family)| {
                    let needles = family.anchors.iter().flat_map(|a| &a.needles);
                    needles.map(move |needle| (needle.as_slice(), index))
                })
                .collect();
            Prefilter::new(&needles)
        })
    }
}

impl Family {
    fn new(anchors: Option<Anchors>) -> Self {
        Self {
            groups: Vec::new(),
            first_group: 0,
            anchors,
            keeps: Vec::new(),
            automaton: OnceLock::new(),
        }
    }

    fn extend(&mut self, patterns: &[CompiledPattern], rule: usize) {
        for pattern in patterns {
            let known = self.groups.iter().position(|group| {
                group.rule == rule
                    && group.class == pattern.secret
                    && (group.min, group.max) == (pattern.min, pattern.max)
            });
            let group = known.unwrap_or_else(|| {
                self.groups.push(Group {
                    class: pattern.secret.clone(),
                    min: pattern.min,
                    max: pattern.max,
                    rule,
                });
                self.groups.len() - 1
            });
            self.keeps.push((pattern.keep.clone(), group as u8));
        }
    }

    /// Compiles the family of a user rule as far as is needed to know that it can be
    /// compiled, and finds it anchors.
    fn check(&mut self, rule: &Rule) -> Result<(), Error> {
        let nfa = Nfa::new(&self.keeps).ok_or_else(|| {
            rule.fault(
                ErrorKind::TooLarge,
                format!("has an automaton over the size limit of {SIZE_LIMIT} bytes"),
            )
        })?;
        self.anchors = self
            .literal_anchors()
            .filter(|anchors| Automaton::is_anchored_by(&nfa, anchors));
        Ok(())
    }

    /// The literals that every match begins with, if they are few and long enough to
    /// be worth a search.
    fn literal_anchors(&self) -> Option<Anchors> {
        const FEW: usize = 32;
        const LONG: std::ops::RangeInclusive<usize> = 2..=8;
        let mut needles: Vec<Vec<u8>> = Vec::new();
        for (keep, _) in &self.keeps {
            let mut literals = Extractor::new().extract(keep);
            literals.keep_first_bytes(*LONG.end());
            let literals = literals.literals()?;
            needles.extend(literals.iter().map(|literal| literal.as_bytes().to_vec()));
        }
        needles.sort();
        needles.dedup();
        let longest = needles.iter().map(Vec::len).max()?;
        let shortest = needles.iter().map(Vec::len).min()?;
        (needles.len() <= FEW && LONG.contains(&shortest)).then_some(Anchors {
            needles,
            reach: longest,
            guard: None,
        })
    }

    /// Whether a needle at `start` can be part of a match.
    #[inline]
    pub(crate) fn passes(&self, haystack: &[u8], start: usize) -> bool {
        let guard = self.anchors.as_ref().and_then(|anchors| anchors.guard);
        guard.is_none_or(|guard| guard(haystack, start))
    }

    /// How many bytes before the end of a needle a match may have begun.
    pub(crate) fn reach(&self) -> usize {
        self.anchors.as_ref().map_or(0, |anchors| anchors.reach)
    }

    pub(crate) fn automaton(&self) -> &Automaton {
        self.automaton
            .get_or_init(|| Automaton::new(self.nfa(), self.anchors.as_ref()))
    }

    pub(crate) fn nfa(&self) -> Nfa {
        Nfa::new(&self.keeps).expect("built-in and checked expressions are small")
    }
}
