//! Embedding needs the folder of the built front end to exist, and must see new files in it.

use std::path::Path;

fn main() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nc-app-frontend/dist");
    // A missing folder would fail the build of a server that is used without its UI. A failure here
    // shows up as that very error, so there is nothing to report.
    let _ = std::fs::create_dir_all(&dist);
    println!("cargo:rerun-if-changed={}", dist.display());
}
