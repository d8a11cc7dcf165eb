//! Blocks side by side and in rows.

use super::Point;

/// Blocks in rows, in the order given, about one and a half times as wide as high. Gives where each stands and the
/// size of all.
pub(super) fn rows(sizes: &[(i32, i32)], gap: i32) -> (Vec<Point>, (i32, i32)) {
    let area: f64 = sizes
        .iter()
        .map(|(w, h)| f64::from(w + gap) * f64::from(h + gap))
        .sum();
    let widest = sizes.iter().map(|(w, _)| *w).max().unwrap_or(0);
    let least = ((area * 1.5).sqrt() as i32).max(widest);
    // A row a little longer may save one that is nearly empty: the best of some widths.
    let tries = [least, least * 11 / 10, least * 5 / 4, least * 7 / 5];
    let cost = |(w, h): (i32, i32)| {
        let (w, h) = (f64::from(w.max(1)), f64::from(h.max(1)));
        let shape = (w / h / 1.5).ln().abs();
        w * h * (1.0 + shape)
    };
    let mut best: Option<(Vec<Point>, (i32, i32))> = None;
    for width in tries {
        let found = shelves(sizes, gap, width);
        if best
            .as_ref()
            .is_none_or(|(_, size)| cost(found.1) < cost(*size))
        {
            best = Some(found);
        }
    }
    best.unwrap_or_default()
}

/// Fills rows of a width. What is lower than its row carries others on it where they fit.
fn shelves(sizes: &[(i32, i32)], gap: i32, width: i32) -> (Vec<Point>, (i32, i32)) {
    let mut points = Vec::with_capacity(sizes.len());
    let (mut all_w, mut top, mut row_h, mut x) = (0, 0, 0, 0);
    // The column that is being filled: its left edge, width and lower end.
    let mut column = (0, 0, 0);
    for (w, h) in sizes.iter().copied() {
        let fits_below = column.1 >= w && column.2 + gap + h <= top + row_h;
        if column.1 > 0 && fits_below {
            points.push(Point {
                x: column.0,
                y: column.2 + gap,
            });
            column.2 += gap + h;
            continue;
        }
        if x > 0 && x + w > width {
            top += row_h + gap;
            (x, row_h) = (0, 0);
        }
        points.push(Point { x, y: top });
        column = (x, w, top + h);
        all_w = all_w.max(x + w);
        row_h = row_h.max(h);
        x += w + gap;
    }
    (points, (all_w, top + row_h))
}

/// Things of nearly one size in a grid, down each column in turn: those first stand in the first column.
pub(super) fn grid(sizes: &[(i32, i32)], gap: i32) -> (Vec<Point>, (i32, i32)) {
    let (w, h) = sizes
        .iter()
        .fold((1, 1), |(w, h), size| (w.max(size.0), h.max(size.1)));
    let many = sizes.len().max(1) as f64;
    let columns = (many * 1.5 * f64::from(h + gap) / f64::from(w + gap))
        .sqrt()
        .round()
        .max(1.0) as usize;
    let rows = sizes.len().div_ceil(columns).max(1);
    let mut points = Vec::with_capacity(sizes.len());
    let (mut x, mut column_w, mut all_h) = (0, 0, 0);
    let mut y = 0;
    for (at, (w, h)) in sizes.iter().enumerate() {
        if at > 0 && at % rows == 0 {
            x += column_w + gap;
            (y, column_w) = (0, 0);
        }
        points.push(Point { x, y });
        y += h + gap;
        all_h = all_h.max(y - gap);
        column_w = column_w.max(*w);
    }
    (points, (x + column_w, all_h))
}
