//! Who keeps services' balancers and ingresses, and which annotations each obeys. An annotation is a word to one controller:
//! to all others it is a note, so a controller that is not in the table obeys none.

use std::collections::BTreeMap;

use plimsoll_model::Text;

use crate::wire::{IngressClass, Meta, Node, Service};

/// A controller, as far as is known what it obeys.
#[derive(Debug)]
pub(crate) struct Controller {
    /// What it calls itself: in `spec.controller` of an ingress class, or as a service's `spec.loadBalancerClass`.
    names: &'static [&'static str],
    /// The classes of ingresses that are its own by convention, where the cluster has no object of that class.
    classes: &'static [&'static str],
    /// How the ids of the nodes begin on which it keeps the services without a class.
    cloud: &'static str,
    /// How the host names of its balancers end.
    domains: &'static [&'static str],
    /// Whether what it makes is internal.
    internal: Internal,
    /// Annotations that take plain HTTP away, with what they say then.
    secure_only: &'static [(&'static str, &'static str)],
    /// Annotations on whether plain HTTP is sent on to HTTPS: the first that is there decides.
    redirects: &'static [(&'static str, Says)],
    /// Annotations with the ranges of addresses that are let in.
    sources: &'static [&'static str],
    /// Annotations that name a certificate, so that there is TLS without `spec.tls`.
    certificates: &'static [&'static str],
    /// The annotation that names a policy of AWS for TLS.
    policy: Option<&'static str>,
    /// The annotation that lists the ports of an ingress.
    listeners: Option<&'static str>,
    /// Whether it sends on to HTTPS where there is TLS unless its own configuration says otherwise.
    usually_redirects: bool,
}

/// Whether what a controller makes is internal.
#[derive(Debug)]
struct Internal {
    /// The annotations that say so: the first that is there decides.
    by: &'static [(&'static str, Says)],
    /// What holds where none is there; none where that is not known.
    otherwise: Option<bool>,
}

