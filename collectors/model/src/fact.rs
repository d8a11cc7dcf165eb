//! The names of facts that collectors and baselines agree on, each with its shape.
//!
//! A source may claim others under names of its own: they are kept, compared and shown, and custom rules
//! can ask for them. Units are in the names. The shapes here are those of [`Value`](crate::Value).

/// Facts whose list has an order that means something; every other list is a set.
pub const ORDERED: &[&str] = &[COMMAND, ENTRYPOINT];

/// Text: the platform's own word for production, staging or development.
pub const ENVIRONMENT: &str = "environment";
/// Reading, text: `running`, `stopped`, `paused`, `restarting`, `created`, `dead`. Much of it comes and goes by itself.
pub const STATE: &str = "state";
/// Text: the state that somebody decided on, as far as the platform shows that: `running`, `stopped`, `paused`. What fails,
/// ends or is started again by itself is wanted as before.
pub const STATE_WANTED: &str = "state.wanted";

/// Text: the image's reference as it was asked for, `nginx:1.25` or `registry/name@sha256:…`.
pub const IMAGE: &str = "image";
/// Text: the image's local id, `sha256:…`.
pub const IMAGE_ID: &str = "image.id";
/// List of texts: the digests under which registries know the image, `name@sha256:…`; empty for a local or imported image.
pub const IMAGE_DIGESTS: &str = "image.digests";
/// Text: when the image was built, RFC 3339.
pub const IMAGE_CREATED: &str = "image.created";

/// Table of what listens: key `address:port/protocol`, each a table of `port` (int), `protocol` (text), `address`
/// (text), `reach` (text: `public`, `private`, `loopback` or `unknown`), and where known `target` (int: the container's
/// port), `process` (text), `tls` (text: the lowest version accepted, `none` for plain text).
/// Unknown where exposure cannot be seen; an empty table where nothing listens. A row with `passing` (bool) that is true may be gone
/// at the next look: it is judged and compared with nothing.
pub const PORTS: &str = "ports";
/// In a row of [`PORTS`], bool: whether it comes and goes by itself.
pub const PASSING: &str = "passing";
/// Reading, table: of the ports that the platform chooses at every start, the numbers (int) that it has chosen now; keys are those
/// of [`PORTS`], where such a port has `*` or a range in the place of its number, and no `port`.
pub const PORTS_CHOSEN: &str = "ports.chosen";
/// Reading, table: the rows of [`PORTS`] that come and go by themselves as far as one look shows, by their keys: on loopback or on an
/// ephemeral port, and held by no service. Each with a text: `unheld`, or `scanner` for Plimsoll's own.
pub const PORTS_UNHELD: &str = "ports.unheld";
/// Reading, list of texts: the listeners on its host that lead into a container while it runs, `address:port/protocol`, those of each
/// address family and those that the platform chose.
pub const PORTS_LIVE: &str = "ports.live";
/// Text: the network mode that was asked for: `bridge`, `host`, `none`, a network's name.
pub const NETWORK_MODE: &str = "network.mode";
/// Bool: whether a network has no way out.
pub const NETWORK_INTERNAL: &str = "network.internal";

/// Reading, text: the path of the socket on its host by which a container engine was reached.
pub const ENGINE_SOCKET: &str = "api.socket";

/// Bool: runs privileged.
pub const PRIVILEGED: &str = "privileged";
/// List of texts: capabilities added, upper case without `CAP_`; `ALL` is all of them.
pub const CAPABILITIES_ADDED: &str = "capabilities.added";
/// List of texts: capabilities dropped, written as those added.
pub const CAPABILITIES_DROPPED: &str = "capabilities.dropped";
/// List of texts: the host's namespaces that it shares: `network`, `pid`, `ipc`, `uts`, `user`, `cgroup`.
pub const NAMESPACES_HOST: &str = "namespaces.host";
/// List of texts: security options such as `no-new-privileges` or `seccomp=unconfined`.
pub const SECURITY_OPTIONS: &str = "security.options";
/// Text: the user it runs as, as configured; `root` where nothing else is.
pub const USER: &str = "user";
/// Bool: whether that user is root.
pub const USER_ROOT: &str = "user.root";
/// Bool: whether the root file system is read-only.
pub const READONLY_ROOT: &str = "readonly-root";
/// Table of mounts: key is the destination, each a table of `kind` (text: `bind`, `volume`, `tmpfs`), `source` (text: a
/// host path or a volume's name) and `readonly` (bool).
pub const MOUNTS: &str = "mounts";
/// List of texts: host devices passed in.
pub const DEVICES: &str = "devices";
/// Bool: whether a workload can set its host's clock.
pub const CLOCK_SETTABLE: &str = "clock.settable";

