//! How an environment is reached: its certificates and endpoints.

use plimsoll_kit::http::Error;
use plimsoll_kit::model::{AssetId, fact};

use super::environment::Place;
use super::lists::Lists;
use super::{hand_over, told};
use crate::normalise::drain::Drains;
use crate::normalise::tls::Settings as EndpointSettings;
use crate::normalise::{certificate, endpoint};
use crate::wire::{Service, Setting, Vhost};

impl Place<'_> {
    pub(super) fn certificates(&mut self, lists: &Lists) -> Option<certificate::Known> {
        let all = lists.certificates.as_deref()?;
        let known = certificate::ids(self.site, all, lists.vhosts.as_deref());
        for one in all {
            if let Some(piece) = certificate::certificate(self.site, one, &known) {
                let number = one.id.as_deref().unwrap_or_default();
                self.index
                    .insert("certificates", number, piece.asset.id.clone());
                hand_over(self.scope, piece, self.harvest);
            }
        }
        Some(known)
    }

    pub(super) fn endpoints(
        &mut self,
        lists: &Lists,
        settings: &[Option<Result<Setting, Error>>],
        drains: &Drains,
    ) {
        let certificates = self.certificates(lists);
        let Some(vhosts) = lists.vhosts.as_deref() else {
            return;
        };
        let called = endpoint::called(vhosts);
        let mut errors = Vec::new();
        for (vhost, settings) in vhosts.iter().zip(settings) {
            if let Some(Err(error)) = settings {
                errors.push(error);
            }
            let why = match settings {
                Some(Err(error)) => error.to_string(),
                _ => "GET /settings/{id} has no settings".to_owned(),
            };
            let settings = match settings {
                None => EndpointSettings::InConfiguration,
                Some(Ok(Setting {
                    settings: Some(all),
                })) => EndpointSettings::Known(all),
                Some(_) => EndpointSettings::Unread(&why),
            };
            let number = vhost.id.as_deref().unwrap_or_default();
            let Some(called) = called.get(number) else {
                continue;
            };
            self.index.insert("vhosts", number, endpoint::id(vhost));
            let target = self.target(vhost, lists.services.as_deref());
            let (mut piece, names) = endpoint::endpoint(
                self.site,
                vhost,
                called,
                &settings,
                target,
                certificates.as_ref(),
                drains,
            );
            if let EndpointSettings::Unread(why) = settings {
                piece.asset.partial = Some(why.into());
            }
            let ports = piece.asset.get(fact::PORTS).cloned();
            if let Some((link, ports)) = vhost._links.service.as_ref().zip(ports) {
                self.ports.entry(link.id.clone()).or_default().push(ports);
            }
            hand_over(self.scope, piece, self.harvest);
            for name in names {
                if self.names.insert(name.id.clone()) {
                    self.harvest.asset(self.scope, name);
                }
            }
        }
        told::details(self.scope, "GET /settings/{id}", &errors, self.harvest);
    }

    /// What an endpoint leads to. Says so where that is not to be seen.
    pub(super) fn target(
        &mut self,
        vhost: &Vhost,
        services: Option<&[Service]>,
    ) -> Option<AssetId> {
        let services = services?;
        let link = vhost._links.service.as_ref();
        let service = link.and_then(|link| {
            let mut services = services.iter();
            services.find(|service| service.id.as_ref() == Some(&link.id))
        });
        let target = service.and_then(|service| self.asset_of(service));
        if service.is_none() {
            let number = vhost.id.as_deref().unwrap_or_default();
            let what = format!(
                "endpoint {number} leads to a service that GET /accounts/{{id}}/services does not list"
            );
            self.harvest.trouble(self.scope, what);
        }
        target
    }
}
