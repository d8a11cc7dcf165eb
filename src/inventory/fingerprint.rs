//! An asset's fingerprint: equal for equal content, over our own normalised form and not over any text.

use plimsoll_model::{Asset, Claim, Facts, Value};

/// 128 bits of BLAKE3 over an asset's content.
pub type Fingerprint = [u8; 16];

/// Makes fingerprints, reusing one buffer.
#[derive(Default)]
pub struct Fingerprinter {
    buffer: Vec<u8>,
}

impl Fingerprinter {
    /// The fingerprint of an asset: everything but its readings.
    pub fn asset(&mut self, asset: &Asset) -> Fingerprint {
        self.buffer.clear();
        self.text(asset.id.as_str());
        self.text(&asset.kind);
        self.text(&asset.name);
        self.text(&asset.scope);
        self.length(asset.aliases.len());
        for alias in &asset.aliases {
            self.text(&alias.0);
        }
        self.length(asset.labels.len());
        for (name, value) in asset.labels.iter() {
            self.text(name);
            self.text(value);
        }
        self.facts(&asset.facts);
        self.text(asset.partial.as_deref().unwrap_or(""));
        self.close()
    }

    fn facts(&mut self, facts: &Facts) {
        self.length(facts.len());
        for (name, claim) in facts.iter() {
            self.text(name);
            self.claim(claim);
        }
    }

    fn claim(&mut self, claim: &Claim) {
        self.buffer.push(claim.how() as u8);
        self.text(claim.basis().unwrap_or(""));
        if let Some(value) = claim.value() {
            self.value(value);
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Bool(yes) => self.buffer.extend([1, u8::from(*yes)]),
            Value::Int(number) => {
                self.buffer.push(2);
                self.buffer.extend(number.to_le_bytes());
            }
            Value::Float(number) => {
                self.buffer.push(3);
                self.buffer.extend(number.to_bits().to_le_bytes());
            }
            Value::Text(text) => {
                self.buffer.push(4);
                self.text(text);
            }
            Value::List(items) => {
                self.buffer.push(5);
                self.length(items.len());
                items.iter().for_each(|item| self.value(item));
            }
            Value::Table(table) => {
                self.buffer.push(6);
                self.length(table.len());
                for (name, part) in table.iter() {
                    self.text(name);
                    self.value(part);
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.buffer.extend_from_slice(text.as_bytes());
    }

    fn length(&mut self, length: usize) {
        let length = (length as u32).to_le_bytes();
        self.buffer.extend_from_slice(&length);
    }

    fn close(&self) -> Fingerprint {
        let mut short = [0; 16];
        short.copy_from_slice(&blake3::hash(&self.buffer).as_bytes()[..16]);
        short
    }
}

/// The fingerprints of assets, in their order, made on two threads where there are many.
pub fn fingerprints(assets: &[Asset]) -> Vec<Fingerprint> {
    const WORTH_A_THREAD: usize = 4_096;
    let all = |assets: &[Asset]| {
        let mut printer = Fingerprinter::default();
        assets
            .iter()
            .map(|asset| printer.asset(asset))
            .collect::<Vec<_>>()
    };
    if assets.len() < WORTH_A_THREAD {
        return all(assets);
    }
    let (front, back) = assets.split_at(assets.len() / 2);
    std::thread::scope(|threads| {
        let back = threads.spawn(|| all(back));
        let mut prints = all(front);
        match back.join() {
            Ok(more) => prints.extend(more),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        prints
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::AssetId;

    fn asset() -> Asset {
        let mut asset = Asset::new(AssetId::of("host", &["a"]), "host", "a");
        asset.claim("os", Claim::reported("Debian"));
        asset
    }

    #[test]
    fn readings_do_not_count_and_all_else_does() {
        let print = |asset: &Asset| Fingerprinter::default().asset(asset);
        let before = print(&asset());
        let mut changed = asset();
        changed.reading("clock.skew-ms", Claim::measured(3));
        assert_eq!(print(&changed), before);
        for change in [
            |a: &mut Asset| {
                a.claim("os", Claim::reported("debian"));
            },
            |a: &mut Asset| {
                a.claim("os", Claim::measured("Debian"));
            },
            |a: &mut Asset| {
                a.claim("os", Claim::reported("Debian").by("/etc/os-release"));
            },
            |a: &mut Asset| {
                a.labels.insert("x", "".into());
            },
            |a: &mut Asset| a.partial = Some("no".into()),
            |a: &mut Asset| a.name = "b".into(),
        ] {
            let mut changed = asset();
            change(&mut changed);
            assert_ne!(print(&changed), before);
        }
    }

    #[test]
    fn neighbours_do_not_run_into_one_another() {
        let print = |name: &str, value: &str| {
            let mut asset = asset();
            asset.labels.insert(name, value.into());
            Fingerprinter::default().asset(&asset)
        };
        assert_ne!(print("ab", "c"), print("a", "bc"));
    }

    #[test]
    fn two_threads_give_what_one_gives() {
        let assets: Vec<Asset> = (0..5_000)
            .map(|at| Asset::new(AssetId::of("host", &[&at.to_string()]), "host", "x"))
            .collect();
        let mut printer = Fingerprinter::default();
        let one: Vec<_> = assets.iter().map(|asset| printer.asset(asset)).collect();
        assert_eq!(fingerprints(&assets), one);
    }
}
