//! What all kinds of log lines share: a clock that moves on and the made-up
//! names of one small web shop.

use crate::rng::Rng;
use crate::tokens::{BASE32, HEX};

/// The state behind a sequence of log records.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Where all that varies comes from.
    pub rng: Rng,
    /// Milliseconds since the scene began, at midnight of the first day.
    millis: u64,
}

const DAY: u64 = 24 * 60 * 60 * 1000;
const HOSTS: &[&str] = &[
    "web-01",
    "web-02",
    "db-01",
    "build-7",
    "edge-fra-3",
    "ip-10-0-4-17",
];
const SERVICES: &[&str] = &[
    "checkout",
    "cart",
    "catalog",
    "payment",
    "shipping",
    "search",
    "frontend",
    "recommendation",
];
const PATHS: &[&str] = &[
    "/",
    "/cart",
    "/cart/items",
    "/api/v1/orders",
    "/api/v2/metrics/query?resolution=1h&from=now-2h",
    "/api/v2/problems?pageSize=50",
    "/static/js/main.4f3a1c.js",
    "/static/img/logo.svg",
    "/healthz",
    "/search?q=garden+chair&page=3",
    "/product/8812?ref=home",
    "/favicon.ico",
];

impl Scene {
    /// A scene whose records depend on `seed` alone.
    pub fn new(seed: u64) -> Scene {
        Scene {
            rng: Rng::new(seed),
            millis: 0,
        }
    }

    /// Lets some time pass before the next record.
    pub fn tick(&mut self) {
        self.millis += u64::from(self.rng.below(900));
    }

    /// The day of the month, from 1 to 28.
    pub fn day(&self) -> u64 {
        1 + self.millis / DAY % 28
    }

    /// The time of the day, such as `08:15:42`.
    pub fn time(&self) -> String {
        let seconds = self.millis % DAY / 1000;
        format!(
            "{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    }

    /// The thousandths of the current second.
    pub fn thousandths(&self) -> u64 {
        self.millis % 1000
    }

    /// Date and time as RFC 3339 writes them, such as `2025-03-12T08:15:42.123Z`.
    pub fn timestamp(&self) -> String {
        format!(
            "2025-03-{:02}T{}.{:03}Z",
            self.day(),
            self.time(),
            self.thousandths()
        )
    }

    /// The name of a machine.
    pub fn host(&mut self) -> &'static str {
        self.rng.pick(HOSTS)
    }

    /// The name of a service.
    pub fn service(&mut self) -> &'static str {
        self.rng.pick(SERVICES)
    }

    /// The path of a request, now and then with a query.
    pub fn path(&mut self) -> &'static str {
        self.rng.pick(PATHS)
    }

    /// A private IPv4 address.
    pub fn address(&mut self) -> String {
        format!(
            "10.{}.{}.{}",
            self.rng.below(256),
            self.rng.below(256),
            self.rng.between(1, 254)
        )
    }

    /// The name of a pod, as a deployment makes it.
    pub fn pod(&mut self) -> String {
        let service = self.service();
        let set = self.rng.word(HEX, 9);
        let pod = self.rng.word(b"bcdfghjklmnpqrstvwxz2456789", 5);
        format!("{service}-{set}-{pod}")
    }

    /// A random UUID in lower case.
    pub fn uuid(&mut self) -> String {
        let digits = self.rng.word(HEX, 32);
        format!(
            "{}-{}-{}-{}-{}",
            &digits[..8],
            &digits[8..12],
            &digits[12..16],
            &digits[16..20],
            &digits[20..]
        )
    }

    /// `len` hexadecimal digits in lower case.
    pub fn hex(&mut self, len: usize) -> String {
        self.rng.word(HEX, len)
    }

    /// An order number in capitals and digits, near enough to a public portion to be looked at twice.
    pub fn order(&mut self) -> String {
        self.rng.word(BASE32, 12)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_on_and_stays_in_its_month() {
        let mut scene = Scene::new(1);
        assert_eq!(scene.timestamp(), "2025-03-01T00:00:00.000Z");
        let before = scene.millis;
        for _ in 0..100 {
            scene.tick();
        }
        assert!(scene.millis > before);
        scene.millis = 27 * DAY + DAY - 1;
        assert_eq!(scene.timestamp(), "2025-03-28T23:59:59.999Z");
        scene.millis += 1;
        assert_eq!(scene.timestamp(), "2025-03-01T00:00:00.000Z");
    }

    #[test]
    fn a_uuid_has_its_five_groups() {
        let uuid = Scene::new(2).uuid();
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
    }
}
