//! What a collector needs: the trait, the harvest, HTTP, redaction, and the test kit.