/// Table: name to keyed fingerprint of each environment variable; see [`redacted`](crate::redacted).
pub const ENV: &str = "env";
/// Text: keyed fingerprint and length class of the command.
pub const COMMAND: &str = "command";
/// Text: keyed fingerprint and length class of the entry point.
pub const ENTRYPOINT: &str = "entrypoint";
/// Text: when it is restarted: `no`, `always`, `on-failure`, `unless-stopped`.
pub const RESTART_POLICY: &str = "restart-policy";
/// Text: where its logs go, as the platform's driver name.
pub const LOG_DRIVER: &str = "log.driver";
/// Bool: whether a health check is configured.
pub const HEALTH_CHECKED: &str = "health.checked";
/// Reading, text: what the health check says: `healthy`, `unhealthy`, `starting`.
pub const HEALTH: &str = "health";

/// Bool: whether the clock is disciplined by an authoritative source.
pub const CLOCK_SYNCHRONISED: &str = "clock.synchronised";
/// Text: the daemon that disciplines it.
pub const CLOCK_DAEMON: &str = "clock.daemon";
/// Reading, int: the kernel's bound of the clock's error, microseconds.
pub const CLOCK_MAX_ERROR_US: &str = "clock.max-error-us";
/// Reading, int: the kernel's offset that is still being corrected, microseconds.
pub const CLOCK_OFFSET_US: &str = "clock.offset-us";
/// Reading, int: the clock against the scanner's, milliseconds, positive when ahead.
pub const CLOCK_SKEW_MS: &str = "clock.skew-ms";
/// Reading, int: how far the skew may be off either way (half the round trip), milliseconds.
pub const CLOCK_SKEW_BOUND_MS: &str = "clock.skew-bound-ms";

/// Bool: whether what is stored is encrypted at rest.
pub const ENCRYPTED_AT_REST: &str = "encryption.at-rest";
/// Text: how, such as `LUKS2`.
pub const ENCRYPTION_METHOD: &str = "encryption.method";
/// Text: the host path where a volume or file system is mounted.
pub const MOUNTPOINT: &str = "mountpoint";
/// Reading, list of texts (folders are bound and unbound all day): all host paths where a file system or a part of it is mounted, where they are several.
pub const MOUNTPOINTS: &str = "mountpoints";
/// Text: the file system's type.
pub const FILESYSTEM_TYPE: &str = "filesystem.type";
/// Text: the volume driver.
pub const DRIVER: &str = "driver";

/// Text: the operating system and version.
pub const OS: &str = "os";
/// Text: the kernel's release.
pub const KERNEL: &str = "kernel";
/// Text: the processor architecture.
pub const ARCHITECTURE: &str = "architecture";
/// Text: the version of the software that the asset is.
pub const VERSION: &str = "version";
/// Text: the version of the API through which the asset was read.
pub const API_VERSION: &str = "api.version";
/// Bool: whether the asset holds protected health or other sensitive information.
pub const SENSITIVE: &str = "data.sensitive";

/// Text: the platform that runs it: `kubernetes`, `fly`, `aptible`. A baseline's match can ask for it.
pub const PLATFORM: &str = "platform";
/// Text: the platform's own word for what kind of thing it is: `Deployment`, `Ingress`, `HTTPRoute`, `vhost`.
pub const PLATFORM_KIND: &str = "platform.kind";
/// Text: the region where it runs, in the platform's word.
pub const REGION: &str = "region";
/// Int: how many instances are asked for. A reading while an autoscaler sets it.
pub const REPLICAS: &str = "replicas";
/// Table: the autoscaler's bounds: `min` and `max` (int), and `by` (text: the autoscaler's name) where it has one.
/// While the number of instances is inside them it is a reading and no fact.
pub const AUTOSCALING: &str = "autoscaling";
/// Reading, int: how many instances run.
pub const INSTANCES_RUNNING: &str = "instances.running";
/// Reading, list of texts: the ids of the host assets on which its instances run. Rescheduling is no change.
pub const INSTANCES_HOSTS: &str = "instances.hosts";
/// Reading, int: how often its instances were restarted.
pub const INSTANCES_RESTARTS: &str = "instances.restarts";
/// Table of instances that differ from their group or from what it declares: key is the instance, each a table of what differs
/// (text to text, such as `image` to `sha256:…`). Empty where all are alike; unknown where they cannot be compared.
pub const INSTANCES_DIFFER: &str = "instances.differ";

