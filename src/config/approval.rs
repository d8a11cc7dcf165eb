//! `[approval]`: which changes need which approvals.

use plimsoll_model::Text;
use plimsoll_settings::{Mistake, Section, nearest};

use super::baselines::BaselineSettings;
use super::reading::Reading;
use super::sources::Source;
use crate::approval::{Policies, Policy};

/// `[approval]`: which changes need which approvals.
#[derive(Clone, Debug, Default)]
pub struct ApprovalSettings {
    /// The policy that is chosen, with what it extends.
    pub policy: Option<Policy>,
    /// Every policy that can be chosen: the shipped ones and those that the configuration names.
    pub policies: std::sync::Arc<Policies>,
    /// The sources that give change requests, also while they have none to give: those named, and those whose collectors say so.
    pub sources: Vec<Text>,
}

impl ApprovalSettings {
    /// Reads the section and the policies that it names. Mistakes in those files go to `elsewhere`.
    pub(super) fn read(
        section: &Section<'_>,
        reading: &Reading<'_>,
        configured: &[String],
        elsewhere: &mut Vec<Mistake>,
    ) -> Self {
        let name = section.text("policy");
        let sources = section.texts("sources").unwrap_or_default();
        for source in sources.iter().filter(|one| !configured.contains(one)) {
            let message = format!("`sources`: no source is named {source:?}");
            let hint = nearest(source, configured.iter().map(String::as_str));
            let hint = hint.map(|near| format!("did you mean {near:?}?"));
            section.mistake(section.place_of("sources"), message, hint);
        }
        let sources: Vec<Text> = sources.into_iter().map(Text::from).collect();
        let own = BaselineSettings::read(section, reading);
        let mut documents = Policies::shipped();
        documents.extend(own.documents);
        let policies = match Policies::load(&documents) {
            Ok(policies) => std::sync::Arc::new(policies),
            Err(mistakes) => {
                elsewhere.extend(mistakes.into_vec());
                return Self::default();
            }
        };
        let Some(name) = name else {
            return Self {
                policy: None,
                policies,
                sources,
            };
        };
        let policy = policies.get(&name).cloned();
        if policy.is_none() {
            let message = format!("no approval policy is called {name:?}");
            section.mistake(
                section.place_of("policy"),
                message,
                Some(policies.suggest(&name)),
            );
        }
        Self {
            policy,
            policies,
            sources,
        }
    }

    /// Adds the sources whose collectors read nothing but change requests, or those too.
    pub(super) fn add(&mut self, configured: &[Source]) {
        for source in configured {
            if source.collector.holds_requests() && !self.sources.contains(&source.name) {
                self.sources.push(source.name.clone());
            }
        }
    }
}
