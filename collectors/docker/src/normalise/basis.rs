//! What claims rest on: one shared text a field, so that a claim costs no allocation for its basis.

use std::sync::{Arc, LazyLock};

use plimsoll_model::{Claim, Text, Value};

/// The call and field that a claim rests on.
pub(crate) type Basis = LazyLock<Arc<str>>;

macro_rules! bases {
    ($($name:ident = $text:literal;)*) => {
        $(pub(crate) static $name: Basis = LazyLock::new(|| Arc::from($text));)*
    };
}

bases! {
    CREATED = "GET /containers/{id}/json Created";
    STATE = "GET /containers/{id}/json State.Status";
    HEALTH = "GET /containers/{id}/json State.Health.Status";
    IMAGE = "GET /containers/{id}/json Config.Image";
    IMAGE_ID = "GET /containers/{id}/json Image";
    DIGESTS = "GET /images/json RepoDigests";
    PORTS = "GET /containers/{id}/json HostConfig.PortBindings, NetworkSettings.Ports";
    PORTS_CHOSEN = "GET /containers/{id}/json NetworkSettings.Ports";
    STATE_WANTED = "GET /containers/{id}/json State.Status, HostConfig.RestartPolicy";
    NOT_STARTED = "it was made and has not been started since";
    ENDED = "it has ended, and its engine does not tell whether by itself or because somebody stopped it";
    NETWORK_MODE = "GET /containers/{id}/json HostConfig.NetworkMode";
    PRIVILEGED = "GET /containers/{id}/json HostConfig.Privileged";
    CAP_ADD = "GET /containers/{id}/json HostConfig.CapAdd";
    CAP_DROP = "GET /containers/{id}/json HostConfig.CapDrop";
    NAMESPACES = "GET /containers/{id}/json HostConfig.NetworkMode, PidMode, IpcMode, UTSMode, UsernsMode, CgroupnsMode";
    CGROUPNS = "GET /containers/{id}/json HostConfig.CgroupnsMode";
    SECURITY = "GET /containers/{id}/json HostConfig.SecurityOpt, GET /info SecurityOptions";
    USER = "GET /containers/{id}/json Config.User";
    IMAGE_USER = "GET /images/{id}/json Config.User";
    READONLY = "GET /containers/{id}/json HostConfig.ReadonlyRootfs";
    MOUNTS = "GET /containers/{id}/json Mounts, HostConfig.Tmpfs";
    DEVICES = "GET /containers/{id}/json HostConfig.Devices, DeviceRequests";
    CLOCK_SETTABLE = "GET /containers/{id}/json HostConfig.Privileged, CapAdd, CapDrop";
    ENV = "GET /containers/{id}/json Config.Env";
    COMMAND = "GET /containers/{id}/json Config.Cmd";
    ENTRYPOINT = "GET /containers/{id}/json Config.Entrypoint";
    RESTART = "GET /containers/{id}/json HostConfig.RestartPolicy";
    LOG_DRIVER = "GET /containers/{id}/json HostConfig.LogConfig.Type";
    LOG_OPTIONS = "GET /containers/{id}/json HostConfig.LogConfig.Config";
    HEALTHCHECK = "GET /containers/{id}/json Config.Healthcheck.Test";
    LISTED_STATE = "GET /containers/json State";
    LISTED_IMAGE = "GET /containers/json Image";
    LISTED_IMAGE_ID = "GET /containers/json ImageID";
    LISTED_MOUNTS = "GET /containers/json Mounts";
    LISTED_MODE = "GET /containers/json HostConfig.NetworkMode";
    IMAGES_ID = "GET /images/json Id";
    IMAGES_CREATED = "GET /images/json Created";
    IMAGE_CREATED = "GET /images/{id}/json Created";
    IMAGE_OS = "GET /images/{id}/json Os";
    IMAGE_ARCHITECTURE = "GET /images/{id}/json Architecture";
    NETWORK = "GET /networks Driver";
    NETWORK_SCOPE = "GET /networks Scope";
    NETWORK_INTERNAL = "GET /networks Internal";
    NETWORK_ATTACHABLE = "GET /networks Attachable";
    NETWORK_IPV6 = "GET /networks EnableIPv6";
    NETWORK_SUBNETS = "GET /networks IPAM.Config";
    NETWORK_OPTIONS = "GET /networks Options";
    VOLUME_DRIVER = "GET /volumes Driver";
    VOLUME_MOUNTPOINT = "GET /volumes Mountpoint";
    VOLUME_DEVICE = "GET /volumes Options.device";
    VOLUME_OPTIONS = "GET /volumes Options";
    ENGINE_VERSION = "GET /version Version";
    ENGINE_API = "GET /version ApiVersion";
    INFO_OS = "GET /info OperatingSystem";
    INFO_KERNEL = "GET /info KernelVersion";
    INFO_ARCHITECTURE = "GET /info Architecture";
    INFO_DRIVER = "GET /info Driver";
    INFO_LOG_DRIVER = "GET /info LoggingDriver";
    INFO_ROOT = "GET /info DockerRootDir";
    INFO_SECURITY = "GET /info SecurityOptions";
    INFO_LIVE_RESTORE = "GET /info LiveRestoreEnabled";
    INFO_CLOCK = "GET /info SystemTime against our clock, less half the round trip";
    API_ENDPOINT = "the connection that this was read over";
    API_PORTS = "the connection that this was read over, GET /info Warnings";
    UNSAID = "the engine does not say";
    NOT_INSPECTED = "the container could not be looked at closely";
    NO_NETWORKS = "the networks could not be listed: one of them may give it an address of its own on the host's network";
    NO_IMAGES = "the images could not be listed";
    IMAGE_GONE = "its image is no longer on the host";
    IMAGE_UNSEEN = "its image, which may name a user, could not be looked at closely";
    USER_NAMED = "a user's name does not say its number: the image may give it number 0";
    STATE_WORD = "the engine gives a state that is not known here";
    HOST_NETWORK = "shares the host's network: what it listens on shows on the host alone";
    OTHER_NETWORK = "shares another container's network, which publishes ports: which of them lead here cannot be seen";
    HIDDEN_NETWORK = "shares the network of another container, which could not be looked at closely: what leads there is not known";
    NOT_TOLD = "hangs on what the engine tells of itself: let GET /info through";
    MESH_NETWORK = "joins a swarm's routing mesh: its ports are published by the swarm, not here";
    LAN_NETWORK = "has an address of its own on the host's network (macvlan or ipvlan): whatever it listens on can be reached there";
    VOLUME_BELOW = "the engine does not say: it hangs on the host's file system below the mount point";
    VOLUME_DEVICE_BELOW = "the engine does not say: the data lies on a block device that a volume option names";
    VOLUME_REMOTE = "the engine does not say: the data lies on a file system elsewhere";
    VOLUME_MEMORY = "the engine does not say: the data lies in memory, or in swap";
    VOLUME_PLUGIN = "the engine does not say: the data is kept by a volume plugin";
}

/// A reported value.
pub(crate) fn reported(value: impl Into<Value>, basis: &Basis) -> Claim {
    Claim::reported(value).by(Arc::clone(basis))
}

/// A claim that something is not known.
pub(crate) fn unknown(reason: &Basis) -> Claim {
    Claim::unknown(Arc::clone(reason))
}

/// A yes or no, or unknown where the engine does not say.
pub(crate) fn yes(value: Option<bool>, basis: &Basis) -> Claim {
    value.map_or_else(|| unknown(&UNSAID), |value| reported(value, basis))
}

/// A word, or unknown where the engine does not say or says nothing.
pub(crate) fn said(value: Option<&Text>, basis: &Basis) -> Claim {
    match value {
        Some(value) if !value.is_empty() => reported(super::word(value), basis),
        _ => unknown(&UNSAID),
    }
}