/// Table of the images that a workload of several containers runs: key is the container's name, each a table of `image` (text), and where
/// known `digest` (text: `sha256:…` of what truly runs). [`IMAGE`] and [`IMAGE_DIGESTS`] then speak of the main one.
pub const IMAGES: &str = "images";
/// Text: the commit of the source that was built, where the platform or the image says so.
pub const SOURCE_COMMIT: &str = "source.commit";
/// Text: the platform's id of the release that runs.
pub const RELEASE: &str = "release";

/// Bool: whether plain HTTP is answered with a redirect to HTTPS and nothing else.
pub const HTTPS_FORCED: &str = "https.forced";
/// List of texts: from where it can be reached, in CIDR; absent or unknown where nothing says so.
pub const SOURCES_ALLOWED: &str = "sources.allowed";
/// List of texts: the host names or addresses under which it is reached.
pub const HOSTNAMES: &str = "hostnames";
/// Text, RFC 3339: when a certificate ends.
pub const CERTIFICATE_EXPIRES: &str = "certificate.expires";
/// Text: who issued a certificate.
pub const CERTIFICATE_ISSUER: &str = "certificate.issuer";
/// Text: the platform's word for a certificate's state.
pub const CERTIFICATE_STATE: &str = "certificate.state";

/// Table: the names of the secrets that it is given, each with the platform's own digest of its value (text), or an
/// empty text where there is none. Never a value.
pub const SECRETS: &str = "secrets";
/// Text: the service account that it acts under.
pub const SERVICE_ACCOUNT: &str = "service-account";
/// Bool: whether the token of its service account is mounted.
pub const SERVICE_ACCOUNT_TOKEN: &str = "service-account.token";

/// Bool: whether backups or snapshots are taken by themselves.
pub const BACKUP_ENABLED: &str = "backup.enabled";
/// Reading, text, RFC 3339: when the newest restorable backup or snapshot was taken.
pub const BACKUP_LATEST: &str = "backup.latest";
/// Int: for how many days backups are kept.
pub const BACKUP_RETENTION_DAYS: &str = "backup.retention-days";
/// List of texts: where logs are shipped to, as `kind name`; empty where the platform says that they are shipped nowhere.
pub const LOGS_DESTINATIONS: &str = "logs.destinations";
/// Text, RFC 3339: when support for this version ends.
pub const END_OF_LIFE: &str = "end-of-life";
/// Bool: whether the platform keeps it patched.
pub const PATCHES_MANAGED: &str = "patches.managed";
/// Int: the size of storage, in bytes.
pub const SIZE_BYTES: &str = "size-bytes";
/// Text: the key that encrypts it, by the name the platform has for it.
pub const ENCRYPTION_KEY: &str = "encryption.key";
/// Text: when the platform says that it was made, RFC 3339.
pub const CREATED: &str = "created";

/// Bool: whether a branch is protected: nobody pushes to it past its rules.
pub const BRANCH_PROTECTED: &str = "branch.protected";
/// Int: how many approvals a branch asks for before code is merged into it.
pub const BRANCH_APPROVALS_REQUIRED: &str = "branch.approvals-required";
/// List of texts: the tests that a branch asks for before code is merged into it.
pub const BRANCH_CHECKS_REQUIRED: &str = "branch.checks-required";
/// Bool: whether a branch refuses to be rewritten.
pub const BRANCH_FORCE_PUSH_REFUSED: &str = "branch.force-push-refused";

