//! Collector: a Docker Engine, or Podman through the same calls.
