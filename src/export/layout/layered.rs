//! What is connected, in layers from left to right.

use super::Point;
use super::order::order;

/// A connected part, laid out.
pub(super) struct Layered {
    /// Where each item stands.
    pub(super) places: Vec<Point>,
    /// For edges over several layers the points through which they go, by the edge's place.
    pub(super) ways: Vec<Vec<Point>>,
    /// The size of all.
    pub(super) size: (i32, i32),
}

const GAP: i32 = 14;
const LANE: i32 = 10;
/// Between two layers.
const BETWEEN: i32 = 52;
/// With more bends than this, edges go straight.
const MOST_BENDS: usize = 20_000;

/// A place in a layer: an item, or a bend of an edge.
pub(super) struct Slot {
    item: Option<usize>,
    size: (i32, i32),
    /// What leads here and where it leads to, each with how far down the other it is fastened.
    pub(super) before: Vec<(usize, f64)>,
    pub(super) after: Vec<(usize, f64)>,
}

/// The size of an item that is none: where edges leave a group to the right, or come in from the left, so that they have
/// a lane of their own on the way there.
pub(super) const GATE: (i32, i32) = (0, 0);

/// Lays out items of these sizes by their edges, none of which leads to where it starts. `ends` says for each edge how
/// far down its two items it is fastened, of 1.
pub(super) fn layered(
    sizes: &[(i32, i32)],
    edges: &[(usize, usize)],
    ends: &[(f64, f64)],
) -> Layered {
    let forward = forward(sizes.len(), edges);
    let layer_of = layers(sizes, &forward);
    let mut slots: Vec<Slot> = sizes
        .iter()
        .enumerate()
        .map(|(item, size)| Slot {
            item: Some(item),
            size: *size,
            before: Vec::new(),
            after: Vec::new(),
        })
        .collect();
    let count = layer_of.iter().max().map_or(1, |last| last + 1);
    let mut layers: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (at, layer) in layer_of.iter().enumerate() {
        layers[*layer].push(at);
    }
    let bends: usize = forward
        .iter()
        .map(|(a, b, _)| layer_of[*b].saturating_sub(layer_of[*a] + 1))
        .sum();
    let mut chains: Vec<Vec<usize>> = Vec::with_capacity(edges.len());
    for (at, (a, b, turned)) in forward.iter().enumerate() {
        let (from, to) = ends.get(at).copied().unwrap_or((0.5, 0.5));
        let (down_a, down_b) = if *turned { (to, from) } else { (from, to) };
        let mut chain = Vec::new();
        let mut last = (*a, down_a);
        if bends <= MOST_BENDS {
            let between = layers.iter_mut().take(layer_of[*b]).skip(layer_of[*a] + 1);
            for layer in between {
                let at = slots.len();
                slots.push(Slot {
                    item: None,
                    size: (0, 0),
                    before: vec![last],
                    after: Vec::new(),
                });
                slots[last.0].after.push((at, 0.5));
                layer.push(at);
                chain.push(at);
                last = (at, 0.5);
            }
        }
        slots[last.0].after.push((*b, down_b));
        slots[*b].before.push(last);
        chains.push(chain);
    }
    order(&mut layers, &slots);
    let columns = columns(&layers, &slots);
    let centres = heights(&columns, &slots);
    draw(sizes, &forward, &slots, &columns, &centres, &chains)
}

/// The edges turned so that there is no circle; whether each was turned.
fn forward(items: usize, edges: &[(usize, usize)]) -> Vec<(usize, usize, bool)> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); items];
    let mut led: Vec<bool> = vec![false; items];
    for (a, b) in edges {
        next[*a].push(*b);
        led[*b] = true;
    }
    // Open, and done at a turn: an edge to what is open closes a circle.
    let mut left: Vec<Option<usize>> = vec![None; items];
    let mut opened: Vec<bool> = vec![false; items];
    let mut turn = 0;
    let mut turned = std::collections::HashSet::new();
    let starts = (0..items).filter(|at| !led[*at]).chain(0..items);
    for start in starts.collect::<Vec<_>>() {
        if opened[start] {
            continue;
        }
        opened[start] = true;
        let mut stack = vec![(start, 0)];
        while let Some((at, step)) = stack.last_mut() {
            let at = *at;
            match next[at].get(*step).copied() {
                Some(to) => {
                    *step += 1;
                    if !opened[to] {
                        opened[to] = true;
                        stack.push((to, 0));
                    } else if left[to].is_none() {
                        turned.insert((at, to));
                    }
                }
                None => {
                    left[at] = Some(turn);
                    turn += 1;
                    stack.pop();
                }
            }
        }
    }
    let edge = |(a, b): &(usize, usize)| match turned.contains(&(*a, *b)) {
        true => (*b, *a, true),
        false => (*a, *b, false),
    };
    edges.iter().map(edge).collect()
}

