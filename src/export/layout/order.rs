//! The order within layers.

use super::layered::Slot;

const SWEEPS: usize = 10;

/// Orders the layers so that few edges cross: each by the middle of its neighbours, to and fro, and the best stays.
pub(super) fn order(layers: &mut [Vec<usize>], slots: &[Slot]) {
    let mut best = (crossings(layers, slots), layers.to_vec());
    for sweep in 0..SWEEPS {
        // What is fastened to one large thing is put in order even where nothing crosses by the layers alone.
        if best.0 == 0 && sweep >= 2 {
            break;
        }
        let down = sweep % 2 == 0;
        let places: Vec<usize> = if down {
            (1..layers.len()).collect()
        } else {
            (0..layers.len().saturating_sub(1)).rev().collect()
        };
        for at in places {
            let fixed = if down { at - 1 } else { at + 1 };
            let rank = ranks(&layers[fixed], slots.len());
            let middle = |slot: usize, own: usize| {
                let near = if down {
                    &slots[slot].before
                } else {
                    &slots[slot].after
                };
                match near.len() {
                    0 => own as f64 + 0.5,
                    many => {
                        let ranks = near.iter().map(|(other, down)| rank[*other] as f64 + down);
                        ranks.sum::<f64>() / many as f64
                    }
                }
            };
            let mut keyed: Vec<(f64, usize)> = layers[at]
                .iter()
                .enumerate()
                .map(|(own, slot)| (middle(*slot, own), *slot))
                .collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            layers[at] = keyed.into_iter().map(|(_, slot)| slot).collect();
        }
        let now = crossings(layers, slots);
        if now < best.0 || (now == best.0 && sweep < 2) {
            best = (now, layers.to_vec());
        }
    }
    layers.clone_from_slice(&best.1);
}

fn ranks(layer: &[usize], all: usize) -> Vec<usize> {
    let mut rank = vec![0; all];
    for (at, slot) in layer.iter().enumerate() {
        rank[*slot] = at;
    }
    rank
}

/// How many pairs of edges cross: inversions, counted with a tree of sums.
fn crossings(layers: &[Vec<usize>], slots: &[Slot]) -> u64 {
    let mut all = 0;
    for pair in layers.windows(2) {
        let rank = ranks(&pair[1], slots.len());
        let mut sums = vec![0_u64; pair[1].len() + 1];
        let mut met = 0_u64;
        for slot in &pair[0] {
            let mut ends: Vec<usize> = slots[*slot].after.iter().map(|(to, _)| rank[*to]).collect();
            ends.sort_unstable();
            for end in &ends {
                let (mut at, mut upto) = (end + 1, 0);
                while at > 0 {
                    upto += sums[at];
                    at &= at - 1;
                }
                all += met - upto;
            }
            for end in ends {
                met += 1;
                let mut at = end + 1;
                while at < sums.len() {
                    sums[at] += 1;
                    at += at & at.wrapping_neg();
                }
            }
        }
    }
    all
}
