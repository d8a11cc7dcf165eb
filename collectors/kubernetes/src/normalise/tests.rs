//! What objects mean: of services, ingresses, gateways and storage.

use plimsoll_kit::Redactor;
use plimsoll_model::{Asset, How};
use serde::de::DeserializeOwned;

use super::certificate::{self, Ends};
use super::controllers::{Classes as IngressClasses, Cloud};
use super::gateway::{self, Listeners};
use super::ingress::{self, Balancers};
use super::reach::NodesReach;
use super::storage::{self, Classes};
use super::{Piece, Site, bytes, dns_name, service};
use crate::wire::{Certificate, Claim, Class, Gateway, Ingress, Node, Route, Service, Volume};

fn redactor() -> Redactor {
    Redactor::new([7; 32], "kubernetes")
}

fn with<T>(read: impl FnOnce(&Site<'_>) -> T) -> T {
    let redactor = redactor();
    read(&Site {
        cluster: "c",
        redactor: &redactor,
    })
}

fn object<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

fn shown(asset: &Asset, name: &str) -> String {
    let mut asset = asset.clone();
    asset.settle();
    asset
        .value(name)
        .map_or_else(|| "?".into(), ToString::to_string)
}

/// The rows of a table of ports, each as `key reach tls`.
fn ports(asset: &Asset) -> Vec<String> {
    let Some(table) = asset.value("ports").and_then(|value| value.as_table()) else {
        return vec!["?".into()];
    };
    let row = |(key, row): (&str, &plimsoll_model::Value)| {
        let row = row.as_table().unwrap();
        let text = |name: &str| {
            row.get(name)
                .and_then(|value| value.as_str())
                .unwrap_or("-")
        };
        let redirects = if row.contains("redirects") {
            " redirects"
        } else {
            ""
        };
        format!("{key} {} {}{redirects}", text("reach"), text("tls"))
    };
    table.iter().map(row).collect()
}

fn relations(piece: &Piece) -> Vec<String> {
    let mut all: Vec<String> = piece
        .relations
        .iter()
        .filter(|one| one.from == piece.asset.id)
        .map(|one| format!("{} {}", one.kind, one.to))
        .collect();
    all.sort_unstable();
    all
}

fn service_of(annotations: &str, spec: &str, status: &str) -> Asset {
    service_on("", annotations, spec, status)
}

fn cloud(provider: &str) -> Cloud {
    let node = format!(r#"{{"metadata":{{"name":"n"}},"spec":{{"providerID":"{provider}"}}}}"#);
    Cloud::of(Some(&[object(&node)]))
}

fn service_on(provider: &str, annotations: &str, spec: &str, status: &str) -> Asset {
    let json = format!(
        r#"{{"metadata":{{"name":"s","namespace":"n","annotations":{{{annotations}}}}},"spec":{{{spec}}},"status":{{"loadBalancer":{{{status}}}}}}}"#
    );
    let one: Service = object(&json);
    with(|site| {
        service::service(site, &one, NodesReach("unknown"), cloud(provider))
            .piece
            .asset
    })
}

const BALANCED: &str =
    r#""type":"LoadBalancer","ports":[{"port":443,"nodePort":30443,"protocol":"TCP"}]"#;

#[test]
fn a_balancer_is_where_its_status_says() {
    let one = service_of(
        "",
        BALANCED,
        r#""ingress":[{"ip":"203.0.113.9"},{"ip":"10.0.0.9"}]"#,
    );
    assert_eq!(
        ports(&one),
        [
            "0.0.0.0:30443/tcp unknown -",
            "10.0.0.9:443/tcp private -",
            "203.0.113.9:443/tcp public -"
        ]
    );
}

#[test]
fn a_balancer_that_is_not_there_yet_is_on_the_edge() {
    let one = service_of("", BALANCED, "");
    assert!(ports(&one).contains(&"edge:443/tcp unknown -".into()));
    let internal = r#""networking.gke.io/load-balancer-type":"Internal""#;
    let one = service_on("gce://p/z/n", internal, BALANCED, "");
    assert!(ports(&one).contains(&"edge:443/tcp private -".into()));
    let one = service_of(internal, BALANCED, "");
    assert!(ports(&one).contains(&"edge:443/tcp unknown -".into()));
}

#[test]
fn who_is_let_in_narrows_how_far_it_reaches() {
    let status = r#""ingress":[{"ip":"203.0.113.9"}]"#;
    let inside = format!(r#"{BALANCED},"loadBalancerSourceRanges":["10.0.0.0/8"]"#);
    let one = service_of("", &inside, status);
    assert!(ports(&one).contains(&"203.0.113.9:443/tcp private -".into()));
    assert_eq!(shown(&one, "sources.allowed"), "10.0.0.0/8");
    let old =
        r#""service.beta.kubernetes.io/load-balancer-source-ranges":"10.0.0.0/8, 198.51.100.0/24""#;
    let one = service_on("aws:///z/i-0", old, BALANCED, status);
    assert!(ports(&one).contains(&"203.0.113.9:443/tcp public -".into()));
    assert_eq!(
        shown(&one, "sources.allowed"),
        "10.0.0.0/8, 198.51.100.0/24"
    );
}

#[test]
fn a_service_inside_has_no_port_outside() {
    let one = service_of(
        "",
        r#""type":"ClusterIP","clusterIP":"10.96.0.1","ports":[{"port":80,"nodePort":30080}]"#,
        "",
    );
    assert_eq!(ports(&one), Vec::<String>::new());
    let external =
        r#""ports":[{"port":80,"protocol":"UDP"}],"externalIPs":["203.0.113.7","fd00::7"]"#;
    let one = service_of("", external, "");
    assert_eq!(
        ports(&one),
        ["203.0.113.7:80/udp public -", "[fd00::7]:80/udp private -"]
    );
}

#[test]
fn a_policy_names_the_lowest_tls() {
    for (policy, version) in [
        ("ELBSecurityPolicy-TLS13-1-2-2021-06", Some("1.2")),
        ("ELBSecurityPolicy-TLS13-1-3-2021-06", Some("1.3")),
        ("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", Some("1.2")),
        ("ELBSecurityPolicy-FS-1-2-Res-2020-10", Some("1.2")),
        ("ELBSecurityPolicy-2016-08", Some("1.0")),
        ("my-own-policy", None),
    ] {
        assert_eq!(service::policy_version(policy), version, "{policy}");
    }
}

fn ingress_with(
    annotations: &str,
    class: &str,
    tls: &str,
    address: &str,
    balancers: &Balancers,
) -> Asset {
    let json = format!(
        r#"{{"metadata":{{"name":"i","namespace":"n","annotations":{{{annotations}}}}},"spec":{{"ingressClassName":"{class}","tls":[{tls}],"rules":[{{"host":"a.example.com"}}]}},"status":{{"loadBalancer":{{"ingress":[{address}]}}}}}}"#
    );
    let one: Ingress = object(&json);
    with(|site| {
        let classes = IngressClasses::default();
        ingress::ingress(site, &one, balancers, &classes, None)
            .0
            .asset
    })
}

fn ingress_of(annotations: &str, class: &str, tls: &str, address: &str) -> Asset {
    ingress_with(annotations, class, tls, address, &Balancers::new())
}

const TLS: &str = r#"{"hosts":["a.example.com"],"secretName":"t"}"#;

#[test]
fn an_ingress_reaches_as_far_as_its_controllers_balancer() {
    let name = r#"{"hostname":"x.elb.amazonaws.com"}"#;
    let of = |far: &'static str| {
        let balancers = [("x.elb.amazonaws.com".into(), far)].into();
        ports(&ingress_with("", "nginx", "", name, &balancers))
    };
    assert_eq!(of("private"), ["x.elb.amazonaws.com:80/tcp private none"]);
    assert_eq!(of("public"), ["x.elb.amazonaws.com:80/tcp public none"]);
    let alone = ingress_of("", "nginx", "", name);
    assert_eq!(ports(&alone), ["x.elb.amazonaws.com:80/tcp unknown none"]);
    let nowhere = ingress_of("", "nginx", "", "");
    assert_eq!(ports(&nowhere), ["edge:80/tcp unknown none"]);
}

#[test]
fn plain_http_that_only_redirects_counts_as_what_it_redirects_to() {
    let force = r#""nginx.ingress.kubernetes.io/force-ssl-redirect":"true""#;
    let one = ingress_of(force, "nginx", TLS, r#"{"ip":"203.0.113.9"}"#);
    assert_eq!(
        ports(&one),
        [
            "203.0.113.9:443/tcp public -",
            "203.0.113.9:80/tcp public - redirects"
        ]
    );
    assert_eq!(shown(&one, "https.forced"), "yes");
    let off = r#""nginx.ingress.kubernetes.io/ssl-redirect":"false""#;
    let one = ingress_of(off, "nginx", TLS, r#"{"ip":"203.0.113.9"}"#);
    assert!(ports(&one).contains(&"203.0.113.9:80/tcp public none".into()));
    assert_eq!(shown(&one, "https.forced"), "no");
    let unsaid = ingress_of("", "nginx", TLS, "");
    assert_eq!(shown(&unsaid, "https.forced"), "?");
    let plain = ingress_of("", "nginx", "", "");
    assert_eq!(shown(&plain, "https.forced"), "no");
}

#[test]
fn albs_are_internal_unless_told_otherwise() {
    let ports_of = |annotations: &str| ports(&ingress_of(annotations, "alb", "", ""));
    assert_eq!(ports_of(""), ["edge:80/tcp private none"]);
    let facing = r#""alb.ingress.kubernetes.io/scheme":"internet-facing","alb.ingress.kubernetes.io/certificate-arn":"x","alb.ingress.kubernetes.io/ssl-policy":"ELBSecurityPolicy-TLS13-1-2-2021-06","alb.ingress.kubernetes.io/listen-ports":"[{\"HTTP\": 80}, {\"HTTPS\": 443}]""#;
    assert_eq!(
        ports_of(facing),
        ["edge:443/tcp public 1.2", "edge:80/tcp public none"]
    );
    let redirected = format!(r#"{facing},"alb.ingress.kubernetes.io/ssl-redirect":"443""#);
    assert_eq!(
        ports_of(&redirected),
        [
            "edge:443/tcp public 1.2",
            "edge:80/tcp public 1.2 redirects"
        ]
    );
    let allowed = format!(r#"{facing},"alb.ingress.kubernetes.io/inbound-cidrs":"10.0.0.0/8""#);
    assert!(ports_of(&allowed).iter().all(|row| row.contains("private")));
}

#[test]
fn other_controllers_have_their_words_too() {
    let one = ingress_of("", "gce-internal", "", "");
    assert_eq!(ports(&one), ["edge:80/tcp private none"]);
    let https = r#""kubernetes.io/ingress.allow-http":"false""#;
    let one = ingress_of(https, "gce", TLS, "");
    assert_eq!(ports(&one), ["edge:443/tcp public -"]);
    let secure = r#""traefik.ingress.kubernetes.io/router.entrypoints":"websecure""#;
    let one = ingress_of(secure, "traefik", TLS, "");
    assert_eq!(ports(&one), ["edge:443/tcp unknown -"]);
    assert_eq!(shown(&one, "https.forced"), "yes");
}

#[test]
fn the_first_certificate_to_end_counts_and_one_unknown_is_unknown() {
    let made = |name: &str, end: &str| -> Certificate {
        object(&format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"n"}},"spec":{{"secretName":"{name}"}},"status":{{"notAfter":"{end}"}}}}"#
        ))
    };
    let all = [
        made("a", "2027-01-01T00:00:00Z"),
        made("b", "2026-06-01T00:00:00Z"),
    ];
    let ends: Ends = certificate::ends(&all);
    let read = |tls: &str| {
        let json =
            format!(r#"{{"metadata":{{"name":"i","namespace":"n"}},"spec":{{"tls":[{tls}]}}}}"#);
        let one: Ingress = object(&json);
        with(|site| {
            let classes = IngressClasses::default();
            ingress::ingress(site, &one, &Balancers::new(), &classes, Some(&ends)).0
        })
    };
    let both = read(r#"{"secretName":"a"},{"secretName":"b"}"#);
    assert_eq!(
        shown(&both.asset, "certificate.expires"),
        "2026-06-01T00:00:00Z"
    );
    assert!(relations(&both).contains(&"uses certificate:c/n/b".into()));
    let other = read(r#"{"secretName":"a"},{"secretName":"z"}"#);
    assert_eq!(shown(&other.asset, "certificate.expires"), "?");
    assert!(relations(&other).contains(&"uses secret:c/n/z".into()));
}

fn gateway_of(class: &str, listeners: &str, addresses: &str) -> (Asset, Listeners) {
    let json = format!(
        r#"{{"metadata":{{"name":"g","namespace":"n"}},"spec":{{"gatewayClassName":"{class}","listeners":[{listeners}]}},"status":{{"addresses":[{addresses}]}}}}"#
    );
    let one: Gateway = object(&json);
    with(|site| {
        let (found, listening) = gateway::gateway(site, &one, &Balancers::new(), None);
        let listeners = [(("n".into(), "g".into()), listening)].into();
        (found.piece.asset, listeners)
    })
}

const LISTENERS: &str = r#"{"name":"http","port":80,"protocol":"HTTP"},{"name":"https","port":443,"protocol":"HTTPS","hostname":"*.example.com","tls":{"options":{"example/minimum":"TLSv1_2"}}},{"name":"dns","port":53,"protocol":"UDP"}"#;

#[test]
fn listeners_are_ports() {
    let (one, _) = gateway_of(
        "envoy",
        LISTENERS,
        r#"{"type":"IPAddress","value":"203.0.113.9"}"#,
    );
    assert_eq!(
        ports(&one),
        [
            "203.0.113.9:443/tcp public 1.2",
            "203.0.113.9:53/udp public -",
            "203.0.113.9:80/tcp public none"
        ]
    );
    let (inside, _) = gateway_of("gke-l7-rilb", LISTENERS, "");
    assert!(ports(&inside).iter().all(|row| row.contains(" private ")));
    let (unsaid, _) = gateway_of("envoy", LISTENERS, "");
    assert!(ports(&unsaid).iter().all(|row| row.contains(" unknown ")));
}

#[test]
fn of_listeners_that_share_a_port_the_weakest_counts() {
    let shared = r#"{"name":"a","port":8080,"protocol":"HTTPS"},{"name":"b","port":8080,"protocol":"HTTP"},{"name":"c","port":8080,"protocol":"HTTPS"}"#;
    let (one, _) = gateway_of("envoy", shared, "");
    assert_eq!(ports(&one), ["edge:8080/tcp unknown none"]);
}

#[test]
fn a_route_has_the_ports_of_its_listeners() {
    let (_, listeners) = gateway_of("envoy", LISTENERS, r#"{"value":"203.0.113.9"}"#);
    let read = |parent: &str, rules: &str| {
        let json = format!(
            r#"{{"metadata":{{"name":"r","namespace":"n"}},"spec":{{"parentRefs":[{parent}],"rules":[{rules}]}}}}"#
        );
        let one: Route = object(&json);
        with(|site| {
            gateway::route(site, "HTTPRoute", &one, Some(&listeners))
                .0
                .piece
        })
    };
    let one = read(
        r#"{"name":"g","sectionName":"https"}"#,
        r#"{"backendRefs":[{"name":"web","port":80},{"kind":"Other","group":"x","name":"y"}]}"#,
    );
    assert_eq!(ports(&one.asset), ["203.0.113.9:443/tcp public 1.2"]);
    assert_eq!(relations(&one), ["routes-to network-service:c/n/web"]);
    let redirect =
        r#"{"filters":[{"type":"RequestRedirect","requestRedirect":{"scheme":"https"}}]}"#;
    let one = read(r#"{"name":"g","port":80}"#, redirect);
    assert_eq!(ports(&one.asset), ["203.0.113.9:80/tcp public - redirects"]);
    let one = read(r#"{"name":"elsewhere"}"#, "");
    assert_eq!(ports(&one.asset), ["?"]);
}

fn volume_of(spec: &str) -> Asset {
    let json = format!(r#"{{"metadata":{{"name":"v"}},"spec":{{{spec}}}}}"#);
    let one: Volume = object(&json);
    let class: Class = object(
        r#"{"metadata":{"name":"fast"},"provisioner":"ebs.csi.aws.com","parameters":{"encrypted":"true"}}"#,
    );
    let classes: Classes<'_> = [("fast", &class)].into();
    with(|site| storage::volume(site, &one, Some(&classes)).asset)
}

#[test]
fn a_volume_goes_by_its_providers_id_too() {
    for (spec, alias) in [
        (
            r#""csi":{"driver":"ebs.csi.aws.com","volumeHandle":"vol-0a"}"#,
            Some("ebs-volume:vol-0a"),
        ),
        (
            r#""csi":{"driver":"ebs.csi.eks.amazonaws.com","volumeHandle":"vol-0a"}"#,
            Some("ebs-volume:vol-0a"),
        ),
        (
            r#""awsElasticBlockStore":{"volumeID":"aws://eu-west-1a/vol-0a"}"#,
            Some("ebs-volume:vol-0a"),
        ),
        (
            r#""csi":{"driver":"pd.csi.storage.gke.io","volumeHandle":"projects/p/zones/z/disks/d"}"#,
            Some("gce-disk:projects/p/zones/z/disks/d"),
        ),
        (
            r#""csi":{"driver":"pd.csi.storage.gke.io","volumeHandle":"projects/UNSPECIFIED/zones/z/disks/d"}"#,
            None,
        ),
        (
            r#""csi":{"driver":"disk.csi.azure.com","volumeHandle":"/subscriptions/S/Disks/d"}"#,
            Some("azure-disk:/subscriptions/s/disks/d"),
        ),
        (r#""csi":{"driver":"other","volumeHandle":"vol-0a"}"#, None),
        (
            r#""csi":{"driver":"ebs.csi.aws.com","volumeHandle":"vol-"}"#,
            None,
        ),
        (r#""hostPath":{"path":"/d"}"#, None),
    ] {
        let one = volume_of(spec);
        let found = one.aliases.first().map(|alias| alias.0.as_str());
        assert_eq!(found, alias, "{spec}");
    }
}

#[test]
fn a_class_speaks_for_the_volumes_of_its_own_driver_alone() {
    let how = |spec: &str| volume_of(spec).get("encryption.at-rest").unwrap().how();
    let csi =
        r#""storageClassName":"fast","csi":{"driver":"ebs.csi.aws.com","volumeHandle":"vol-0a"}"#;
    assert_eq!(how(csi), How::Reported);
    let moved = r#""storageClassName":"fast","awsElasticBlockStore":{"volumeID":"vol-0a"}"#;
    assert_eq!(how(moved), How::Reported);
    let other =
        r#""storageClassName":"fast","csi":{"driver":"efs.csi.aws.com","volumeHandle":"fs-1"}"#;
    assert_eq!(how(other), How::Unknown);
    let gone =
        r#""storageClassName":"gone","csi":{"driver":"ebs.csi.aws.com","volumeHandle":"vol-0a"}"#;
    assert_eq!(how(gone), How::Unknown);
    assert_eq!(how(r#""hostPath":{"path":"/d"}"#), How::Unknown);
}

#[test]
fn a_claim_stores_on_its_volume() {
    let read = |spec: &str| {
        let json = format!(r#"{{"metadata":{{"name":"d","namespace":"n"}},"spec":{{{spec}}}}}"#);
        let one: Claim = object(&json);
        with(|site| storage::claim(site, &one, None))
    };
    let bound = read(r#""volumeName":"pv""#);
    assert_eq!(relations(&bound), ["stores-on volume:c/pv"]);
    assert!(
        !bound.asset.facts.contains("encryption.at-rest"),
        "its volume says it"
    );
    let pending = read(r#""storageClassName":"fast""#);
    assert_eq!(shown(&pending.asset, "encryption.at-rest"), "?");
    assert!(pending.asset.facts.contains("encryption.at-rest"));
}

#[test]
fn quantities_are_bytes() {
    for (text, expected) in [
        ("10Gi", Some(10_737_418_240)),
        ("1.5Ki", Some(1536)),
        ("1e3", Some(1000)),
        ("512M", Some(512_000_000)),
        ("7", Some(7)),
        ("-1Gi", None),
        ("lots", None),
        ("1e300E", None),
    ] {
        assert_eq!(bytes(text), expected, "{text}");
    }
}

#[test]
fn one_name_is_one_asset_however_it_is_written() {
    let id = |name: &str| dns_name(name).map(|id| id.to_string());
    assert_eq!(
        id("Shop.Example.com."),
        Some("dns-name:shop.example.com".into())
    );
    assert_eq!(id("*.example.com"), Some("dns-name:*.example.com".into()));
    for none in ["", ".", "203.0.113.9", "::1", "a b", "x/y"] {
        assert_eq!(id(none), None, "{none}");
    }
}

#[test]
fn a_node_that_is_not_heard_of_is_not_called_unhealthy() {
    let read = |status: &str| {
        let json = format!(
            r#"{{"metadata":{{"name":"n"}},"status":{{"conditions":[{{"type":"Ready","status":"{status}"}}]}}}}"#
        );
        let one: Node = object(&json);
        with(|site| super::node::node(site, &one, None).asset)
    };
    assert_eq!(shown(&read("True"), "health"), "healthy");
    assert_eq!(shown(&read("False"), "health"), "unhealthy");
    assert_eq!(shown(&read("Unknown"), "health"), "?");
}
