//! Compose projects that others wrote: which role each of their services has, as a person who reads the files says it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::choosing::composed;
use super::*;

include!("../../../tests/estate/roles.rs");

/// What a Compose file says of a service, as far as roles hang on it.
#[derive(Default)]
struct Service {
    image: Option<String>,
    publishes: bool,
}

/// The services of a Compose file. It reads the files of this corpus and no more of YAML than they use.
fn services(text: &str) -> BTreeMap<String, Service> {
    let mut found = BTreeMap::new();
    let (mut inside, mut current) = (false, String::new());
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let depth = line.len() - line.trim_start().len();
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        match (depth, line.strip_suffix(':')) {
            (0, section) => inside = section == Some("services"),
            (2, Some(name)) if inside => {
                current = name.to_owned();
                found.insert(current.clone(), Service::default());
            }
            (4, _) if inside => {
                let service: &mut Service = found.get_mut(&current).unwrap();
                if let Some(image) = line.strip_prefix("image:") {
                    service.image = Some(image.trim().trim_matches(['\'', '"']).to_owned());
                }
                service.publishes |= line == "ports:";
            }
            _ => {}
        }
    }
    found
}

/// The corpus.
fn projects() -> Vec<(String, BTreeMap<String, Service>)> {
    let folder = std::env::var_os("PLIMSOLL_TEST_CORPORA")
        .expect("PLIMSOLL_TEST_CORPORA must name the folder with the corpora: see CONTRIBUTING.md");
    let folder = PathBuf::from(folder).join("compose");
    let mut projects = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "yaml") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            projects.push((name, services(&text)));
        }
    }
    projects.sort_by(|a, b| a.0.cmp(&b.0));
    projects
}

#[test]
fn every_service_of_every_project_has_its_role() {
    let mut wrong = Vec::new();
    let projects = projects();
    let names: Vec<&str> = projects.iter().map(|(name, _)| name.as_str()).collect();
    let listed: Vec<&str> = ROLES.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, listed, "every project has its roles, and no other");
    for ((project, services), (_, roles)) in projects.iter().zip(ROLES) {
        assert_eq!(services.len(), roles.len(), "the services of {project}");
        // As Compose calls a project: in lower case.
        let project = project.to_ascii_lowercase();
        let all = services.iter().map(|(name, service)| {
            composed(&project, name, service.image.as_deref(), service.publishes)
        });
        let snapshot = snapshot(all.collect(), &[]);
        for system in systems(&snapshot, &SHIPPED, &[]) {
            let asset = snapshot.asset(system.at);
            let service = asset.labels.get("com.docker.compose.service").unwrap();
            let want = roles.iter().find(|(name, _)| *name == service.as_str());
            let want = want.map(|(_, role)| *role);
            if want != Some(system.role.as_str()) {
                wrong.push(format!(
                    "{project} {service}: {} by {}, and not {want:?}",
                    system.role, system.role_by
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
