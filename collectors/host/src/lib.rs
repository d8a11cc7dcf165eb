//! Collector: the machine that Plimsoll runs on.
