//! `/~@/~hookfs/nodes`: what the graph knows of each node that is in memory, under a name that the node alone has; for
//! those as well that are no output of their own.

use std::sync::Arc;

use super::graph_view::{NodeFile, Reports};
use super::{File, Found, Listed, View};
use crate::base::{ContentHash, Key, Part, ShortHash, SourcePath};
use crate::compute::{Context, Failure};

/// The name of a node's report: the beginning of a hash of what identifies the node.
pub fn node_name(key: &Key) -> String {
    format!("{}.json", id(key))
}

fn id(key: &Key) -> ShortHash {
    ContentHash::of(key.to_string().as_bytes()).short()
}

/// Who can tell which nodes are in memory.
pub trait Nodes: Send + Sync {
    /// A node that passes the test.
    fn find(&self, test: &dyn Fn(&Key) -> bool) -> Option<Key>;
}

/// A flat folder that no listing shows the files of.
pub struct NodesView {
    nodes: Arc<dyn Nodes>,
    reports: Arc<dyn Reports>,
    /// Which nodes are told of.
    wanted: fn(&Key) -> bool,
}

impl NodesView {
    /// The reports on the nodes that are in memory and wanted.
    pub fn new(nodes: Arc<dyn Nodes>, reports: Arc<dyn Reports>, wanted: fn(&Key) -> bool) -> Self {
        Self {
            nodes,
            reports,
            wanted,
        }
    }
}

impl View for NodesView {
    fn lookup(&self, _context: &dyn Context, path: &SourcePath) -> Result<Found, Failure> {
        if path.is_root() {
            return Ok(Found::Directory { source: None });
        }
        let wanted = path.as_bytes().strip_suffix(b".json");
        let Some(wanted) = wanted.and_then(ShortHash::parse) else {
            return Ok(Found::Absent);
        };
        let test = |key: &Key| id(key) == wanted && (self.wanted)(key);
        Ok(match self.nodes.find(&test) {
            None => Found::Absent,
            Some(key) => Found::File(File::Text(Arc::new(NodeFile {
                identity: format!("~hookfs/nodes/{path}"),
                file: File::Node {
                    key,
                    part: Part::MAIN,
                    names: 1,
                },
                reports: self.reports.clone(),
            }))),
        })
    }

    fn list(&self, _context: &dyn Context, path: &SourcePath) -> Result<Vec<Listed>, Failure> {
        match path.is_root() {
            true => Ok(Vec::new()),
            false => Err(Failure::Missing(path.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::base::Computation;
    use crate::router::tests::Nothing;

    struct Known(Vec<Key>);

    impl Nodes for Known {
        fn find(&self, test: &dyn Fn(&Key) -> bool) -> Option<Key> {
            self.0.iter().find(|key| test(key)).cloned()
        }
    }

    impl Reports for Known {
        fn report(&self, key: &Key) -> Result<Bytes, Failure> {
            Ok(Bytes::from(key.to_string()))
        }
    }

    #[test]
    fn each_node_that_is_wanted_has_a_name_of_its_own() {
        let path = |name: &str| SourcePath::parse(name).unwrap();
        let key = |computation, name| Key::new(Computation::new(computation), path(name));
        let known = [key("module", "a.ts"), key("run", "a.ts"), key("scope", "a")];
        let nodes = Arc::new(Known(known.to_vec()));
        let view = NodesView::new(nodes.clone(), nodes, |key| {
            key.computation.name() != "scope"
        });
        let told = |key: &Key| match view.lookup(&Nothing, &path(&node_name(key))).unwrap() {
            Found::File(File::Text(live)) => Some(live.text().unwrap()),
            _ => None,
        };
        assert_eq!(told(&known[0]).unwrap(), "module:/a.ts");
        assert_eq!(told(&known[1]).unwrap(), "run:/a.ts");
        assert_eq!(told(&known[2]), None);
        assert_eq!(told(&key("module", ".env")), None);
        for name in [
            "0123456789abcdef.json",
            "x.json",
            ".json",
            "0123456789abcdef",
        ] {
            assert!(
                matches!(view.lookup(&Nothing, &path(name)), Ok(Found::Absent)),
                "{name}"
            );
        }
        assert_eq!(view.list(&Nothing, &SourcePath::root()).unwrap(), []);
    }
}
