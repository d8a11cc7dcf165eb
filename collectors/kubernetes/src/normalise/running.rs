//! What decides about a workload: what runs. Its template is what is declared.

use super::images::{self, Seen};
use crate::wire::{Container, PodSpec};

/// The specifications that speak for a workload.
pub(crate) struct Running<'a> {
    /// Its template; where none is read, a pod's own word.
    pub(crate) declared: &'a PodSpec,
    /// Whether that is a pod's own word.
    pub(crate) of_pod: bool,
    /// What its containers are told: by the pods that hold all that is declared, and what was put in beside it; by all that run
    /// where none does; as declared where nothing runs, or what runs comes and goes by itself.
    pub(crate) told: Vec<&'a PodSpec>,
    /// What it may do: all that runs, a rollout's old pods and what was put into one of them among it.
    pub(crate) all: Vec<&'a PodSpec>,
    /// Why there may be more than that, if there may.
    pub(crate) unseen: Option<&'static str>,
}

impl<'a> Running<'a> {
    /// What speaks for a workload with this template (or, where `of_pod`, an example of its pods) and these pods.
    pub(crate) fn of(declared: &'a PodSpec, of_pod: bool, lasting: bool, seen: &Seen<'a>) -> Self {
        let mut running = Self {
            declared,
            of_pod,
            told: Vec::new(),
            all: Vec::new(),
            unseen: None,
        };
        match seen {
            Seen::Unread(why) => running.unseen = Some(why),
            Seen::Read(None) => {}
            Seen::Read(Some(group)) => {
                if group.has_more_shapes {
                    running.unseen = Some("its pods are of more shapes than are kept apart");
                }
                // What ends by itself was the same the last time.
                running.all.extend(group.specs(!lasting));
            }
        }
        if running.all.is_empty() {
            running.all.push(declared);
        }
        if of_pod {
            running.told.clone_from(&running.all);
        } else if lasting {
            let holding = running.all.iter().filter(|spec| holds(spec, declared));
            running.told.extend(holding);
            if running.told.is_empty() {
                running.told.clone_from(&running.all);
            }
        } else {
            running.told.push(declared);
        }
        running
    }

    /// The containers of what is told, but for those that were put in while it ran; one that several pods have is there for each.
    pub(crate) fn containers(&self) -> Vec<&'a Container> {
        let all = self.told.iter().flat_map(|spec| spec.declared());
        all.collect()
    }

    /// Whether a container is declared, and was not put in by whoever admits pods.
    pub(crate) fn is_declared(&self, name: &str) -> bool {
        self.of_pod || self.declared.declared().any(|one| one.name == name)
    }
}

/// Whether a pod is told all that a template declares, whatever else it is told.
fn holds(spec: &PodSpec, declared: &PodSpec) -> bool {
    declared.declared().all(|asked| {
        let mut same = spec.declared().filter(|one| one.name == asked.name);
        same.any(|one| {
            let image = match (&one.image, &asked.image) {
                (Some(one), Some(asked)) => images::same_image(one, asked),
                (one, asked) => one == asked,
            };
            let words = one.command == asked.command && one.args == asked.args;
            let told = asked.env.iter().all(|row| one.env.contains(row));
            let from = asked.env_from.iter();
            image && words && told && from.into_iter().all(|row| one.env_from.contains(row))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(json: &str) -> PodSpec {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_pod_with_more_is_of_the_template_and_one_with_other_words_is_not() {
        let declared = spec(
            r#"{"containers":[{"name":"web","image":"web:1","args":["a"],"env":[{"name":"A","value":"1"}]}]}"#,
        );
        for (pod, of_it) in [
            (
                r#"{"containers":[{"name":"mesh","image":"m"},{"name":"web","image":"docker.io/library/web:1","args":["a"],"env":[{"name":"B","value":"2"},{"name":"A","value":"1"}]}]}"#,
                true,
            ),
            (
                r#"{"containers":[{"name":"web","image":"web:2","args":["a"],"env":[{"name":"A","value":"1"}]}]}"#,
                false,
            ),
            (
                r#"{"containers":[{"name":"web","image":"web:1","args":["b"],"env":[{"name":"A","value":"1"}]}]}"#,
                false,
            ),
            (
                r#"{"containers":[{"name":"web","image":"web:1","args":["a"]}]}"#,
                false,
            ),
        ] {
            assert_eq!(holds(&spec(pod), &declared), of_it, "{pod}");
        }
    }
}
