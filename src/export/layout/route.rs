//! Where edges run.

use std::collections::HashMap;

use super::level::OUTSIDE;
use super::{Point, Rect, Route};
use crate::export::{Diagram, End};

/// A side of a rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Side {
    Left,
    Right,
    Above,
    Below,
}

/// An edge that meets a side: where along it the other end is, the edge's place, and whether it starts here.
type Meeting = (i32, usize, bool);

/// The edges' ways, in the diagram's order.
pub(super) fn routes(
    diagram: &Diagram,
    waypoints: &HashMap<(End, End), Vec<Point>>,
    rect: &impl Fn(End) -> Rect,
) -> Vec<Route> {
    let sides: Vec<(Side, Side)> = diagram
        .edges
        .iter()
        .map(|edge| sides(rect(edge.from), rect(edge.to)))
        .collect();
    // Edges that meet one side of one thing share it, in the order of where they come from.
    let mut meeting: HashMap<(End, Side), Vec<Meeting>> = HashMap::new();
    for (at, (edge, (from, to))) in diagram.edges.iter().zip(&sides).enumerate() {
        for (end, side, other, start) in [
            (edge.from, *from, edge.to, true),
            (edge.to, *to, edge.from, false),
        ] {
            let middle = rect(other).middle();
            let key = if matches!(side, Side::Left | Side::Right) {
                middle.y
            } else {
                middle.x
            };
            meeting
                .entry((end, side))
                .or_default()
                .push((key, at, start));
        }
    }
    let mut anchors: HashMap<(usize, bool), Point> = HashMap::new();
    for ((end, side), mut all) in meeting {
        all.sort_unstable();
        let of = rect(end);
        let many = all.len() as i32;
        for (place, (key, at, start)) in (0i32..).zip(all) {
            let share = |low: i32, length: i32| match end {
                End::Node(_) => low + length * (place + 1) / (many + 1),
                // A group is large: an edge meets it where it comes to it.
                End::Group(_) => key.clamp(
                    low + 12.min(length / 2),
                    (low + length - 12).max(low + length / 2),
                ),
            };
            let point = match side {
                Side::Left => Point {
                    x: of.x,
                    y: share(of.y, of.h),
                },
                Side::Right => Point {
                    x: of.right(),
                    y: share(of.y, of.h),
                },
                Side::Above => Point {
                    x: share(of.x, of.w),
                    y: of.y,
                },
                Side::Below => Point {
                    x: share(of.x, of.w),
                    y: of.bottom(),
                },
            };
            anchors.insert((at, start), point);
        }
    }
    let anchor = |at: usize, start: bool| anchors.get(&(at, start)).copied().unwrap_or_default();
    let mut routes = Vec::with_capacity(diagram.edges.len());
    for (at, (edge, (side, _))) in diagram.edges.iter().zip(&sides).enumerate() {
        let upright = matches!(side, Side::Above | Side::Below);
        let mut points = vec![anchor(at, true)];
        if !upright {
            let beside = beside(edge.kind);
            let way = level_way(diagram, waypoints, edge.from, edge.to);
            points.extend(
                way.into_iter()
                    .map(|Point { x, y }| Point { x, y: y + beside }),
            );
        }
        points.push(anchor(at, false));
        // A bend that goes back would make a loop.
        let rightwards = *side == Side::Right;
        let last = points[points.len() - 1];
        let mut way = vec![points[0]];
        for point in &points[1..points.len() - 1] {
            let before = way[way.len() - 1].x;
            let on = if rightwards {
                point.x > before && point.x < last.x
            } else {
                point.x < before && point.x > last.x
            };
            if on {
                way.push(*point);
            }
        }
        way.push(last);
        let points = way;
        routes.push(Route { points, upright });
    }
    routes
}

/// In a lane that several relations share, each kind keeps to itself.
fn beside(kind: &str) -> i32 {
    match kind {
        "uses" => 3,
        "stores-on" => -3,
        "member-of" => 6,
        "built-from" | "exposes" => -6,
        _ => 0,
    }
}

/// The bends of an edge: out of the groups around its start, on the level on which its ends part, and into the groups
/// around its end.
fn level_way(
    diagram: &Diagram,
    waypoints: &HashMap<(End, End), Vec<Point>>,
    from: End,
    to: End,
) -> Vec<Point> {
    if waypoints.is_empty() {
        return Vec::new();
    }
    let path = |end: End| {
        let mut path: Vec<End> = diagram.around(end).into_iter().map(End::Group).collect();
        path.push(end);
        path
    };
    let (from, to) = (path(from), path(to));
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let out = from.iter().skip(same + 1).rev().map(|end| (*end, OUTSIDE));
    let across = from.get(same).copied().zip(to.get(same).copied());
    let into = to.iter().skip(same + 1).map(|end| (OUTSIDE, *end));
    let ways = out
        .chain(across)
        .chain(into)
        .filter_map(|way| waypoints.get(&way));
    ways.flatten().copied().collect()
}

/// On which sides an edge leaves and arrives: sideways where there is room, else up or down.
fn sides(from: Rect, to: Rect) -> (Side, Side) {
    const ROOM: i32 = 16;
    if to.x >= from.right() + ROOM {
        (Side::Right, Side::Left)
    } else if from.x >= to.right() + ROOM {
        (Side::Left, Side::Right)
    } else if to.y >= from.bottom() {
        (Side::Below, Side::Above)
    } else if from.y >= to.bottom() {
        (Side::Above, Side::Below)
    } else {
        (Side::Right, Side::Left)
    }
}

/// From the internet's bar straight to each entry; where a node or a group's name stands in between, the last bit of that way.
pub(super) fn ways_in(
    entries: &[(End, &[String])],
    bar: i32,
    rect: &impl Fn(End) -> Rect,
    obstacles: &[Rect],
) -> Vec<Route> {
    const STUB: i32 = 13;
    let way = |(end, _): &(End, &[String])| {
        let of = rect(*end);
        // Into a group by its name, so that the line does not point at what is in it.
        let y = match end {
            End::Node(_) => of.middle().y,
            End::Group(_) => of.y + 16,
        };
        let between = |node: &Rect| {
            node.right() <= of.x && node.x >= bar && (node.y..=node.bottom()).contains(&y)
        };
        let start = if obstacles.iter().any(between) {
            of.x - STUB
        } else {
            bar
        };
        Route {
            points: vec![Point { x: start, y }, Point { x: of.x, y }],
            upright: false,
        }
    };
    entries.iter().map(way).collect()
}
