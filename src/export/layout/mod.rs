//! Where everything on a picture stands.
//!
//! Groups are laid out from the inside out. In each, what is connected goes in layers from left to right, with few
//! crossings (Sugiyama's way); what is not stands in a grid; and the blocks that come of it are packed in rows. All
//! coordinates are whole numbers, so that every machine draws the same.

mod layered;
mod level;
mod measure;
mod order;
mod pack;
mod route;

pub(super) use measure::{Line, Style, fit, node_lines, width as text_width, wrap};

use super::{Diagram, End};
use level::Levels;

/// A point, in pixels from the upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// To the right.
    pub x: i32,
    /// Down.
    pub y: i32,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    /// Its left edge.
    pub x: i32,
    /// Its upper edge.
    pub y: i32,
    /// Its width.
    pub w: i32,
    /// Its height.
    pub h: i32,
}

impl Rect {
    pub(super) fn right(self) -> i32 {
        self.x + self.w
    }

    pub(super) fn bottom(self) -> i32 {
        self.y + self.h
    }

    pub(super) fn middle(self) -> Point {
        Point {
            x: self.x + self.w / 2,
            y: self.y + self.h / 2,
        }
    }
}

/// The way of an edge: through these points, which it enters and leaves level, or upright.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// At least two points.
    pub points: Vec<Point>,
    /// Whether it runs down or up where it meets its points, and not sideways.
    pub upright: bool,
}

/// Where everything stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The width of all.
    pub width: i32,
    /// The height of all.
    pub height: i32,
    /// The groups, in the diagram's order.
    pub groups: Vec<Rect>,
    /// The nodes, in the diagram's order.
    pub nodes: Vec<Rect>,
    /// The edges, in the diagram's order.
    pub edges: Vec<Route>,
    /// The bar that stands for the internet, where something has a public port.
    pub internet: Option<Rect>,
    /// From it to the entries, in the order of [`Diagram::entries`]. Where something else stands in between only the end
    /// is drawn.
    pub ways_in: Vec<Route>,
}

/// The width of the bar of the internet, and its distance from the rest.
const BAR: i32 = 30;
const BAR_GAP: i32 = 44;

/// Lays a diagram out; the upper left corner is that of its content, without title block and legend.
pub fn layout(diagram: &Diagram) -> Plan {
    let mut plan = Levels::new(diagram).place();
    let entries = diagram.entries();
    if !entries.is_empty() {
        for rect in plan.groups.iter_mut().chain(&mut plan.nodes) {
            rect.x += BAR + BAR_GAP;
        }
        for way in plan.waypoints.values_mut() {
            way.iter_mut().for_each(|point| point.x += BAR + BAR_GAP);
        }
        plan.width += BAR + BAR_GAP;
    }
    let rect = |end: End| match end {
        End::Node(at) => plan.nodes.get(at).copied().unwrap_or_default(),
        End::Group(at) => plan.groups.get(at).copied().unwrap_or_default(),
    };
    let edges = route::routes(diagram, &plan.waypoints, &rect);
    let names = plan.groups.iter().map(|group| Rect { h: 30, ..*group });
    let obstacles: Vec<Rect> = plan.nodes.iter().copied().chain(names).collect();
    let internet = (!entries.is_empty()).then_some(Rect {
        x: 0,
        y: 0,
        w: BAR,
        h: plan.height,
    });
    let ways_in = route::ways_in(&entries, BAR, &rect, &obstacles);
    Plan {
        width: plan.width,
        height: plan.height,
        groups: plan.groups,
        nodes: plan.nodes,
        edges,
        internet,
        ways_in,
    }
}
