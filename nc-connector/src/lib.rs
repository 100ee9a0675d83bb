//! The Nextcloud connector. Its feature has an issue of its own; until then the crate holds its place in the workspace.