/// Each item's layer: one behind the last that leads to it, and starts as near as may be to what they lead to. Gates are
/// before and behind all else.
fn layers(sizes: &[(i32, i32)], forward: &[(usize, usize, bool)]) -> Vec<usize> {
    let items = sizes.len();
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); items];
    let mut open: Vec<usize> = vec![0; items];
    let gate = |at: usize| sizes.get(at) == Some(&GATE);
    for (a, b, _) in forward.iter().filter(|(a, b, _)| !gate(*a) && !gate(*b)) {
        next[*a].push(*b);
        open[*b] += 1;
    }
    let led = open.clone();
    let mut layer: Vec<usize> = vec![0; items];
    let mut ready: std::collections::VecDeque<usize> =
        (0..items).filter(|at| open[*at] == 0).collect();
    while let Some(at) = ready.pop_front() {
        for to in &next[at] {
            layer[*to] = layer[*to].max(layer[at] + 1);
            open[*to] -= 1;
            if open[*to] == 0 {
                ready.push_back(*to);
            }
        }
    }
    for at in (0..items).filter(|at| led[*at] == 0) {
        if let Some(nearest) = next[at].iter().map(|to| layer[*to]).min() {
            layer[at] = nearest.saturating_sub(1);
        }
    }
    if forward.iter().any(|(a, _, _)| gate(*a)) {
        layer.iter_mut().for_each(|layer| *layer += 1);
    }
    let last = layer.iter().max().map_or(0, |last| last + 1);
    for (a, b, _) in forward {
        if gate(*a) {
            layer[*a] = 0;
        } else if gate(*b) {
            layer[*b] = last;
        }
    }
    layer
}

/// The layers as columns; one that would be much higher than the whole should be is several.
fn columns(layers: &[Vec<usize>], slots: &[Slot]) -> Vec<Vec<usize>> {
    let high = |slot: &usize| slots[*slot].size.1.max(LANE) + GAP;
    let area: f64 = slots
        .iter()
        .map(|slot| f64::from(slot.size.0 + BETWEEN) * f64::from(slot.size.1 + GAP))
        .sum();
    let most = ((area * 0.8).sqrt() as i32).max(520);
    let mut columns = Vec::with_capacity(layers.len());
    for layer in layers {
        let all: i32 = layer.iter().map(high).sum();
        let many = (all / most + 1).max(1);
        let each = all / many + 1;
        let mut column = Vec::new();
        let mut filled = 0;
        for slot in layer {
            if filled >= each {
                columns.push(std::mem::take(&mut column));
                filled = 0;
            }
            filled += high(slot);
            column.push(*slot);
        }
        columns.push(column);
    }
    columns
}

/// The middle of each slot: near those of its neighbours, in order, without overlap.
fn heights(columns: &[Vec<usize>], slots: &[Slot]) -> Vec<f64> {
    let high = |slot: usize| f64::from(slots[slot].size.1.max(LANE));
    let mut centres = vec![0.0; slots.len()];
    for column in columns {
        let all: f64 = column.iter().map(|slot| high(*slot) + f64::from(GAP)).sum();
        let mut y = -all / 2.0;
        for slot in column {
            centres[*slot] = y + high(*slot) / 2.0;
            y += high(*slot) + f64::from(GAP);
        }
    }
    for sweep in 0..8 {
        let down = sweep % 2 == 0;
        let places: Vec<usize> = if down {
            (0..columns.len()).collect()
        } else {
            (0..columns.len()).rev().collect()
        };
        for at in places {
            let column = &columns[at];
            let wish: Vec<f64> = column
                .iter()
                .map(|slot| {
                    let near = if down {
                        &slots[*slot].before
                    } else {
                        &slots[*slot].after
                    };
                    match near.len() {
                        0 => centres[*slot],
                        many => {
                            let wishes = near
                                .iter()
                                .map(|(other, down)| centres[*other] + (down - 0.5) * high(*other));
                            wishes.sum::<f64>() / many as f64
                        }
                    }
                })
                .collect();
            for (slot, centre) in column.iter().zip(spread(column, &wish, &high)) {
                centres[*slot] = centre;
            }
        }
    }
    centres
}

/// The places nearest to the wishes that keep the order and the distances: neighbours that would overlap move as one.
fn spread(column: &[usize], wish: &[f64], high: &impl Fn(usize) -> f64) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(column.len());
    let mut offset = 0.0;
    for (at, slot) in column.iter().enumerate() {
        if at > 0 {
            offset += (high(column[at - 1]) + high(*slot)) / 2.0 + f64::from(GAP);
        }
        offsets.push(offset);
    }
    // Runs of slots that move together: the sum of their wishes, and how many they are.
    let mut runs: Vec<(f64, usize)> = Vec::new();
    for (wish, offset) in wish.iter().zip(&offsets) {
        runs.push((wish - offset, 1));
        while let [.., before, last] = runs.as_slice() {
            if before.0 / before.1 as f64 <= last.0 / last.1 as f64 {
                break;
            }
            let (sum, many) = *last;
            runs.pop();
            if let Some(before) = runs.last_mut() {
                before.0 += sum;
                before.1 += many;
            }
        }
    }
    let shifts = runs
        .iter()
        .flat_map(|(sum, many)| std::iter::repeat_n(sum / *many as f64, *many));
    shifts
        .zip(&offsets)
        .map(|(shift, offset)| shift + offset)
        .collect()
}

