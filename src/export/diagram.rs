//! What every diagram format renders.

/// A diagram: groups in groups, nodes in them, and edges between any two of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagram {
    /// What the title block says.
    pub title: Title,
    /// The groups: those outside before those inside them.
    pub groups: Vec<Group>,
    /// The nodes, in order of their keys.
    pub nodes: Vec<Node>,
    /// The edges, in order of their ends.
    pub edges: Vec<Edge>,
}

/// What the title block says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Title {
    /// What the diagram shows.
    pub heading: String,
    /// Which scan, when, how completely; what was asked for and what was left out.
    pub lines: Vec<String>,
    /// What a reader must not miss: that the scan was incomplete, what was collapsed.
    pub warnings: Vec<String>,
}

/// A group: an environment, a host, a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Unique in the diagram and stable over scans: an asset's id, or `environment:NAME`.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// What kind of thing it is.
    pub kind: String,
    /// The group that it is in.
    pub parent: Option<usize>,
    /// Its own environment, where the group around it is of another or of several.
    pub environment: Option<String>,
    /// Whether it is the smallest place around a system with sensitive data: the compliance boundary.
    pub boundary: bool,
    /// Its own public ports.
    pub public: Vec<String>,
    /// What is to be said of it in this diagram.
    pub mark: Option<Mark>,
    /// Why nothing, or not everything, is known of it now.
    pub unseen: bool,
}

/// A node: an asset, or several alike as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Unique in the diagram and stable over scans: an asset's id.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// What kind of thing it is.
    pub kind: String,
    /// Its role.
    pub role: Option<String>,
    /// Its own environment, where the group around it is of another or of several.
    pub environment: Option<String>,
    /// The group that it is in.
    pub group: Option<usize>,
    /// Whether it holds sensitive data.
    pub sensitive: Sensitive,
    /// Its public ports.
    pub public: Vec<String>,
    /// What is to be said of it in this diagram.
    pub mark: Option<Mark>,
    /// Why nothing, or not everything, is known of it now.
    pub unseen: bool,
    /// How many assets it stands for.
    pub count: usize,
}

/// Whether something holds sensitive data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sensitive {
    /// Nobody says anything about it.
    #[default]
    Unsaid,
    /// It does not.
    No,
    /// It cannot be known, which is not no.
    Unknown,
    /// It does.
    Yes,
}

/// What is to be said of a thing in one diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It was another.
    Modified,
    /// It is what was asked about.
    Focus,
    /// The internet reaches it through others.
    Reached,
    /// Whether that is so is not known.
    Unknown,
    /// It depends on what was asked about.
    Affected,
    /// Several environments use it.
    Shared,
    /// Nobody uses it.
    Unused,
}

impl Mark {
    /// All of them, in the order of the legend.
    pub const ALL: [Mark; 9] = [
        Mark::Added,
        Mark::Removed,
        Mark::Modified,
        Mark::Focus,
        Mark::Reached,
        Mark::Unknown,
        Mark::Affected,
        Mark::Shared,
        Mark::Unused,
    ];

    /// The word on the diagram.
    pub fn as_str(self) -> &'static str {
        match self {
            Mark::Added => "added",
            Mark::Removed => "removed",
            Mark::Modified => "changed",
            Mark::Focus => "asked about",
            Mark::Reached => "reached through others",
            Mark::Unknown => "reach unknown",
            Mark::Affected => "affected",
            Mark::Shared => "shared",
            Mark::Unused => "unused",
        }
    }

    /// The sign before the word.
    pub fn sign(self) -> &'static str {
        match self {
            Mark::Added => "+",
            Mark::Removed => "−",
            Mark::Modified => "Δ",
            Mark::Focus => "●",
            Mark::Reached => "→",
            Mark::Unknown => "?",
            Mark::Affected => "!",
            Mark::Shared => "∞",
            Mark::Unused => "○",
        }
    }

    /// Its colour, as `#rrggbb`: dark enough for text on white.
    pub fn colour(self) -> &'static str {
        match self {
            Mark::Added => "#1a7f37",
            Mark::Removed => "#b3261e",
            Mark::Modified | Mark::Focus => "#0b57d0",
            Mark::Reached | Mark::Affected | Mark::Shared => "#b3261e",
            Mark::Unknown => "#8a5a00",
            Mark::Unused => "#566073",
        }
    }
}

/// An end of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// The place of a node.
    Node(usize),
    /// The place of a group.
    Group(usize),
}

/// A relation between two ends, or several alike as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it starts.
    pub from: End,
    /// What it says.
    pub kind: &'static str,
    /// Where it ends.
    pub to: End,
    /// Whether it came, went, or stands out.
    pub mark: Option<Mark>,
    /// How many relations it stands for.
    pub count: usize,
}

impl Edge {
    /// What stands beside it.
    pub fn label(&self) -> String {
        let mut label = self.kind.to_owned();
        if self.count > 1 {
            label.push_str(&format!(" ×{}", self.count));
        }
        if let Some(mark) = self
            .mark
            .filter(|mark| matches!(mark, Mark::Added | Mark::Removed))
        {
            label.push_str(&format!(" ({})", mark.as_str()));
        }
        label
    }
}

impl Diagram {
    /// The groups around a group or node, from the outside in.
    pub fn around(&self, end: End) -> Vec<usize> {
        let inner = match end {
            End::Node(at) => self.nodes.get(at).and_then(|node| node.group),
            End::Group(at) => self.groups.get(at).and_then(|group| group.parent),
        };
        let up = |at: &usize| self.groups.get(*at).and_then(|group| group.parent);
        let mut chain: Vec<usize> = std::iter::successors(inner, up)
            .take(self.groups.len())
            .collect();
        chain.reverse();
        chain
    }

    /// The groups directly in a group, or outermost.
    pub fn groups_in(&self, parent: Option<usize>) -> impl Iterator<Item = usize> {
        let groups = self.groups.iter().enumerate();
        groups
            .filter(move |(_, group)| group.parent == parent)
            .map(|(at, _)| at)
    }

    /// The nodes directly in a group, or in none.
    pub fn nodes_in(&self, group: Option<usize>) -> impl Iterator<Item = usize> {
        let nodes = self.nodes.iter().enumerate();
        nodes
            .filter(move |(_, node)| node.group == group)
            .map(|(at, _)| at)
    }

    /// What has a public port: where the internet comes in.
    pub fn entries(&self) -> Vec<(End, &[String])> {
        let groups = self.groups.iter().enumerate();
        let groups = groups.map(|(at, group)| (End::Group(at), group.public.as_slice()));
        let nodes = self.nodes.iter().enumerate();
        let nodes = nodes.map(|(at, node)| (End::Node(at), node.public.as_slice()));
        groups
            .chain(nodes)
            .filter(|(_, ports)| !ports.is_empty())
            .collect()
    }
}