/// The facts that are security controls: how a system is reached, what it may do, how it is encrypted and backed up, who
/// may act for it, where its logs go, and what guards the code that it comes from. A policy's `security-facts` are these where it does not say.
pub const SECURITY: &[&str] = &[
    PORTS,
    SOURCES_ALLOWED,
    HTTPS_FORCED,
    NETWORK_MODE,
    NETWORK_INTERNAL,
    PRIVILEGED,
    CAPABILITIES_ADDED,
    CAPABILITIES_DROPPED,
    NAMESPACES_HOST,
    SECURITY_OPTIONS,
    USER,
    USER_ROOT,
    READONLY_ROOT,
    MOUNTS,
    DEVICES,
    CLOCK_SETTABLE,
    ENCRYPTED_AT_REST,
    ENCRYPTION_METHOD,
    ENCRYPTION_KEY,
    BACKUP_ENABLED,
    BACKUP_RETENTION_DAYS,
    SECRETS,
    SERVICE_ACCOUNT,
    SERVICE_ACCOUNT_TOKEN,
    LOGS_DESTINATIONS,
    LOG_DRIVER,
    BRANCH_PROTECTED,
    BRANCH_APPROVALS_REQUIRED,
    BRANCH_CHECKS_REQUIRED,
    BRANCH_FORCE_PUSH_REFUSED,
    CERTIFICATE_ISSUER,
    PATCHES_MANAGED,
    SENSITIVE,
];

/// Every name above. A source of a house's own may claim others.
pub const ALL: &[&str] = &[
    ENVIRONMENT,
    STATE,
    STATE_WANTED,
    IMAGE,
    IMAGE_ID,
    IMAGE_DIGESTS,
    IMAGE_CREATED,
    PORTS,
    PASSING,
    PORTS_CHOSEN,
    PORTS_UNHELD,
    PORTS_LIVE,
    NETWORK_MODE,
    NETWORK_INTERNAL,
    ENGINE_SOCKET,
    PRIVILEGED,
    CAPABILITIES_ADDED,
    CAPABILITIES_DROPPED,
    NAMESPACES_HOST,
    SECURITY_OPTIONS,
    USER,
    USER_ROOT,
    READONLY_ROOT,
    MOUNTS,
    DEVICES,
    CLOCK_SETTABLE,
    ENV,
    COMMAND,
    ENTRYPOINT,
    RESTART_POLICY,
    LOG_DRIVER,
    HEALTH_CHECKED,
    HEALTH,
    CLOCK_SYNCHRONISED,
    CLOCK_DAEMON,
    CLOCK_MAX_ERROR_US,
    CLOCK_OFFSET_US,
    CLOCK_SKEW_MS,
    CLOCK_SKEW_BOUND_MS,
    ENCRYPTED_AT_REST,
    ENCRYPTION_METHOD,
    MOUNTPOINT,
    MOUNTPOINTS,
    FILESYSTEM_TYPE,
    DRIVER,
    OS,
    KERNEL,
    ARCHITECTURE,
    VERSION,
    API_VERSION,
    SENSITIVE,
    PLATFORM,
    PLATFORM_KIND,
    REGION,
    REPLICAS,
    AUTOSCALING,
    INSTANCES_RUNNING,
    INSTANCES_HOSTS,
    INSTANCES_RESTARTS,
    INSTANCES_DIFFER,
    IMAGES,
    SOURCE_COMMIT,
    RELEASE,
    HTTPS_FORCED,
    SOURCES_ALLOWED,
    HOSTNAMES,
    CERTIFICATE_EXPIRES,
    CERTIFICATE_ISSUER,
    CERTIFICATE_STATE,
    SECRETS,
    SERVICE_ACCOUNT,
    SERVICE_ACCOUNT_TOKEN,
    BACKUP_ENABLED,
    BACKUP_LATEST,
    BACKUP_RETENTION_DAYS,
    LOGS_DESTINATIONS,
    END_OF_LIFE,
    PATCHES_MANAGED,
    SIZE_BYTES,
    ENCRYPTION_KEY,
    CREATED,
    BRANCH_PROTECTED,
    BRANCH_APPROVALS_REQUIRED,
    BRANCH_CHECKS_REQUIRED,
    BRANCH_FORCE_PUSH_REFUSED,
];

#[cfg(test)]
mod tests {
    #[test]
    fn list_of_all_misses_none() {
        let text = include_str!("fact.rs");
        let (text, _) = text.split_once("pub const ALL").unwrap();
        let names = text
            .lines()
            .filter(|line| line.starts_with("pub const ") && line.contains(": &str ="));
        assert_eq!(names.count(), super::ALL.len());
    }
}