fn draw(
    sizes: &[(i32, i32)],
    forward: &[(usize, usize, bool)],
    slots: &[Slot],
    columns: &[Vec<usize>],
    centres: &[f64],
    chains: &[Vec<usize>],
) -> Layered {
    let top = |slot: usize| centres[slot] - f64::from(slots[slot].size.1.max(LANE)) / 2.0;
    let least = (0..slots.len()).map(top).fold(f64::INFINITY, f64::min);
    let mut places = vec![Point::default(); sizes.len()];
    let mut bends: Vec<(i32, i32, i32)> = vec![(0, 0, 0); slots.len()];
    let (mut x, mut width, mut height) = (0, 0, 0);
    for column in columns {
        let wide = column
            .iter()
            .map(|slot| slots[*slot].size.0)
            .max()
            .unwrap_or(0);
        for slot in column {
            let y = (top(*slot) - least).round() as i32;
            match slots[*slot].item {
                Some(item) if sizes[item] == GATE => {
                    places[item] = Point {
                        x: if x == 0 { 0 } else { width },
                        y: y + LANE / 2,
                    };
                    height = height.max(y + LANE);
                }
                Some(item) => {
                    places[item] = Point {
                        x: x + (wide - sizes[item].0) / 2,
                        y,
                    };
                    height = height.max(y + sizes[item].1);
                }
                None => {
                    let left = if wide == 0 { width } else { x };
                    bends[*slot] = (left, left + wide, y + LANE / 2);
                    height = height.max(y + LANE);
                }
            }
        }
        if wide == 0 {
            // Gates take no room.
            continue;
        }
        width = x + wide;
        let edges: usize = column.iter().map(|slot| slots[*slot].after.len()).sum();
        x += wide + BETWEEN + (edges as i32 * 2).min(60);
    }
    let ways = forward
        .iter()
        .zip(chains)
        .map(|((a, b, turned), chain)| {
            let gate = |at: &usize| (sizes[*at] == GATE).then(|| places[*at]);
            let mut way: Vec<Point> = chain
                .iter()
                .flat_map(|slot| {
                    let (left, right, y) = bends[*slot];
                    [Point { x: left, y }, Point { x: right, y }]
                })
                .collect();
            way.splice(0..0, gate(a));
            way.extend(gate(b));
            way.dedup();
            if *turned {
                way.reverse();
            }
            way
        })
        .collect();
    Layered {
        places,
        ways,
        size: (width, height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxes(many: usize) -> Vec<(i32, i32)> {
        vec![(100, 40); many]
    }

    #[test]
    fn edges_lead_to_the_right_and_boxes_keep_apart() {
        let edges = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (0, 4)];
        let found = layered(&boxes(5), &edges, &[]);
        for (a, b) in edges {
            assert!(found.places[a].x + 100 < found.places[b].x, "{a} {b}");
        }
        for a in 0..5 {
            for b in 0..a {
                let (a, b) = (found.places[a], found.places[b]);
                assert!((a.x - b.x).abs() >= 100 || (a.y - b.y).abs() >= 40);
            }
        }
        assert!(!found.ways[5].is_empty() && found.ways[0].is_empty());
    }

    #[test]
    fn circles_end_and_ladders_do_not_cross() {
        let circle = layered(&boxes(3), &[(0, 1), (1, 2), (2, 0)], &[]);
        assert_eq!(circle.places.len(), 3);
        // Drawn in the order given, all of these cross.
        let edges: Vec<_> = (0..8)
            .map(|at| (at, 15 - at))
            .chain((0..7).map(|at| (at, 14 - at)))
            .collect();
        let found = layered(&boxes(16), &edges, &[]);
        let mut crossings = 0;
        for (a, b) in &edges {
            for (c, d) in &edges {
                let y = |at: &usize| found.places[*at].y;
                crossings += usize::from((y(a) - y(c)).signum() * (y(b) - y(d)).signum() < 0);
            }
        }
        assert_eq!(crossings, 0);
    }

    #[test]
    fn a_star_is_not_one_endless_column() {
        let found = layered(
            &boxes(200),
            &(1..200).map(|leaf| (0, leaf)).collect::<Vec<_>>(),
            &[],
        );
        let (w, h) = found.size;
        assert!(w < h * 4 && h < w * 4, "{w} x {h}");
    }
}
