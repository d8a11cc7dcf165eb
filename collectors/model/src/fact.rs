//! The names of facts that collectors and baselines agree on, each with its shape.
//!
//! A source may claim others under names of its own: they are kept, compared and shown, and custom rules
//! can ask for them. Units are in the names. The shapes here are those of [`Value`](crate::Value).

/// Facts whose list has an order that means something; every other list is a set.
pub const ORDERED: &[&str] = &[COMMAND, ENTRYPOINT];

/// Text: the platform's own word for production, staging or development.
pub const ENVIRONMENT: &str = "environment";
/// Text: `running`, `stopped`, `paused`, `restarting`, `created`, `dead`.
pub const STATE: &str = "state";

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
/// Unknown where exposure cannot be seen; an empty table where nothing listens.
pub const PORTS: &str = "ports";
/// Text: the network mode that was asked for: `bridge`, `host`, `none`, a network's name.
pub const NETWORK_MODE: &str = "network.mode";
/// Bool: whether a network has no way out.
pub const NETWORK_INTERNAL: &str = "network.internal";

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
