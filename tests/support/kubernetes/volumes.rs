//! Claims and volumes, as provisioners and the binder write them.

use serde_json::{Value, json};

use super::Api;
use super::controllers::{MANAGER, text};
use super::pods::Owner;

/// Makes the claims of a stateful set's pod that are not there yet, and has the pod use them.
pub(super) fn claims(api: &mut Api, set: &Value, pod: &str, owner: &mut Owner) {
    let templates = set["spec"]["volumeClaimTemplates"].as_array();
    for template in templates.into_iter().flatten() {
        let volume = &template["metadata"]["name"];
        let name = format!("{}-{pod}", text(volume));
        let claim = json!({
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "labels": set["spec"]["selector"]["matchLabels"]},
            "spec": template["spec"],
        });
        let path = format!(
            "/api/v1/namespaces/{}/persistentvolumeclaims{MANAGER}",
            owner.namespace
        );
        // It is there already, mostly.
        api.send("POST", &path, Some(&claim));
        if !owner.spec["volumes"].is_array() {
            owner.spec["volumes"] = json!([]);
        }
        if let Some(volumes) = owner.spec["volumes"].as_array_mut() {
            // A claim of its own takes the place of the template's volume.
            volumes.retain(|one| one["name"] != *volume);
            volumes.push(json!({"name": volume, "persistentVolumeClaim": {"claimName": name}}));
        }
    }
}

/// Gives each claim a volume of its class's driver, and removes the volumes of claims that are gone.
pub(super) fn bind(api: &mut Api) {
    let classes = api.list("/apis/storage.k8s.io/v1/storageclasses");
    let claims = api.list("/api/v1/persistentvolumeclaims");
    for volume in api.list("/api/v1/persistentvolumes") {
        let claim = &volume["spec"]["claimRef"]["uid"];
        let claimed = claims.iter().any(|one| one["metadata"]["uid"] == *claim);
        if claim.is_string() && !claimed {
            let path = format!(
                "/api/v1/persistentvolumes/{}",
                text(&volume["metadata"]["name"])
            );
            api.patch(&path, &json!({"metadata": {"finalizers": null}}));
            api.delete(&path);
        }
    }
    for claim in claims {
        if claim["status"]["phase"] == "Bound" || claim["spec"]["volumeName"].is_string() {
            continue;
        }
        let class = &claim["spec"]["storageClassName"];
        let class = classes.iter().find(|one| one["metadata"]["name"] == *class);
        // One without a class waits, as it does anywhere, and so does one of a driver that was a part of the server and is gone.
        let driven = |class: &&Value| !text(&class["provisioner"]).contains('/');
        if let Some(class) = class.filter(driven) {
            provision(api, &claim, class);
        }
    }
}

fn provision(api: &mut Api, claim: &Value, class: &Value) {
    let metadata = &claim["metadata"];
    let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
    let (driver, class_name) = (
        text(&class["provisioner"]),
        text(&class["metadata"]["name"]),
    );
    let volume_name = format!("pv-{namespace}-{name}-{class_name}");
    let mut volume = json!({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": volume_name,
            "annotations": {"pv.kubernetes.io/provisioned-by": driver},
        },
        "spec": {
            "accessModes": claim["spec"]["accessModes"],
            "capacity": claim["spec"]["resources"]["requests"],
            "storageClassName": class_name,
            "persistentVolumeReclaimPolicy": "Delete",
            "volumeMode": "Filesystem",
            "csi": {
                "driver": driver,
                "volumeHandle": handle(driver, &volume_name),
                "fsType": "ext4",
                "volumeAttributes": {"storage.kubernetes.io/csiProvisionerIdentity": "1-8081-driver"},
            },
            "claimRef": {
                "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": namespace, "name": name,
                "uid": metadata["uid"],
            },
        },
    });
    let manager = "?fieldManager=csi-provisioner";
    let volumes = "/api/v1/persistentvolumes";
    volume = api.create(&format!("{volumes}{manager}"), &volume);
    volume["status"] = json!({"phase": "Bound"});
    api.replace(&format!("{volumes}/{volume_name}/status{MANAGER}"), &volume);
    let path = format!("/api/v1/namespaces/{namespace}/persistentvolumeclaims/{name}");
    let bound = json!({
        "metadata": {"annotations": {"pv.kubernetes.io/bind-completed": "yes"}},
        "spec": {"volumeName": volume_name},
    });
    let mut claim = api.patch(&format!("{path}{MANAGER}"), &bound);
    claim["status"] = json!({
        "phase": "Bound",
        "accessModes": claim["spec"]["accessModes"],
        "capacity": claim["spec"]["resources"]["requests"],
    });
    api.replace(&format!("{path}/status{MANAGER}"), &claim);
}

/// What a cloud calls a volume, as its driver writes it.
fn handle(driver: &str, name: &str) -> String {
    let id = blake3::hash(name.as_bytes()).to_hex();
    match driver {
        "ebs.csi.aws.com" => format!("vol-0{}", &id[..16]),
        "pd.csi.storage.gke.io" => format!(
            "projects/shop-prod/zones/europe-west1-b/disks/pvc-{}",
            &id[..8]
        ),
        "disk.csi.azure.com" => format!(
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.Compute/disks/pvc-{}",
            &id[..8]
        ),
        _ => id[..16].to_owned(),
    }
}