/// When an annotation says yes.
#[derive(Clone, Copy, Debug)]
enum Says {
    /// By this word.
    Word(&'static str),
    /// By any word but these.
    AnyBut(&'static [&'static str]),
    /// By this word; any other is as none.
    Only(&'static str),
    /// As soon as it is there; it cannot say no.
    There,
}

impl Says {
    /// What a value says; none where it says nothing.
    fn of(self, value: &str) -> Option<bool> {
        let value = value.trim();
        match self {
            Self::Word(word) => Some(value.eq_ignore_ascii_case(word)),
            Self::AnyBut(words) => Some(!words.iter().any(|one| value.eq_ignore_ascii_case(one))),
            Self::Only(word) => value.eq_ignore_ascii_case(word).then_some(true),
            Self::There => (!value.is_empty()).then_some(true),
        }
    }
}

const OBEYS_NONE: Controller = Controller {
    names: &[],
    classes: &[],
    cloud: "",
    domains: &[],
    internal: Internal {
        by: &[],
        otherwise: None,
    },
    secure_only: &[],
    redirects: &[],
    sources: &[],
    certificates: &[],
    policy: None,
    listeners: None,
    usually_redirects: false,
};

/// A cloud's own controller of services, whose balancers are public unless an annotation says otherwise.
const fn cloud(cloud: &'static str, by: &'static [(&'static str, Says)]) -> Controller {
    Controller {
        cloud,
        internal: Internal {
            by,
            otherwise: Some(false),
        },
        ..OBEYS_NONE
    }
}

/// The ranges of a service, before there was a field for them; read by those controllers that share the library for it.
const SOURCE_RANGES: &[&str] = &["service.beta.kubernetes.io/load-balancer-source-ranges"];

const AWS_INTERNAL: &[(&str, Says)] = &[
    (
        "service.beta.kubernetes.io/aws-load-balancer-scheme",
        Says::AnyBut(&["internet-facing"]),
    ),
    (
        "service.beta.kubernetes.io/aws-load-balancer-internal",
        // Before there was a scheme: anything but "false", as `0.0.0.0/0`.
        Says::AnyBut(&["", "false"]),
    ),
];
const AWS_DOMAINS: &[&str] = &[".elb.amazonaws.com", ".elb.amazonaws.com.cn"];

/// AWS' controller of services that is a part of its cloud provider.
static AWS: Controller = Controller {
    domains: AWS_DOMAINS,
    sources: SOURCE_RANGES,
    policy: Some("service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy"),
    ..cloud("aws://", AWS_INTERNAL)
};

/// AWS' controller of services and ingresses that is installed by itself: internal unless it is told otherwise.
static AWS_SERVICES: Controller = Controller {
    names: &["service.k8s.aws/nlb", "eks.amazonaws.com/nlb"],
    internal: Internal {
        by: AWS_INTERNAL,
        otherwise: Some(true),
    },
    sources: SOURCE_RANGES,
    policy: Some("service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy"),
    ..OBEYS_NONE
};

/// All that are known. What decides between two of one cloud is in [`of_service`].
static ALL: &[&Controller] = &[
    &AWS,
    &AWS_SERVICES,
    &Controller {
        sources: SOURCE_RANGES,
        ..cloud(
            "gce://",
            &[
                (
                    "networking.gke.io/load-balancer-type",
                    Says::Word("internal"),
                ),
                (
                    "cloud.google.com/load-balancer-type",
                    Says::Word("internal"),
                ),
            ],
        )
    },
    &Controller {
        sources: SOURCE_RANGES,
        ..cloud(
            "azure://",
            &[(
                "service.beta.kubernetes.io/azure-load-balancer-internal",
                Says::Word("true"),
            )],
        )
    },
    &cloud(
        "oci://",
        &[
            (
                "service.beta.kubernetes.io/oci-load-balancer-internal",
                Says::Word("true"),
            ),
            (
                "oci-network-load-balancer.oraclecloud.com/internal",
                Says::Word("true"),
            ),
        ],
    ),
    &Controller {
        // Its addresses are of one's own network, with a floating one or without.
        internal: Internal {
            by: &[(
                "service.beta.kubernetes.io/openstack-internal-load-balancer",
                Says::Word("true"),
            )],
            otherwise: None,
        },
        sources: SOURCE_RANGES,
        ..cloud("openstack://", &[])
    },
    &Controller {
        domains: &[".lb.appdomain.cloud"],
        ..cloud(
            "ibm://",
            &[(
                "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type",
                Says::Word("private"),
            )],
        )
    },
    &cloud(
        "alicloud://",
        &[
            (
                "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type",
                Says::Word("intranet"),
            ),
            (
                "service.beta.kubernetes.io/alicloud-loadbalancer-address-type",
                Says::Word("intranet"),
            ),
        ],
    ),
    &cloud(
        "qcloud://",
        &[(
            "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid",
            Says::There,
        )],
    ),
    &cloud(
        "digitalocean://",
        &[(
            "service.beta.kubernetes.io/do-loadbalancer-network",
            Says::Word("internal"),
        )],
    ),
    &cloud(
        "hcloud://",
        &[(
            "load-balancer.hetzner.cloud/disable-public-network",
            Says::Word("true"),
        )],
    ),
    &cloud(
        "scaleway://",
        &[(
            "service.beta.kubernetes.io/scw-loadbalancer-private",
            Says::Word("true"),
        )],
    ),
    &cloud(
        "yandex://",
        &[("yandex.cloud/load-balancer-type", Says::Word("internal"))],
    ),
    &cloud("linode://", &[]),
    &cloud("vultr://", &[]),
    &cloud("exoscale://", &[]),
    // Ingresses.
    &Controller {
        names: &["ingress.k8s.aws/alb"],
        classes: &["alb"],
        internal: Internal {
            by: &[(
                "alb.ingress.kubernetes.io/scheme",
                Says::AnyBut(&["internet-facing"]),
            )],
            otherwise: Some(true),
        },
        redirects: &[("alb.ingress.kubernetes.io/ssl-redirect", Says::There)],
        sources: &["alb.ingress.kubernetes.io/inbound-cidrs"],
        certificates: &["alb.ingress.kubernetes.io/certificate-arn"],
        policy: Some("alb.ingress.kubernetes.io/ssl-policy"),
        listeners: Some("alb.ingress.kubernetes.io/listen-ports"),
        ..OBEYS_NONE
    },
    &Controller {
        names: &["k8s.io/ingress-gce", "networking.gke.io/ingress-gce"],
        classes: &["gce"],
        internal: Internal {
            by: &[],
            otherwise: Some(false),
        },
        secure_only: GCE_SECURE,
        certificates: GCE_CERTIFICATES,
        ..OBEYS_NONE
    },
    &Controller {
        classes: &["gce-internal"],
        internal: Internal {
            by: &[],
            otherwise: Some(true),
        },
        secure_only: GCE_SECURE,
        certificates: GCE_CERTIFICATES,
        ..OBEYS_NONE
    },
    &Controller {
        names: &["azure/application-gateway"],
        classes: &["azure/application-gateway", "azure-application-gateway"],
        internal: Internal {
            by: &[(
                "appgw.ingress.kubernetes.io/use-private-ip",
                Says::Word("true"),
            )],
            otherwise: None,
        },
        redirects: &[(
            "appgw.ingress.kubernetes.io/ssl-redirect",
            Says::Word("true"),
        )],
        certificates: &["appgw.ingress.kubernetes.io/appgw-ssl-certificate"],
        ..OBEYS_NONE
    },
    &INGRESS_NGINX,
    &Controller {
        names: &["nginx.org/ingress-controller"],
        redirects: &[
            ("nginx.org/redirect-to-https", Says::Word("true")),
            ("ingress.kubernetes.io/ssl-redirect", Says::Word("true")),
        ],
        usually_redirects: true,
        ..OBEYS_NONE
    },
    &Controller {
        names: &["traefik.io/ingress-controller"],
        classes: &["traefik"],
        secure_only: &[(
            "traefik.ingress.kubernetes.io/router.entrypoints",
            "websecure",
        )],
        ..OBEYS_NONE
    },
    &Controller {
        names: &["projectcontour.io/contour"],
        classes: &["contour"],
        secure_only: &[("kubernetes.io/ingress.allow-http", "false")],
        redirects: &[(
            "ingress.kubernetes.io/force-ssl-redirect",
            Says::Only("true"),
        )],
        ..OBEYS_NONE
    },
    &Controller {
        names: &["haproxy-ingress.github.io/controller"],
        redirects: &[
            ("haproxy-ingress.github.io/ssl-redirect", Says::Word("true")),
            ("ingress.kubernetes.io/ssl-redirect", Says::Word("true")),
        ],
        sources: &[
            "haproxy-ingress.github.io/allowlist-source-range",
            "haproxy-ingress.github.io/whitelist-source-range",
        ],
        usually_redirects: true,
        ..OBEYS_NONE
    },
    &Controller {
        names: &[
            "haproxy.org/ingress-controller",
            "haproxy.org/ingress-controller/haproxy",
        ],
        redirects: &[("haproxy.org/ssl-redirect", Says::Word("true"))],
        sources: &["haproxy.org/allow-list", "haproxy.org/whitelist"],
        usually_redirects: true,
        ..OBEYS_NONE
    },
    &Controller {
        names: &["ingress-controllers.konghq.com/kong"],
        classes: &["kong"],
        redirects: &[("konghq.com/protocols", Says::Only("https"))],
        ..OBEYS_NONE
    },
];

static INGRESS_NGINX: Controller = Controller {
    names: &["k8s.io/ingress-nginx"],
    classes: &["nginx"],
    redirects: &[
        (
            "nginx.ingress.kubernetes.io/force-ssl-redirect",
            Says::Only("true"),
        ),
        (
            "nginx.ingress.kubernetes.io/ssl-redirect",
            Says::Word("true"),
        ),
    ],
    sources: &[
        "nginx.ingress.kubernetes.io/whitelist-source-range",
        "nginx.ingress.kubernetes.io/allowlist-source-range",
    ],
    usually_redirects: true,
    ..OBEYS_NONE
};

const GCE_SECURE: &[(&str, &str)] = &[("kubernetes.io/ingress.allow-http", "false")];
const GCE_CERTIFICATES: &[&str] = &[
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "networking.gke.io/managed-certificates",
];

/// The cluster's classes of ingresses, by name.
#[derive(Default)]
pub(crate) struct Classes(BTreeMap<Text, Class>);

struct Class {
    controller: Text,
    /// Whether it has parameters, which are not read and may say otherwise than annotations.
    has_parameters: bool,
}

impl Classes {
    /// Those that were listed.
    pub(crate) fn of<'c>(items: impl IntoIterator<Item = &'c IngressClass>) -> Self {
        let classes = items.into_iter().map(|one| {
            let class = Class {
                controller: one.spec.controller.clone().unwrap_or_default(),
                has_parameters: one.spec.parameters.is_some(),
            };
            (one.metadata.name.clone(), class)
        });
        Self(classes.collect())
    }

    /// Who keeps the ingresses of a class; none where that is nobody who is known.
    pub(crate) fn keeper(&self, class: Option<&str>) -> Keeper {
        let Some(name) = class else {
            return Keeper::default();
        };
        let Some(class) = self.0.get(name) else {
            let known = ALL.iter().find(|one| one.classes.contains(&name));
            return Keeper {
                controller: known.copied(),
                has_parameters: false,
            };
        };
        let said = class.controller.as_str();
        let known = ALL.iter().find(|one| one.names.contains(&said));
        // Its manual has a second one named anew, and the name kept behind a domain.
        let is_nginx = || {
            let name = said.rsplit_once('/').map_or("", |(_, name)| name);
            name.contains("ingress-nginx")
        };
        Keeper {
            controller: known
                .copied()
                .or_else(|| is_nginx().then_some(&INGRESS_NGINX)),
            has_parameters: class.has_parameters,
        }
    }
}

/// Who keeps a service's balancer or an ingress.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Keeper {
    controller: Option<&'static Controller>,
    has_parameters: bool,
}

/// The cloud that a cluster's nodes are of, where all are of one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cloud(Option<&'static Controller>);

impl Cloud {
    /// That of the nodes; none where they could not be listed.
    pub(crate) fn of(nodes: Option<&[Node]>) -> Self {
        let ids = nodes.unwrap_or_default().iter();
        let mut ids = ids.map(|node| node.spec.provider_id.as_deref().unwrap_or_default());
        let Some(first) = ids.next() else {
            return Self(None);
        };
        let found = ALL
            .iter()
            .find(|one| !one.cloud.is_empty() && first.starts_with(one.cloud));
        Self(
            found
                .copied()
                .filter(|one| ids.all(|id| id.starts_with(one.cloud))),
        )
    }
}

/// Who keeps a service's balancer: whom its class names; else whoever its host name is of; else the cloud of the nodes.
pub(crate) fn of_service(service: &Service, cloud: Cloud) -> Keeper {
    let class = service.spec.load_balancer_class.as_deref();
    let controller = match class.filter(|class| !class.is_empty()) {
        Some(class) => ALL.iter().find(|one| one.names.contains(&class)).copied(),
        None => {
            let given = service.status.load_balancer.ingress.iter();
            let names = given.filter_map(|one| one.hostname.as_deref());
            let by_name = names.into_iter().find_map(|name| {
                let ends = |one: &&&Controller| one.domains.iter().any(|end| name.ends_with(end));
                ALL.iter().find(ends).copied()
            });
            by_name.or(cloud.0)
        }
    };
    let kind = "service.beta.kubernetes.io/aws-load-balancer-type";
    let is_aws = controller.is_some_and(|one| std::ptr::eq(one, &AWS));
    let kind = service.metadata.annotation(kind);
    let taken_over = is_aws && matches!(kind, Some("external" | "nlb-ip"));
    Keeper {
        controller: if taken_over {
            Some(&AWS_SERVICES)
        } else {
            controller
        },
        has_parameters: false,
    }
}

impl Keeper {
    /// Whether what it makes is internal; none where nothing that it obeys says so.
    pub(crate) fn internal(&self, meta: &Meta) -> Option<bool> {
        let internal = &self.controller?.internal;
        // What the class has as parameters goes before annotations, and is not read.
        if self.has_parameters && !internal.by.is_empty() {
            return None;
        }
        let mut said = internal
            .by
            .iter()
            .filter_map(|(name, says)| says.of(meta.annotation(name)?));
        said.next().or(internal.otherwise)
    }

