//! `[approval]`: which changes need which approvals.

use plimsoll_settings::{Mistake, Section};

use super::baselines::BaselineSettings;
use super::reading::Reading;
use crate::approval::{Policies, Policy};

/// `[approval]`: which changes need which approvals.
#[derive(Clone, Debug, Default)]
pub struct ApprovalSettings {
    /// The policy that is chosen, with what it extends.
    pub policy: Option<Policy>,
}

impl ApprovalSettings {
    /// Reads the section and the policies that it names. Mistakes in those files go to `elsewhere`.
    pub(super) fn read(
        section: &Section<'_>,
        reading: &Reading<'_>,
        elsewhere: &mut Vec<Mistake>,
    ) -> Self {
        let name = section.text("policy");
        let own = BaselineSettings::read(section, reading);
        let mut documents = Policies::shipped();
        documents.extend(own.documents);
        let policies = match Policies::load(&documents) {
            Ok(policies) => policies,
            Err(mistakes) => {
                elsewhere.extend(mistakes.into_vec());
                return Self::default();
            }
        };
        let Some(name) = name else {
            return Self::default();
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
        Self { policy }
    }
}