    /// Whether plain HTTP is taken away.
    pub(crate) fn secure_only(&self, meta: &Meta) -> bool {
        let all = self.controller.map_or(&[][..], |one| one.secure_only);
        all.iter()
            .any(|(name, word)| meta.annotation(name).map(str::trim) == Some(*word))
    }

    /// Whether plain HTTP is sent on to HTTPS, where an annotation says so or that it is not.
    pub(crate) fn redirects(&self, meta: &Meta) -> Option<bool> {
        let all = self.controller.map_or(&[][..], |one| one.redirects);
        all.iter()
            .find_map(|(name, says)| says.of(meta.annotation(name)?))
    }

    /// Whether it sends on by itself, where there is TLS.
    pub(crate) fn usually_redirects(&self) -> bool {
        self.controller.is_some_and(|one| one.usually_redirects)
    }

    /// From where it lets in, where an annotation says so.
    pub(crate) fn sources<'m>(&self, meta: &'m Meta) -> impl Iterator<Item = &'m str> {
        let names = self.controller.map_or(&[][..], |one| one.sources);
        let texts = names.iter().filter_map(|name| meta.annotation(name));
        let parts = texts.flat_map(|text| text.split(',')).map(str::trim);
        parts.filter(|part| !part.is_empty())
    }

    /// Whether an annotation names a certificate.
    pub(crate) fn is_certified(&self, meta: &Meta) -> bool {
        let names = self.controller.map_or(&[][..], |one| one.certificates);
        names.iter().any(|name| meta.annotation(name).is_some())
    }

    /// The policy for TLS that an annotation names.
    pub(crate) fn policy<'m>(&self, meta: &'m Meta) -> Option<&'m str> {
        meta.annotation(self.controller?.policy?)
    }

    /// What an annotation lists as ports.
    pub(crate) fn listeners<'m>(&self, meta: &'m Meta) -> Option<&'m str> {
        meta.annotation(self.controller?.listeners?)
    }

    /// Whether it lists its ports by an annotation, and has nothing but HTTPS where there is a certificate and no list.
    pub(crate) fn lists_ports(&self) -> bool {
        self.controller.is_some_and(|one| one.listeners.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(annotations: &[(&str, &str)]) -> Meta {
        let rows: Vec<String> = annotations
            .iter()
            .map(|(name, value)| format!("{name:?}:{value:?}"))
            .collect();
        let json = format!(r#"{{"name":"x","annotations":{{{}}}}}"#, rows.join(","));
        serde_json::from_str(&json).unwrap()
    }

    fn nodes(provider: &str) -> Vec<Node> {
        let json =
            format!(r#"[{{"metadata":{{"name":"a"}},"spec":{{"providerID":"{provider}"}}}}]"#);
        serde_json::from_str(&json).unwrap()
    }

    fn service(annotation: (&str, &str), class: &str, host: &str) -> Service {
        let (name, value) = annotation;
        serde_json::from_str(&format!(
            r#"{{"metadata":{{"name":"s","annotations":{{{name:?}:{value:?}}}}},"spec":{{"loadBalancerClass":{class:?}}},"status":{{"loadBalancer":{{"ingress":[{{"hostname":{host:?}}}]}}}}}}"#
        ))
        .unwrap()
    }

    fn internal(annotation: (&str, &str), class: &str, provider: &str) -> Option<bool> {
        let one = service(annotation, class, "");
        of_service(&one, Cloud::of(Some(&nodes(provider)))).internal(&one.metadata)
    }

    #[test]
    fn a_word_is_believed_from_its_own_cloud_alone() {
        for (name, value, provider, expected) in [
            (
                "service.beta.kubernetes.io/aws-load-balancer-scheme",
                "internal",
                "aws:///z/i-0",
                Some(true),
            ),
            (
                "service.beta.kubernetes.io/aws-load-balancer-scheme",
                "internet-facing",
                "aws:///z/i-0",
                Some(false),
            ),
            (
                "service.beta.kubernetes.io/aws-load-balancer-internal",
                "0.0.0.0/0",
                "aws:///z/i-0",
                Some(true),
            ),
            (
                "service.beta.kubernetes.io/aws-load-balancer-internal",
                "false",
                "aws:///z/i-0",
                Some(false),
            ),
            (
                "service.beta.kubernetes.io/aws-load-balancer-type",
                "external",
                "aws:///z/i-0",
                Some(true),
            ),
            (
                "service.beta.kubernetes.io/aws-load-balancer-type",
                "external",
                "gce://p/z/n",
                Some(false),
            ),
            (
                "networking.gke.io/load-balancer-type",
                "Internal",
                "gce://p/z/n",
                Some(true),
            ),
            (
                "networking.gke.io/load-balancer-type",
                "Internal",
                "azure:///s",
                Some(false),
            ),
            (
                "networking.gke.io/load-balancer-type",
                "Internal",
                "k3s://n",
                None,
            ),
            (
                "service.beta.kubernetes.io/azure-load-balancer-internal",
                "true",
                "azure:///s",
                Some(true),
            ),
            (
                "service.beta.kubernetes.io/azure-load-balancer-internal",
                "true",
                "aws:///z/i-0",
                Some(false),
            ),
            (
                "something.else/internal",
                "true",
                "aws:///z/i-0",
                Some(false),
            ),
            ("something.else/internal", "true", "", None),
        ] {
            assert_eq!(
                internal((name, value), "", provider),
                expected,
                "{name} {value} {provider}"
            );
        }
    }

    #[test]
    fn a_class_goes_before_the_cloud() {
        let aws = "aws:///z/i-0";
        let no = ("x", "y");
        assert_eq!(internal(no, "service.k8s.aws/nlb", aws), Some(true));
        assert_eq!(internal(no, "example.com/own", aws), None);
        let scheme = (
            "service.beta.kubernetes.io/aws-load-balancer-scheme",
            "internal",
        );
        assert_eq!(internal(scheme, "example.com/own", aws), None);
    }

    #[test]
    fn a_host_name_tells_its_cloud_where_nodes_do_not() {
        let scheme = (
            "service.beta.kubernetes.io/aws-load-balancer-scheme",
            "internal",
        );
        let one = service(scheme, "", "x.elb.eu-west-1.amazonaws.com");
        assert_eq!(of_service(&one, Cloud(None)).internal(&one.metadata), None);
        let one = service(scheme, "", "x.eu-west-1.elb.amazonaws.com");
        assert_eq!(
            of_service(&one, Cloud(None)).internal(&one.metadata),
            Some(true)
        );
    }

    #[test]
    fn nodes_of_two_clouds_are_of_none() {
        let mut both = nodes("aws:///z/i-0");
        both.extend(nodes("gce://p/z/n"));
        assert!(Cloud::of(Some(&both)).0.is_none());
        assert!(Cloud::of(None).0.is_none());
    }

    fn classes(name: &str, controller: &str, more: &str) -> Classes {
        let json = format!(
            r#"[{{"metadata":{{"name":"{name}"}},"spec":{{"controller":"{controller}"{more}}}}}]"#
        );
        let all: Vec<IngressClass> = serde_json::from_str(&json).unwrap();
        Classes::of(&all)
    }

    #[test]
    fn an_ingress_class_says_whose_it_is() {
        let force = meta(&[("nginx.ingress.kubernetes.io/force-ssl-redirect", "true")]);
        let redirects =
            |classes: &Classes, class: &str| classes.keeper(Some(class)).redirects(&force);
        let none = Classes::default();
        assert_eq!(redirects(&none, "nginx"), Some(true), "by convention");
        assert_eq!(redirects(&none, "traefik"), None);
        assert_eq!(redirects(&none, "own"), None);
        assert_eq!(none.keeper(None).redirects(&force), None);
        let other = classes("nginx", "nginx.org/ingress-controller", "");
        assert_eq!(
            redirects(&other, "nginx"),
            None,
            "the object goes before the name"
        );
        let second = classes("inside", "k8s.io/internal-ingress-nginx", "");
        assert_eq!(redirects(&second, "inside"), Some(true));
    }

    #[test]
    fn parameters_that_are_not_read_may_say_otherwise() {
        let facing = meta(&[("alb.ingress.kubernetes.io/scheme", "internet-facing")]);
        let plain = classes("alb", "ingress.k8s.aws/alb", "");
        assert_eq!(plain.keeper(Some("alb")).internal(&facing), Some(false));
        let told = classes(
            "alb",
            "ingress.k8s.aws/alb",
            r#","parameters":{"kind":"IngressClassParams"}"#,
        );
        assert_eq!(told.keeper(Some("alb")).internal(&facing), None);
    }
}
